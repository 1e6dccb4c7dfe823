import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOnLoop, doTheirPart, finishRound, stateOf, step } from '../../support/loops.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { ids, insertBaseModel, tinyLlama } from '../../support/rows.js';

/** What a loop asks and measures is changed for its next round; people, training and evaluations are played. */

let room: PreparationRoom;
let versionId: string;
let other: string;
let pairs: string;
let baseModelId: string;
let startModelId: string;
let writerId: string;

beforeAll(async () => {
  room = await openPreparationRoom();
  const { api } = room;
  const made = async (csv: string, more: object = {}) => {
    const upload = await room.upload(csv);
    return (await room.prepare({ sources: [{ upload: { uploadId: upload } }], ...more })).id;
  };
  const lines = (from: number) =>
    Array.from(
      { length: 40 },
      (_, i) => `about ${i % 2 === 0 ? 'sport' : 'food'} ${i + from},${['sport', 'food'][i % 2]}`,
    );
  versionId = await made(`text,label\n${lines(0).join('\n')}\n`);
  other = await made(`text,label\n${lines(100).join('\n')}\n`);
  const judged = Array.from({ length: 10 }, (_, i) => `prompt ${i},a thing,a long answer ${i},test`);
  pairs = await made(`prompt,chosen,rejected,part\n${judged.join('\n')}\n`, { splitColumn: 'part' });
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['food', 'sport'] }];
  const insert = (name: string, more: object = {}) =>
    insertBaseModel(api.dataSource, api.projectId, { name, ...more }).then(ids.baseModel);
  baseModelId = await insert('a base');
  startModelId = await insert('a start', { heads });
  writerId = await insert('writes', { manifest: tinyLlama });
});
afterAll(() => room[Symbol.asyncDispose]());

async function created(input: Record<string, unknown>): Promise<string> {
  const { id, problems } = await actOnLoop(room.api, 'createFeedbackLoop', { name: 'changing', ...input });
  expect(problems).toBeUndefined();
  return id;
}

const uncertain = (more: Record<string, unknown> = {}) => ({
  uncertain: { datasetVersionId: versionId, split: 'train', classes: ['sport', 'food'], most: 4, ...more },
});
const labels = () =>
  created({
    baseModelId,
    startModelId,
    rounds: 3,
    ask: uncertain(),
    training: { method: { supervised: {} } },
    measuring: { datasetVersionId: versionId, split: 'test' },
  });

const placed = ({ problems }: { readonly problems?: readonly { path: string[]; code: string }[] | undefined }) =>
  (problems ?? []).map(({ path, code }) => [path.join('.'), code]);

async function pendingOf(loopId: string): Promise<string[]> {
  const { node } = await room.api.request<{ node: { pendingChanges: string[] } }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackLoop { pendingChanges } } }',
    { id: loopId },
  );
  return node.pendingChanges;
}

test('what is asked and measured changes with the next round, and both models are measured on it', async () => {
  const { api } = room;
  const loopId = await labels();
  await step(api, loopId);
  const update = (more: Record<string, unknown>) => actOnLoop(api, 'updateFeedbackLoop', { loopId, ...more });
  const measuring = { datasetVersionId: other, split: 'test' };
  expect(await update({ measuring, ask: uncertain({ datasetVersionId: other, most: 2 }) })).toMatchObject({
    status: 'RUNNING',
  });
  expect(await pendingOf(loopId)).toEqual(['ask', 'measuring']);
  const first = await finishRound(api, loopId, { accuracy: 0.7 });
  // The first round was asked and measured as it began.
  expect(first.rounds[0]).toMatchObject({ outcome: 'PROMOTED' });
  expect(first.settings).toMatchObject({
    measuring: { ...measuring, textColumn: null },
    ask: { kind: 'uncertain', datasetVersionId: other, most: 2 },
  });
  expect(first.loop).toMatchObject({ currentEvaluationId: null, startEvaluationId: null, nextSettings: null });
  expect(await pendingOf(loopId)).toEqual([]);
  const second = await finishRound(api, loopId, { accuracy: 0.6 });
  const { scores } = second.rounds[1]!.verdict!;
  expect(scores).toEqual({ candidate: 0.6, current: 0.6, start: 0.6 });
  const versions = await api.dataSource.query(
    `SELECT DISTINCT dataset_version_id AS id, split FROM evaluations WHERE id = ANY($1::uuid[])`,
    [[second.loop.startEvaluationId, second.loop.currentEvaluationId, second.rounds[1]!.evaluationId]],
  );
  expect(versions.map(({ id, split }: { id: string; split: string }) => [ids.version(id), split])).toEqual([
    [other, 'test'],
  ]);
  await actOnLoop(api, 'endFeedbackLoop', { loopId });
}, 90_000);

