import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import type { RewardEvidence } from '../../../src/protocol/heads.js';
import { wilsonInterval } from '../../../src/statistics/intervals.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertExperiments } from '../../support/listed-rows.js';
import { ids, insertBaseModel, insertDataset, tinyLlama } from '../../support/rows.js';
import { rewardModellingSpec } from '../../support/specs.js';

let api: TestApi;
let version: string;
let writer: string;
beforeAll(async () => {
  api = await startTestApi();
  version = (await insertDataset(api.dataSource, api.projectId, { name: 'prompts' })).versionIds[0]!;
  writer = await insertBaseModel(api.dataSource, api.projectId, { name: 'writer', manifest: tinyLlama });
});
afterAll(() => api?.close());

async function judge(name: string, evidence: RewardEvidence | null): Promise<string> {
  const head = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence, templateTime: null } as const;
  return ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, heads: [head] }));
}

interface Answer {
  readonly id?: string;
  readonly rewards?: unknown;
  readonly problems?: readonly { readonly path: string[]; readonly code: string; readonly message: string }[];
}

async function score(modelId: string): Promise<Answer> {
  const { scoreSamples } = await api.request<{ scoreSamples: Answer }>(
    `mutation ($input: ScoreSamplesInput!) { scoreSamples(input: $input) {
       ... on ScoredSamples { id rewards { name weight by { __typename ... on RewardModelReward { modelId evaluationId evidence { pairs right low high } } } model { name } } }
       ... on Problems { problems { path code message } } } }`,
    {
      input: {
        modelId: ids.baseModel(writer),
        datasetVersionId: ids.version(version),
        promptColumn: 'text',
        rewards: [{ name: 'judge', weight: 2, by: { rewardModel: { modelId } } }],
      },
    },
  );
  return scoreSamples;
}

test('a reward model above chance scores samples, and is one of those that are used', async () => {
  const good = await judge('good judge', { pairs: 100, right: 80, low: 0.71, high: 0.87 });
  const { id, rewards } = await score(good);
  expect(rewards).toEqual([
    {
      name: 'judge',
      weight: 2,
      by: { __typename: 'RewardModelReward', modelId: good, evaluationId: null, evidence: null },
      model: { name: 'good judge' },
    },
  ]);
  const { node } = await api.request<{ node: { dependents: { nodes: unknown } } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { dependents { nodes { kind objectId name } } } } }',
    { id: good },
  );
  expect(node.dependents.nodes).toEqual([{ kind: 'SCORED_SAMPLES', objectId: id, name: 'writer, 8 samples' }]);
});

test('a reward model that may be no better than chance is refused, with the figures', async () => {
  const weak = await judge('weak judge', { pairs: 50, right: 27, low: 0.4042, high: 0.6706 });
  expect(await score(weak)).toEqual({
    problems: [
      {
        path: ['rewards', '0', 'by', 'rewardModel', 'modelId'],
        code: 'REWARD_MODEL_UNPROVEN',
        message:
          'The reward model “weak judge” is not known to be better than chance: of 50 pairs that it did not learn, it has 27 right (95 %: 0.404 to 0.671).',
      },
    ],
  });
  const unknown = await judge('unknown judge', null);
  expect((await score(unknown)).problems).toMatchObject([{ code: 'REWARD_MODEL_UNPROVEN' }]);
  expect((await score(ids.baseModel(writer))).problems).toMatchObject([{ code: 'NO_HEAD' }]);
});

const rowOf = (id: string): string => parseGlobalId(id)!.uuid;

