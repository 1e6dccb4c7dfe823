import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inTransaction, poolQuery } from '../../../src/database/transaction.js';
import { changeOverlap, itemsJudgedAtATime, judgeNextItems } from '../../../src/feedback/rejudge-items.js';
import { createRejudging, startRejudging } from '../../../src/feedback/rejudging.js';
import { settleByModel } from '../../../src/feedback/settle-by-model.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';

/** Items of a large task that gets another overlap: judged some at a time, by whichever process goes on. */

const mostOfCall = 10 * itemsJudgedAtATime;
const items = mostOfCall + 2 * itemsJudgedAtATime + 500;
const up = { thumbs: { up: true } };

let api: TestApi;
let person: { readonly id: string; readonly key: string };
beforeAll(async () => {
  api = await startTestApi();
  const id = await insertUser(api.dataSource, 'ann', { roles: { [api.projectId]: 'ANNOTATOR' } });
  person = { id, key: (await insertKey(api.dataSource, id)).secret };
});
afterAll(() => api?.close());

const rejudging = () => createRejudging({ dataSource: api.dataSource, agreementEnds: { look: async () => undefined } });

/** A task with one answer to each item. All are settled but the last one, and the first ones by a decision. */
async function answeredTask(
  ends: Record<string, unknown>,
  decided: number,
): Promise<{ readonly id: string; readonly uuid: string }> {
  const id = await createFeedbackTask(api, { name: 'large', question: { thumbs: {} }, overlap: { atLeast: 1 }, ends });
  const { uuid } = parseGlobalId(id)!;
  await api.dataSource.query(
    `WITH added AS (
       INSERT INTO feedback_items (task_id, position, content, group_key, wanted, answer_count, settled_at,
                                   settled_category, settled_probability, adjudicated)
       SELECT $1, i, jsonb_build_object('text', 'text ' || i, 'prompt', null, 'answers', '[]'::jsonb, 'row', null, 'group', ''),
              '', CASE WHEN i < $3 THEN 1 ELSE 2 END, 1, CASE WHEN i < $3 THEN now() END,
              CASE WHEN i < $3 THEN 'UP' END, CASE WHEN i < $3 THEN 0.8 END,
              CASE WHEN i <= $4 THEN '{"kind": "thumbs", "up": true, "reason": null}'::jsonb END
         FROM generate_series(1, $3::int) i RETURNING id
     ), claims AS (
       INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity,
                                    expires_at, ended_at)
       SELECT gen_random_uuid(), $1, id, $2, 'ANSWERED', '{}', 1, 'ORDER', 1, now(), now() FROM added
       RETURNING id, item_id
     )
     INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts,
                                   late, seconds)
     SELECT gen_random_uuid(), id, $1, item_id, $2, '{"kind": "thumbs", "up": true, "reason": null}', 'UP', 1, true, false, 1
       FROM claims`,
    [uuid, person.id, items, decided],
  );
  await api.dataSource.query(
    `UPDATE feedback_tasks SET item_count = $2::int, last_position = $2, settled_count = $2 - 1, answer_count = $2
      WHERE id = $1`,
    [uuid, items],
  );
  return { id, uuid };
}

const changeTo = (taskId: string, overlap: Record<string, number>) =>
  mutate<{ isJudgedAnew: boolean; status: string; counts: { settled: number } }>(
    api,
    'updateFeedbackTask',
    'FeedbackTask { isJudgedAnew status counts { settled } }',
    { taskId, overlap },
  );

async function stateOf(uuid: string) {
  const [row] = await api.dataSource.query(
    `SELECT judged_to::int AS "judgedTo", settled_count::int AS counted, status,
            (SELECT count(*)::int FROM feedback_items WHERE task_id = t.id AND settled_at IS NOT NULL) AS settled,
            (SELECT count(*)::int FROM feedback_items WHERE task_id = t.id AND wanted = 2) AS "wantTwo",
            (SELECT count(*)::int FROM feedback_events WHERE task_id = t.id AND payload ->> 'kind' = 'itemReopened') AS reopened,
            (SELECT count = settled FROM (SELECT count FROM feedback_open_counts WHERE task_id = t.id AND user_id = $2) o,
                    (SELECT count(*) AS settled FROM feedback_items WHERE task_id = t.id AND settled_at IS NULL AND position < ${items}) s) AS "openCounted"
       FROM feedback_tasks t WHERE t.id = $1`,
    [uuid, person.id],
  );
  return row;
}

test('a call judges the first items, others go on where it ended, and the same is judged once', async () => {
  const { id, uuid } = await answeredTask({ itemsSettled: false }, 0);
  expect(await changeTo(id, { atLeast: 2 })).toMatchObject({
    isJudgedAnew: true,
    counts: { settled: items - 1 - mostOfCall },
  });
  expect(await stateOf(uuid)).toMatchObject({ judgedTo: mostOfCall, wantTwo: mostOfCall + 1, reopened: mostOfCall });
  // A process that dies in the middle leaves what was judged before.
  const lost = inTransaction(api.dataSource, async ({ query }) => {
    await judgeNextItems(query, uuid);
    throw new Error('The process is gone.');
  });
  await expect(lost).rejects.toThrow('gone');
  expect((await stateOf(uuid)).judgedTo).toBe(mostOfCall);
  // Two processes at once.
  const both = await Promise.all([rejudging().judge(uuid, 50), rejudging().judge(uuid, 50)]);
  expect(both).toEqual([true, true]);
  expect(await stateOf(uuid)).toEqual({
    judgedTo: null,
    status: 'OPEN',
    settled: 0,
    counted: 0,
    wantTwo: items,
    reopened: items - 1,
    openCounted: true,
  });
  // Nothing differs: nothing is told.
  await changeTo(id, { atLeast: 2 });
  expect(await rejudging().judge(uuid, 50)).toBe(true);
  expect((await stateOf(uuid)).reopened).toBe(items - 1);
}, 120_000);

