import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { inTransaction, poolQuery } from '../../../src/database/transaction.js';
import { lockFeedbackTask } from '../../../src/feedback/feedback-task.reads.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { claimDueLoop, releaseLoop } from '../../../src/loops/claim-due-loop.js';
import type { LoopTools } from '../../../src/loops/steps/step.js';
import { changeTaskStatus } from '../../../src/protocol/sql/feedback-log.js';
import { insertFeedbackItems } from '../../../src/protocol/sql/insert-feedback-items.js';
import { claimItem, mutate, submitFeedback } from '../../support/feedback.js';
import { itemContent } from '../../support/feedback-rows.js';
import { actOnLoop, doTheirPart, stateOf, step } from '../../support/loops.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { ids, insertBaseModel, tinyLlama } from '../../support/rows.js';

/** A reward model judges pairs of a round. Its rewards are the lengths of answers, in units of ten characters. */

let room: PreparationRoom;
let versionId: string;
let writerId: string;
let judgeId: string;

const reward = {
  kind: 'reward' as const,
  task: 'reward',
  mean: 0,
  scale: 2,
  evidence: { pairs: 100, right: 90, low: 0.82, high: 0.94 },
  templateTime: null,
};

beforeAll(async () => {
  room = await openPreparationRoom();
  const { api } = room;
  const upload = await room.upload(`text\n${Array.from({ length: 40 }, (_, i) => `prompt ${i}`).join('\n')}\n`);
  versionId = (await room.prepare({ sources: [{ upload: { uploadId: upload } }] })).id;
  const insert = (name: string, heads: (typeof reward)[]) =>
    insertBaseModel(api.dataSource, api.projectId, { name, manifest: tinyLlama, heads });
  writerId = ids.baseModel(await insert('writes', []));
  judgeId = ids.baseModel(await insert('judges', [reward]));
});
afterAll(() => room[Symbol.asyncDispose]());

const answers = [
  ['', 'x'.repeat(40)],
  ['x'.repeat(11), 'x'.repeat(10)],
  ['same', 'size'],
  ['x'.repeat(30), 'x'.repeat(5)],
] as const;

const predictions: LoopTools['predictions'] = {
  predict: async ({ pairs }) => ({
    id: '',
    model: null as never,
    texts: pairs!.map((text) => ({
      truncated: false,
      tasks: [{ kind: 'reward' as const, task: 'reward', value: text.length / 10 }],
    })) as never,
  }),
};

let loopId: string;

const inputOf = (judge: object, more: Record<string, unknown> = {}) => ({
  name: 'judged',
  baseModelId: writerId,
  rounds: 1,
  ask: { pairs: { datasetVersionId: versionId, promptColumn: 'text', split: 'train', most: 4, judge } },
  training: { method: { preferenceOptimization: {} } },
  measuring: { datasetVersionId: versionId, split: 'test', textColumn: 'text' },
  ...more,
});

/** A loop whose first round has its items, of which nobody was asked. */
async function begun(judge: object): Promise<string> {
  const { api } = room;
  const { id, problems } = await actOnLoop(api, 'createFeedbackLoop', inputOf({ modelId: judgeId, ...judge }));
  expect(problems).toBeUndefined();
  for (let steps = 0; (await stateOf(api, id)).round.taskId === null && steps < 10; steps++) {
    await step(api, id);
    if ((await stateOf(api, id)).round.step === 'MEASURING') await doTheirPart(api, id);
  }
  const { taskId } = (await stateOf(api, id)).round;
  await inTransaction(api.dataSource, async ({ query }) => {
    const task = await lockFeedbackTask(query, taskId!);
    const items = answers.map((pair, i) => ({
      content: itemContent({ prompt: `prompt ${i}`, answers: [...pair], group: `g${i}` }),
      gold: null,
      priority: null,
      prediction: null,
    }));
    await insertFeedbackItems(query, taskId!, 1, items);
    await changeTaskStatus(query, task!, 'PAUSED', null);
  });
  return id;
}