test('a round that failed begins anew with what was changed', async () => {
  const { api } = room;
  const loopId = await labels();
  await step(api, loopId);
  const { loop } = await stateOf(api, loopId);
  await api.dataSource.query(`UPDATE evaluations SET status = 'FAILED' WHERE id = $1`, [loop.currentEvaluationId]);
  await step(api, loopId);
  expect((await stateOf(api, loopId)).loop.status).toBe('FAILED');
  const measuring = { datasetVersionId: other, split: 'validation' };
  await actOnLoop(api, 'updateFeedbackLoop', { loopId, measuring });
  await actOnLoop(api, 'retryFeedbackLoop', { loopId });
  const now = await stateOf(api, loopId);
  expect(now.settings.measuring).toEqual({ ...measuring, textColumn: null });
  expect(now.loop).toMatchObject({ status: 'RUNNING', currentEvaluationId: null, nextSettings: null });
  await actOnLoop(api, 'endFeedbackLoop', { loopId });
}, 60_000);

test('a gate on the scores of new measures is given with them, and counts with them', async () => {
  const { api } = room;
  const loopId = await created({
    baseModelId: writerId,
    ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', split: 'train', most: 4 } },
    training: { method: { preferenceOptimization: {} } },
    measuring: { datasetVersionId: versionId, textColumn: 'text' },
  });
  const update = (more: Record<string, unknown>) => actOnLoop(api, 'updateFeedbackLoop', { loopId, ...more });
  const gates = async () => {
    const { settings, loop } = await stateOf(api, loopId);
    return [settings.gate.maxPreferenceDrop, loop.nextSettings];
  };
  // Without the pairs there is no such score.
  expect(placed(await update({ gate: { maxPreferenceDrop: 0.1 } }))).toEqual([
    ['gate.maxPreferenceDrop', 'INVALID_VALUE'],
  ]);
  const preferences = { datasetVersionId: pairs };
  expect(placed(await update({ preferences, gate: { maxPreferenceDrop: 0.1, measure: 'SUBSET_ACCURACY' } }))).toEqual([
    ['gate.measure', 'INVALID_VALUE'],
  ]);
  expect(await pendingOf(loopId)).toEqual([]);
  expect(placed(await update({ preferences, gate: { maxPreferenceDrop: 0.1 } }))).toEqual([]);
  expect(await pendingOf(loopId)).toEqual(['gate', 'preferences']);
  expect(await gates()).toMatchObject([null, { gate: { maxPreferenceDrop: 0.1, measure: 'perplexity' } }]);
  // As long as they wait, so does another gate.
  expect(placed(await update({ gate: { maxPreferenceDrop: 0.2, measure: 'ACCURACY' } }))).toEqual([]);
  expect(await gates()).toMatchObject([null, { gate: { maxPreferenceDrop: 0.2, measure: 'accuracy' } }]);
  await step(api, loopId);
  const { loop } = await stateOf(api, loopId);
  await api.dataSource.query(`UPDATE evaluations SET status = 'FAILED' WHERE id = $1`, [loop.currentEvaluationId]);
  await step(api, loopId);
  await actOnLoop(api, 'retryFeedbackLoop', { loopId });
  expect(await gates()).toEqual([0.2, null]);
  // Of the measures that count now, a gate counts at once.
  expect(placed(await update({ gate: { maxPreferenceDrop: 0.3 } }))).toEqual([]);
  expect(await gates()).toEqual([0.3, null]);
  await actOnLoop(api, 'endFeedbackLoop', { loopId });
}, 60_000);