test('a task does not close for items that are not judged yet, and closes once they are', async () => {
  const { id, uuid } = await answeredTask({ itemsSettled: true }, mostOfCall);
  // What was decided stays settled, and so does the rest until it is judged.
  expect(await changeTo(id, { atLeast: 2 })).toMatchObject({ isJudgedAnew: true, counts: { settled: items - 1 } });
  const { claim } = await claimItem(api, id);
  expect(claim!.item.text).toBe(`text ${items}`);
  await submitFeedback(api, claim!.id, up);
  expect(await stateOf(uuid)).toMatchObject({ status: 'OPEN', judgedTo: mostOfCall, counted: items, settled: items });
  const log: string[] = [];
  const query = poolQuery(api.dataSource);
  const close = startRejudging({ rejudging: rejudging(), query, pollIntervalMs: 5, log: (line) => log.push(line) });
  while ((await stateOf(uuid)).judgedTo !== null);
  expect(await stateOf(uuid)).toMatchObject({ status: 'OPEN', counted: mostOfCall + 1, settled: mostOfCall + 1 });
  await changeTo(id, { atLeast: 1 });
  while ((await stateOf(uuid)).judgedTo !== null);
  await close();
  expect(await stateOf(uuid)).toMatchObject({ status: 'CLOSED', counted: items, settled: items });
  expect(log).toEqual([]);
}, 120_000);

const pair = (first: string, second: string) => ({
  prompt: { text: 'say it' },
  answers: [{ text: first }, { text: second }],
});

test('what no answers settled stays: pairs that a reward model judged, and those with equal rewards', async () => {
  const id = await createFeedbackTask(api, { name: 'pairs', question: { pairwise: { strengths: 1 } } });
  const { uuid } = parseGlobalId(id)!;
  await addFeedbackItems(api, id, [pair('one', 'two'), pair('same', 'size'), pair('a', 'b')]);
  const read = () =>
    api.dataSource.query(
      `SELECT id, settled_at IS NOT NULL AS settled, wanted::int AS wanted FROM feedback_items WHERE task_id = $1
        ORDER BY position`,
      [uuid],
    );
  const [judged, equal] = await read();
  const judgement = { modelId: uuid, preferred: 'a', gap: 1, probability: 0.7 };
  await inTransaction(api.dataSource, async ({ query }) => {
    await settleByModel(query, uuid, [
      { itemId: judged.id, judgement },
      { itemId: equal.id, judgement: null },
    ]);
    await changeOverlap(query, uuid, { atLeast: 2, atMost: 2, sureAt: null });
  });
  expect(await rejudging().judge(uuid, 1)).toBe(true);
  expect(await read()).toMatchObject([
    { settled: true, wanted: 0 },
    { settled: true, wanted: 0 },
    { settled: false, wanted: 2 },
  ]);
  expect(await stateOf(uuid)).toMatchObject({ counted: 2, reopened: 0 });
});

test('a task whose items can not be judged is told of, and others have their turn', async () => {
  const { dataSource } = api;
  const tasks: string[] = [];
  for (const name of ['breaks', 'goes on']) {
    const id = await createFeedbackTask(api, { name, question: { thumbs: {} }, overlap: { atLeast: 1 } });
    await addFeedbackItems(api, id, [{ text: 'a text' }]);
    tasks.push(parseGlobalId(id)!.uuid);
  }
  const [broken, other] = tasks.sort();
  await dataSource.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it breaks'; END $$;
    CREATE TRIGGER refuses BEFORE UPDATE ON feedback_items FOR EACH ROW
      WHEN (NEW.task_id = '${broken}') EXECUTE FUNCTION refuse()`);
  const query = poolQuery(dataSource);
  for (const uuid of tasks) await changeOverlap(query, uuid, { atLeast: 2, atMost: 2, sureAt: null });
  const log: string[] = [];
  const close = startRejudging({ rejudging: rejudging(), query, pollIntervalMs: 5, log: (line) => log.push(line) });
  try {
    await vi.waitFor(async () => expect(await stateOf(other!)).toMatchObject({ judgedTo: null, wantTwo: 1 }), 30_000);
  } finally {
    await close();
    await dataSource.query('DROP TRIGGER refuses ON feedback_items; DROP FUNCTION refuse()');
  }
  expect(await stateOf(broken!)).toMatchObject({ judgedTo: 0, wantTwo: 0 });
  expect(log[0]).toBe(`Items of the feedback task ${broken} could not be judged by another overlap: it breaks`);
}, 60_000);
