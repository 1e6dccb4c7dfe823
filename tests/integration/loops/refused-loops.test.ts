import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actOnLoop } from '../../support/loops.js';
import { ids, insertBaseModel, tinyLlama } from '../../support/rows.js';
import { openTopicLoops, type TopicLoops } from '../../support/topic-loops.js';

/** Loops that could not be asked, trained, measured or judged are refused before anybody answers. */

let loops: TopicLoops;
let room: TopicLoops['room'];
let versionId: TopicLoops['versionId'];
let baseModelId: TopicLoops['baseModelId'];
let inputOf: TopicLoops['inputOf'];
let countAll: TopicLoops['countAll'];

beforeAll(async () => {
  loops = await openTopicLoops();
  ({ room, versionId, baseModelId, inputOf, countAll } = loops);
});
afterAll(() => loops?.[Symbol.asyncDispose]());

describe('what can not be is refused when a loop is created', () => {
  const refusals = async (more: Record<string, unknown>) => {
    const { problems } = await actOnLoop(room.api, 'createFeedbackLoop', inputOf(more));
    return (problems ?? []).map(({ path, code }) => [path.join('.'), code]);
  };
  const uncertain = (more: Record<string, unknown>) => ({
    ask: { uncertain: { datasetVersionId: versionId, split: 'train', classes: ['sport', 'food'], most: 4, ...more } },
  });

  test('with the place in the input', async () => {
    expect(await refusals(uncertain({ split: 'trian' }))).toEqual([['ask.uncertain.split', 'UNKNOWN_SPLIT']]);
    expect(await refusals(uncertain({ classes: ['one'] }))).toEqual([['ask.uncertain.classes', 'INVALID_VALUE']]);
    expect(await refusals(uncertain({ textColumn: 'body' }))).toEqual([['ask.uncertain.textColumn', 'UNKNOWN_COLUMN']]);
    expect(await refusals(uncertain({ most: 0 }))).toEqual([['ask.uncertain.most', 'INVALID_VALUE']]);
    expect(await refusals({ startModelId: baseModelId })).toEqual([['startModelId', 'NO_HEAD']]);
    expect(await refusals({ rounds: 21, name: '' })).toEqual([
      ['name', 'INVALID_VALUE'],
      ['rounds', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ measuring: null })).toEqual([['measuring', 'REQUIRED']]);
    expect(await refusals({ measuring: { datasetVersionId: versionId, split: 'tset' } })).toEqual([
      ['measuring.split', 'UNKNOWN_SPLIT'],
    ]);
    expect(await refusals({ alias: 'no alias' })).toEqual([['alias', 'INVALID_VALUE']]);
    expect(await refusals({ gate: { margin: -1, significance: 1 } })).toEqual([
      ['gate.margin', 'INVALID_VALUE'],
      ['gate.significance', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ people: { claimSeconds: 0, overlap: { atLeast: 0 } } })).toEqual([
      ['people.overlap.atLeast', 'INVALID_VALUE'],
      ['people.claimSeconds', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ training: { method: { languageModelling: { textColumn: 'text' } } } })).toEqual([
      ['training.method', 'INVALID_VALUE'],
    ]);
    expect(
      await refusals({
        startDataId: versionId,
        training: { method: { supervised: {} }, hyperparameters: { epochs: 0 } },
      }),
    ).toEqual([['training.hyperparameters.epochs', 'INVALID_VALUE']]);
  });

  test('how rounds learn, without any row that says it', async () => {
    const learning = (training: Record<string, unknown>) => refusals({ training });
    expect(await learning({ method: { supervised: {} }, hyperparameters: { epochs: 0, learningRate: -1 } })).toEqual([
      ['training.hyperparameters.learningRate', 'INVALID_VALUE'],
      ['training.hyperparameters.epochs', 'INVALID_VALUE'],
    ]);
    expect(await learning({ method: { supervised: { labelColumn: 'topic' } } })).toEqual([
      ['training.method.supervised.labelColumn', 'UNKNOWN_COLUMN'],
    ]);
    expect(await learning({ method: { supervised: { textColumn: 'text', labelColumn: 'label' } } })).toEqual([]);
    const writerId = ids.baseModel(
      await insertBaseModel(room.api.dataSource, room.api.projectId, { name: 'writes', manifest: tinyLlama }),
    );
    const pairs = (training: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      refusals({
        startModelId: null,
        ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', most: 4, writerId } },
        training,
        ...more,
      });
    // The base model reads texts in both directions.
    expect(await pairs({ method: { preferenceOptimization: {} } })).toEqual([
      ['training.method.preferenceOptimization', 'INVALID_VALUE'],
    ]);
    const decoder = { baseModelId: writerId };
    expect(await pairs({ method: { preferenceOptimization: {} } }, decoder)).toEqual([]);
    const without = { objective: { simpo: {} }, referenceModelId: writerId };
    expect(await pairs({ method: { preferenceOptimization: without } }, decoder)).toEqual([
      ['training.method.preferenceOptimization.referenceModelId', 'INVALID_VALUE'],
    ]);
    expect(await pairs({ method: { instructionTuning: {} } }, decoder)).toEqual([
      ['training.method.instructionTuning.conversation', 'REQUIRED'],
    ]);
  }, 60_000);

  test('what would waste the answers of people: what is measured, asked and promoted does not fit', async () => {
    const upload = await room.upload('body\nwithout labels\nnone either\nnor here\n');
    const plain = (await room.prepare({ sources: [{ upload: { uploadId: upload } }] })).id;
    expect(
      await refusals({ startModelId: null, measuring: { datasetVersionId: plain, split: 'train' } }),
    ).toContainEqual(['measuring.datasetVersionId', 'UNKNOWN_COLUMN']);
    expect(await refusals({ startModelId: null, ...uncertain({ classes: ['Sport', 'Food'] }) })).toEqual([
      ['ask.uncertain.classes', 'UNKNOWN_LABEL'],
    ]);
    // The labels of other splits than the measured one are no help.
    const parts = ['sport,pool', 'food,pool', 'politics,test', 'weather,test', ',blank'];
    const labelled = await room.upload(
      `text,label,part\n${parts.map((part, i) => `row number ${i},${part}`).join('\n')}\n`,
    );
    const divided = await room.prepare({ sources: [{ upload: { uploadId: labelled } }], splitColumn: 'part' });
    const on = (split: string) =>
      refusals({
        startModelId: null,
        rounds: 1,
        ...uncertain({ datasetVersionId: divided.id, split: 'pool', most: 2 }),
        measuring: { datasetVersionId: divided.id, split },
      });
    expect(await on('test')).toEqual([['ask.uncertain.classes', 'UNKNOWN_LABEL']]);
    expect(await on('blank')).toEqual([['measuring.split', 'EMPTY_SPLIT']]);
    expect(await refusals({ rounds: 20, ...uncertain({ most: 10 }) })).toEqual([['rounds', 'INVALID_VALUE']]);
    expect(await refusals(uncertain({ split: null }))).toEqual([['ask.uncertain.split', 'INVALID_VALUE']]);
    expect(await refusals({ policy: { scale: {} } })).toEqual([['policy.scale', 'INVALID_VALUE']]);
    expect(await refusals({ startModelId: null, policy: { crowdlab: {} } })).toEqual([
      ['policy.crowdlab', 'INVALID_VALUE'],
    ]);
    expect(await refusals({ leastAnswers: 2 })).toEqual([['leastAnswers', 'INVALID_VALUE']]);
    expect(await refusals({ leastAnswers: 2, people: { overlap: { atLeast: 1, atMost: 2 } } })).toEqual([]);
    expect(await refusals({ gate: { measure: 'PERPLEXITY', maxPerplexityRatio: 1.1 } })).toEqual([
      ['gate.measure', 'INVALID_VALUE'],
      ['gate.maxPerplexityRatio', 'INVALID_VALUE'],
    ]);
  }, 60_000);

  test('and leaves nothing behind', async () => {
    const before = await countAll();
    await refusals(uncertain({ split: 'trian' }));
    expect(await countAll()).toEqual(before);
  });
});
