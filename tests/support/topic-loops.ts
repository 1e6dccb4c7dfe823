import { actOnLoop } from './loops.js';
import { openPreparationRoom, type PreparationRoom } from './preparation-room.js';
import { ids, insertBaseModel } from './rows.js';

/** Loops that ask about the topics of 40 texts; people, training and evaluations are played. */
export interface TopicLoops extends AsyncDisposable {
  readonly room: PreparationRoom;
  /** Ids of the graph. */
  readonly versionId: string;
  readonly baseModelId: string;
  /** A classifier of the topics. */
  readonly startModelId: string;
  /** Of `createFeedbackLoop`: two rounds of four rows. */
  inputOf(more?: Record<string, unknown>): Record<string, unknown>;
  /** Creates a loop; returns its id. */
  created(more?: Record<string, unknown>): Promise<string>;
  /** How many rows there are of all that steps make. */
  countAll(): Promise<Record<string, number>>;
}

const madeBySteps = [
  'feedback_tasks',
  'preparations',
  'experiments',
  'evaluations',
  'jobs',
  'feedback_loop_rounds',
  'feedback_loop_events',
  'project_events',
  'datasets',
];

export async function openTopicLoops(): Promise<TopicLoops> {
  const room = await openPreparationRoom();
  const { dataSource, projectId } = room.api;
  const lines = Array.from({ length: 40 }, (_, i) => {
    const topic = i % 2 === 0 ? 'sport' : 'food';
    return `about ${topic} ${i},${topic}`;
  });
  const upload = await room.upload(`text,label\n${lines.join('\n')}\n`);
  const versionId = (await room.prepare({ sources: [{ upload: { uploadId: upload } }] })).id;
  const baseModelId = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'a base' }));
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['food', 'sport'] }];
  const startModelId = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'a start', heads }));
  const inputOf = (more: Record<string, unknown> = {}) => ({
    name: 'topics',
    baseModelId,
    startModelId,
    rounds: 2,
    ask: { uncertain: { datasetVersionId: versionId, split: 'train', classes: ['sport', 'food'], most: 4 } },
    training: { method: { supervised: {} } },
    measuring: { datasetVersionId: versionId, split: 'test' },
    ...more,
  });
  return {
    room,
    versionId,
    baseModelId,
    startModelId,
    inputOf,
    async created(more = {}) {
      const { id, problems } = await actOnLoop(room.api, 'createFeedbackLoop', inputOf(more));
      if (problems !== undefined) throw new Error(JSON.stringify(problems));
      return id;
    },
    async countAll() {
      const counts: Record<string, number> = {};
      for (const table of madeBySteps) {
        const [row] = await dataSource.query(`SELECT count(*)::int AS count FROM ${table}`);
        counts[table] = row.count;
      }
      return counts;
    },
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}
