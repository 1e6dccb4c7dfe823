import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import {
  addFeedbackItems,
  claimItem,
  createFeedbackTask,
  mutate,
  submitFeedback,
  trySubmit,
} from '../../support/feedback.js';

let api: TestApi;
/** Key of an annotator. */
let ann: string;

beforeAll(async () => {
  api = await startTestApi();
  const user = await insertUser(api.dataSource, 'ann', { roles: { [api.projectId]: 'ANNOTATOR' } });
  ann = (await insertKey(api.dataSource, user)).secret;
});
afterAll(() => api?.close());

const up = { thumbs: { up: true } };

async function taskOf(count: number, input: Record<string, unknown> = {}): Promise<string> {
  const task = await createFeedbackTask(api, { name: 'test', question: { thumbs: {} }, randomShare: 0, ...input });
  await addFeedbackItems(
    api,
    task,
    Array.from({ length: count }, (_, i) => ({ text: `text ${i + 1}` })),
  );
  return task;
}

test('an answer is changed a hundred times at most, and holds a million characters of what it was', async () => {
  const task = await taskOf(1, { ends: { itemsSettled: false } });
  const { claim } = await claimItem(api, task, ann);
  const { id } = await submitFeedback(api, claim!.id, up, undefined, ann);
  const answerId = parseGlobalId(id)!.uuid;
  const change = (comment: string) => trySubmit(api, claim!.id, up, comment, ann);
  await api.dataSource.query(
    `INSERT INTO feedback_answer_changes (answer_id, number, value)
     SELECT $1, number, '{"kind": "thumbs", "up": false}' FROM generate_series(1, 99) AS number`,
    [answerId],
  );
  expect((await change('the last word')).changes).toHaveLength(100);
  const refused = [{ path: ['claimId'], code: 'CONFLICT', message: expect.stringContaining('100 times') }];
  expect((await change('one more')).problems).toMatchObject(refused);
  expect(await submitFeedback(api, claim!.id, up, 'the last word', ann)).toMatchObject({ id });
  await api.dataSource.query('DELETE FROM feedback_answer_changes WHERE answer_id = $1 AND number > 1', [answerId]);
  await api.dataSource.query('UPDATE feedback_answer_changes SET comment = $2 WHERE answer_id = $1', [
    answerId,
    'x'.repeat(1_000_000),
  ]);
  expect((await change('one more')).problems).toMatchObject([{ path: ['claimId'], code: 'CONFLICT' }]);
});

test('an item is flagged by one person a hundred times at most', async () => {
  const task = await taskOf(1);
  const { claim } = await claimItem(api, task, ann);
  const flag = (reason: string) =>
    mutate(api, 'flagFeedbackItem', 'FeedbackClaim { flagReason }', { claimId: claim!.id, reason }, ann);
  expect(await flag('first')).toEqual({ flagReason: 'first' });
  await api.dataSource.query('UPDATE feedback_claims SET flag_count = flag_count + 98 WHERE id = $1', [
    parseGlobalId(claim!.id)!.uuid,
  ]);
  expect(await flag('last')).toEqual({ flagReason: 'last' });
  expect((await flag('one more')).problems).toMatchObject([{ path: ['claimId'], code: 'CONFLICT' }]);
  expect(await flag('last')).toEqual({ flagReason: 'last' });
});

describe('a task that is deleted while people answer', () => {
  test('waits for who is answering, and is not there for who comes then', async () => {
    const task = await taskOf(2);
    const { uuid } = parseGlobalId(task)!;
    const held = (await claimItem(api, task, ann)).claim!;
    // As an answer begins: with the item, and not yet with the task.
    const answering = api.dataSource.createQueryRunner();
    await answering.startTransaction();
    try {
      const claimId = parseGlobalId(held.id)!.uuid;
      await answering.query(
        'SELECT 1 FROM feedback_items WHERE id = (SELECT item_id FROM feedback_claims WHERE id = $1) FOR NO KEY UPDATE',
        [claimId],
      );
      const deleted = mutate(api, 'deleteFeedbackTask', 'Deletion { kind }', { taskId: task });
      await expect
        .poll(async () => (await api.dataSource.query('SELECT FROM pg_locks WHERE NOT granted')).length)
        .toBeGreaterThan(0);
      // Were the task locked first, each would wait for the other here.
      await answering.query(`SET LOCAL lock_timeout = '5s'`);
      await answering.query('SELECT 1 FROM feedback_tasks WHERE id = $1 FOR NO KEY UPDATE', [uuid]);
      await answering.commitTransaction();
      expect(await deleted).toEqual({ kind: 'FEEDBACK_TASK' });
    } finally {
      if (answering.isTransactionActive) await answering.rollbackTransaction();
      await answering.release();
    }
    expect((await trySubmit(api, held.id, up, undefined, ann)).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test('is not there for who asks for an item at that moment', async () => {
    const task = await taskOf(1);
    const deleting = api.dataSource.createQueryRunner();
    await deleting.startTransaction();
    try {
      await deleting.query('DELETE FROM feedback_tasks WHERE id = $1', [parseGlobalId(task)!.uuid]);
      const asked = mutate(api, 'claimFeedbackItem', 'ClaimedFeedbackItem { nothing }', { taskId: task }, ann);
      await expect
        .poll(async () => (await api.dataSource.query('SELECT FROM pg_locks WHERE NOT granted')).length)
        .toBeGreaterThan(0);
      await deleting.commitTransaction();
      expect((await asked).problems).toMatchObject([{ path: ['taskId'], code: 'NOT_FOUND' }]);
    } finally {
      if (deleting.isTransactionActive) await deleting.rollbackTransaction();
      await deleting.release();
    }
  });
});