test('another question, or what creation refuses, is refused, and nothing changes', async () => {
  const { api } = room;
  const loopId = await labels();
  const update = async (more: Record<string, unknown>) =>
    placed(await actOnLoop(api, 'updateFeedbackLoop', { loopId, ...more }));
  expect(await update({ ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', most: 2 } } })).toEqual([
    ['ask.pairs', 'INVALID_VALUE'],
  ]);
  expect(await update({ ask: uncertain({ several: true }) })).toEqual([['ask.uncertain.several', 'INVALID_VALUE']]);
  expect(await update({ ask: uncertain({ datasetVersionId: other, most: 32 }) })).toEqual([
    ['rounds', 'INVALID_VALUE'],
  ]);
  expect(await update({ ask: uncertain({ split: 'test' }) })).toContainEqual(['ask.uncertain.split', 'INVALID_VALUE']);
  expect(await update({ measuring: { datasetVersionId: other, split: 'tset' } })).toEqual([
    ['measuring.split', 'UNKNOWN_SPLIT'],
  ]);
  expect(await update({ preferences: { datasetVersionId: pairs } })).toEqual([['preferences', 'INVALID_VALUE']]);
  expect(await pendingOf(loopId)).toEqual([]);
  await actOnLoop(api, 'endFeedbackLoop', { loopId });
}, 60_000);

test('models that write are scored on held-out pairs, too, and keep their place if they tell them less often', async () => {
  const { api } = room;
  const input = {
    baseModelId: writerId,
    rounds: 1,
    ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', split: 'train', most: 4 } },
    training: { method: { preferenceOptimization: {} } },
    preferences: { datasetVersionId: pairs },
    gate: { maxPreferenceDrop: 0.1 },
  };
  const refused = async (more: Record<string, unknown>) =>
    placed(await actOnLoop(api, 'createFeedbackLoop', { name: 'x', ...input, ...more }));
  expect(await refused({ preferences: { datasetVersionId: pairs, split: 'train' } })).toEqual([
    ['preferences.split', 'UNKNOWN_SPLIT'],
  ]);
  expect(await refused({ preferences: { datasetVersionId: other } })).toEqual([
    ['preferences.datasetVersionId', expect.any(String)],
  ]);
  expect(await refused({ preferences: null, measuring: { datasetVersionId: versionId, textColumn: 'text' } })).toEqual([
    ['gate.maxPreferenceDrop', 'INVALID_VALUE'],
  ]);
  const loopId = await created(input);
  for (let steps = 0; (await stateOf(api, loopId)).round.step !== 'ASKING' && steps < 10; steps++) {
    await step(api, loopId);
    await doTheirPart(api, loopId, { accuracy: 0.8 });
  }
  const { loop, round } = await stateOf(api, loopId);
  expect(loop.currentEvaluationId).toBeNull();
  expect(loop.currentPreferenceEvaluationId).not.toBeNull();
  expect(loop.startPreferenceEvaluationId).toBe(loop.currentPreferenceEvaluationId);
  // The round trained a model, which tells fewer pairs.
  const modelId = await insertBaseModel(api.dataSource, api.projectId, { name: 'the candidate', manifest: tinyLlama });
  await api.dataSource.query(`UPDATE feedback_loop_rounds SET step = 'EVALUATING', model_id = $2 WHERE id = $1`, [
    round.id,
    modelId,
  ]);
  const after = await finishRound(api, loopId, { accuracy: 0.6 });
  expect(after.loop).toMatchObject({ status: 'ENDED', problem: null });
  expect(after.rounds[0]).toMatchObject({
    outcome: 'KEPT',
    verdict: { reason: 'PREFERENCES_WORSE', preferenceAccuracy: { candidate: 0.6, current: 0.8, start: 0.8 } },
  });
}, 60_000);