async function itemsOf(id: string) {
  const { taskId } = (await stateOf(room.api, id)).round;
  return room.api.dataSource.query(
    `SELECT i.settled_at IS NOT NULL AS settled, i.settled_category AS category, i.model_judgement AS judgement,
            t.status, t.settled_count::int AS "settledCount"
       FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id WHERE t.id = $1 ORDER BY i.position`,
    [taskId],
  );
}

beforeEach(async () => {
  if (loopId !== undefined) await actOnLoop(room.api, 'endFeedbackLoop', { loopId });
});

test('people get the pairs that it is least sure of, and what it judged is learnt beside what they say', async () => {
  const { api } = room;
  loopId = await begun({ toPeople: 2 });
  const query = poolQuery(api.dataSource);
  const uuid = parseGlobalId(loopId)!.uuid;
  expect(await claimDueLoop(query, 60, [])).toBe(uuid);
  await releaseLoop(query, uuid, 0);
  await step(api, loopId, { predictions });
  const items = await itemsOf(loopId);
  expect(items.map(({ settled, category }: Record<string, unknown>) => [settled, category])).toEqual([
    [true, 'b'],
    [false, null],
    [false, null],
    [true, 'a'],
  ]);
  const { modelId, ...judgement } = items[3].judgement;
  expect(modelId).toBe(parseGlobalId(judgeId)!.uuid);
  // σ(2.5 · 2): the difference of the rewards, as the head gives it.
  expect(judgement).toEqual({ preferred: 'a', gap: 2.5, probability: 1 / (1 + Math.exp(-5)) });
  expect(items[0]).toMatchObject({ status: 'OPEN', settledCount: 2 });
  expect((await stateOf(api, loopId)).round.modelJudgedCount).toBe(2);
  // It waits for people now.
  expect(await claimDueLoop(query, 60, [])).toBeNull();
  const taskId = globalId('FeedbackTask', (await stateOf(api, loopId)).round.taskId!);
  // Where somebody pauses the task, nothing is judged again, nor opened.
  await mutate(api, 'pauseFeedbackTask', 'FeedbackTask { status }', { taskId });
  await step(api, loopId, { predictions });
  expect(await itemsOf(loopId)).toMatchObject(items.map(() => ({ status: 'PAUSED', settledCount: 2 })));
  await mutate(api, 'resumeFeedbackTask', 'FeedbackTask { status }', { taskId });
  for (let answered = 0; answered < 2; answered++) {
    const { claim } = await claimItem(api, taskId);
    await submitFeedback(api, claim!.id, { pairwise: { preferred: 'b', strength: 1 } });
  }
  for (let steps = 0; (await stateOf(api, loopId)).round.step !== 'TRAINING' && steps < 10; steps++) {
    await step(api, loopId, { predictions });
    await doTheirPart(api, loopId);
  }
  const rows = await room.rowsOf({ id: ids.version((await stateOf(api, loopId)).round.datasetVersionId!) });
  expect(rows.map(({ chosen, rejected, answerCount }) => [chosen, rejected, answerCount]).sort()).toEqual(
    [
      ['x'.repeat(40), '', 0],
      ['x'.repeat(10), 'x'.repeat(11), 1],
      ['size', 'same', 1],
      ['x'.repeat(30), 'x'.repeat(5), 0],
    ].sort(),
  );
}, 60_000);