describe('an evaluation', () => {
  const preference = {
    kind: 'pairs',
    promptColumn: 'prompt',
    chosenColumn: 'chosen',
    rejectedColumn: 'rejected',
    strengthColumn: null,
    probabilityColumn: null,
  };

  async function evaluated(modelId: string, pairs: number, right: number, more: Record<string, unknown> = {}) {
    const id = randomUUID();
    const columns = {
      project_id: api.projectId,
      base_model_id: rowOf(modelId),
      dataset_version_id: version,
      split: 'test',
      text_column: 'chosen',
      tasks: '[]',
      status: 'SUCCEEDED',
      preference: JSON.stringify(preference),
      scores: JSON.stringify([
        { kind: 'reward', task: 'reward', exampleCount: pairs, right, interval: wilsonInterval(right, pairs) },
      ]),
      findings: '[]',
      ...more,
    };
    const names = Object.keys(columns);
    await api.dataSource.query(
      `INSERT INTO evaluations (id, ${names.join(', ')}) VALUES ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')})`,
      [id, ...Object.values(columns)],
    );
    return id;
  }

  test('on more pairs that the model did not learn shows that it is above chance, and is named', async () => {
    const judged = await judge('rarely measured', { pairs: 10, right: 8, low: 0.49, high: 0.94 });
    expect((await score(judged)).problems).toMatchObject([{ code: 'REWARD_MODEL_UNPROVEN' }]);
    const evaluation = await evaluated(judged, 100, 70);
    const { rewards } = await score(judged);
    const evidence = { pairs: 100, right: 70, ...wilsonInterval(70, 100) };
    expect(rewards).toMatchObject([
      { by: { modelId: judged, evaluationId: globalId('Evaluation', evaluation), evidence } },
    ]);
    // The worker is told what the API has found.
    const [job] = await api.dataSource.query(
      `SELECT payload -> 'rewards' -> 0 -> 'source' -> 'evidence' AS evidence FROM jobs
       WHERE payload ->> 'kind' = 'scoreSamples' ORDER BY created_at DESC LIMIT 1`,
    );
    expect(job.evidence).toEqual({ ...evidence, evaluationId: evaluation });
    // The one with the most pairs counts, and not the best one.
    await evaluated(judged, 200, 104);
    await evaluated(judged, 20, 20);
    expect((await score(judged)).problems).toMatchObject([
      {
        code: 'REWARD_MODEL_UNPROVEN',
        message: expect.stringContaining('of 200 pairs that it did not learn, it has 104'),
      },
    ]);
  });

  test('shows what nobody knew of a model from elsewhere', async () => {
    const judged = await judge('from elsewhere', null);
    await evaluated(judged, 40, 35);
    expect((await score(judged)).problems).toBeUndefined();
  });

  test('counts nothing where it has failed, is smaller than what is known, or is of rows that the model learnt', async () => {
    const judged = await judge('well measured', { pairs: 60, right: 32, low: 0.41, high: 0.65 });
    await evaluated(judged, 50, 45);
    await evaluated(judged, 80, 70, { status: 'FAILED' });
    const learnt = { code: 'DUPLICATES_ACROSS_SPLITS', trainSplit: 'train', split: 'test', count: 3, examples: [] };
    await evaluated(judged, 90, 80, { findings: JSON.stringify([learnt]) });
    expect((await score(judged)).problems).toMatchObject([
      { code: 'REWARD_MODEL_UNPROVEN', message: expect.stringContaining('of 60 pairs') },
    ]);
  });

  test('of another form than the training counts nothing, since nobody can tell whether its rows were learnt', async () => {
    const { dataSource, projectId } = api;
    const place = { projectId, baseModelId: writer, datasetVersionId: version };
    const [made] = await insertExperiments(dataSource, place, [{ name: 'judging', spec: rewardModellingSpec() }]);
    const judged = await judge('trained here', { pairs: 10, right: 6, low: 0.31, high: 0.83 });
    await dataSource.query('UPDATE base_models SET produced_by_run_id = $1 WHERE id = $2', [
      made!.runId,
      rowOf(judged),
    ]);
    const thumbs = { kind: 'thumbs', promptColumn: 'prompt', completionColumn: 'chosen', thumbColumn: 'isGood' };
    await evaluated(judged, 100, 80, { preference: JSON.stringify(thumbs) });
    expect((await score(judged)).problems).toMatchObject([{ code: 'REWARD_MODEL_UNPROVEN' }]);
    await evaluated(judged, 100, 80);
    expect((await score(judged)).problems).toBeUndefined();
  });
});