test('items are locked in the order of their ids, so that judging them anew meanwhile ends in no deadlock', async () => {
  const { dataSource } = room.api;
  loopId = await begun({ toPeople: 2 });
  const { taskId } = (await stateOf(room.api, loopId)).round;
  const idOf = (position: number) => `00000000-0000-4000-8000-00000000000${9 - position}`;
  for (const [i] of answers.entries()) {
    await dataSource.query('UPDATE feedback_items SET id = $3 WHERE task_id = $1 AND position = $2', [
      taskId,
      i + 1,
      idOf(i + 1),
    ]);
  }
  const lock = 'SELECT 1 FROM feedback_items WHERE id = $1 FOR NO KEY UPDATE';
  let judging: Promise<number>;
  await inTransaction(dataSource, async ({ query }) => {
    // The first by id is the last by position.
    await query(lock, [idOf(4)]);
    judging = step(room.api, loopId, { predictions });
    await vi.waitFor(async () => {
      const waiting = await dataSource.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND query LIKE '%feedback_items%'`,
      );
      expect(waiting).toHaveLength(1);
    }, 30_000);
    // Whoever waits for the first holds no other.
    for (const position of [3, 2, 1]) await query(`${lock} NOWAIT`, [idOf(position)]);
  });
  await judging!;
  expect((await stateOf(room.api, loopId)).round.modelJudgedCount).toBe(2);
}, 60_000);

test('without people, the task is closed at once, and pairs of equal rewards are left out', async () => {
  const { api } = room;
  loopId = await begun({});
  await step(api, loopId, { predictions });
  expect(await itemsOf(loopId)).toMatchObject([
    { status: 'CLOSED', settledCount: 4, judgement: { preferred: 'b' } },
    { judgement: { preferred: 'a' } },
    { judgement: null },
    { judgement: { preferred: 'a' } },
  ]);
  for (let steps = 0; (await stateOf(api, loopId)).round.step !== 'TRAINING' && steps < 10; steps++) {
    await step(api, loopId, { predictions });
    await doTheirPart(api, loopId);
  }
  const { round, loop } = await stateOf(api, loopId);
  expect(loop).toMatchObject({ status: 'RUNNING', problem: null });
  expect(await room.rowsOf({ id: ids.version(round.datasetVersionId!) })).toHaveLength(3);
}, 60_000);

test('a pair with an answer that has no reward is judged no more than one of equal rewards', async () => {
  loopId = await begun({ toPeople: 1 });
  const predict: LoopTools['predictions']['predict'] = async (input) => {
    const { texts, ...rest } = await predictions.predict(input);
    const unread = texts.map((each, i) =>
      input.pairs![i] === ''
        ? { ...each, tasks: [{ kind: 'reward' as const, task: '', value: null, output: null }] }
        : each,
    );
    return { ...rest, texts: unread };
  };
  await step(room.api, loopId, { predictions: { predict } });
  expect(await itemsOf(loopId)).toMatchObject([
    { settled: false, judgement: null },
    { settled: true, judgement: { preferred: 'a' } },
    { settled: true, judgement: null },
    { settled: true, judgement: { preferred: 'a' } },
  ]);
}, 60_000);

test('what can not judge, or not be learnt, is refused', async () => {
  const refusals = async (judge: object, more: Record<string, unknown> = {}) => {
    const { problems } = await actOnLoop(room.api, 'createFeedbackLoop', inputOf(judge, more));
    return (problems ?? []).map(({ path, code }) => [path.join('.'), code]);
  };
  const at = 'ask.pairs.judge';
  const posterior = { policy: { posterior: {} }, people: { overlap: { atLeast: 1, atMost: 3 } } };
  expect(await refusals({ modelId: writerId })).toEqual([[`${at}.modelId`, 'NO_HEAD']]);
  expect(await refusals({ modelId: judgeId, toPeople: 4 })).toEqual([[`${at}.toPeople`, 'INVALID_VALUE']]);
  expect(await refusals({ modelId: judgeId }, posterior)).toEqual([['policy', 'INVALID_VALUE']]);
  expect(await refusals({ modelId: judgeId, toPeople: 1 }, posterior)).toEqual([]);
  const chance = { ...reward, evidence: { pairs: 100, right: 52, low: 0.42, high: 0.62 } };
  const unsure = await insertBaseModel(room.api.dataSource, room.api.projectId, {
    name: 'guesses',
    manifest: tinyLlama,
    heads: [chance],
  });
  expect(await refusals({ modelId: ids.baseModel(unsure) })).toEqual([[`${at}.modelId`, 'UNSUPPORTED_MODEL']]);
  const remove = (id: string) =>
    room.api.request<{ deleteModel: { problems?: { code: string }[] } }>(
      'mutation ($input: DeleteModelInput!) { deleteModel(input: $input) { ... on Problems { problems { code } } } }',
      { input: { modelId: id, dryRun: true } },
    );
  expect((await remove(judgeId)).deleteModel.problems).toMatchObject([{ code: 'IN_USE' }]);
});
