import { afterAll, beforeAll, expect, test } from 'vitest';
import { windowStatement } from '../../../src/feedback/pick-item.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { claimItem, createFeedbackTask } from '../../support/feedback.js';

/** Items that are drawn where few are left. */

let api: TestApi;
let person: { readonly id: string; readonly key: string };
beforeAll(async () => {
  api = await startTestApi();
  const id = await insertUser(api.dataSource, 'ann', { roles: { [api.projectId]: 'ANNOTATOR' } });
  person = { id, key: (await insertKey(api.dataSource, id)).secret };
});
afterAll(() => api?.close());

/** A task whose first items are settled, but for every so manieth. */
async function taskOf(
  items: number,
  settled: number,
  every: number,
): Promise<{ id: string; uuid: string; open: number }> {
  const id = await createFeedbackTask(api, { name: 'drawn', question: { thumbs: {} }, order: 'RANDOM' });
  const { uuid } = parseGlobalId(id)!;
  const [{ count: open }] = await api.dataSource.query(
    `WITH added AS (
       INSERT INTO feedback_items (task_id, position, content, group_key, wanted, settled_at)
       SELECT $1, i, jsonb_build_object('text', i::text, 'prompt', null, 'answers', '[]'::jsonb, 'row', null, 'group', ''),
              '', 1, CASE WHEN i <= $3::int AND i % $4::int > 0 THEN now() END FROM generate_series(1, $2::int) i RETURNING settled_at
     ) SELECT count(*)::int FROM added WHERE settled_at IS NULL`,
    [uuid, items, settled, every],
  );
  await api.dataSource.query(
    'UPDATE feedback_tasks SET item_count = $2::int, last_position = $2, settled_count = $2 - $3::int WHERE id = $1',
    [uuid, items, open],
  );
  return { id, uuid, open };
}

test('each item that is left is as likely as any other, however unequally far they are from each other', async () => {
  // 1,000 settled items lie before the first nine, and none between most of them.
  const { uuid, open } = await taskOf(1009, 1000, 500);
  expect(open).toBe(11);
  const counts = new Map<number, number>();
  const rounds = 4_400;
  for (let round = 0; round < rounds; round++) {
    const [{ position }] = await api.dataSource.query(windowStatement(3, 100), [uuid, person.id, open]);
    counts.set(position, (counts.get(position) ?? 0) + 1);
  }
  expect(counts.size).toBe(open);
  const expected = rounds / open;
  // χ² of 10 degrees of freedom is above 35.6 once in 10,000 times.
  const distance = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(distance).toBeLessThan(35.6);
}, 120_000);

/** The most pages that one of 30 draws of a task's items reads. */
async function mostPages(uuid: string, open: number): Promise<number> {
  let most = 0;
  for (let draw = 0; draw < 30; draw++) {
    const [row] = await api.dataSource.query(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${windowStatement(100, 50_000)}`,
      [uuid, person.id, open],
    );
    const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = row['QUERY PLAN'][0].Plan;
    most = Math.max(most, hit + read);
  }
  return most;
}

/** The pages of the table of items, and how many of them the index speaks for, so that a count skips them. */
async function pagesOfItems(): Promise<{ all: number; visible: number }> {
  const [row] = await api.dataSource.query(
    `SELECT relpages AS all, relallvisible AS visible FROM pg_class WHERE oid = 'feedback_items'::regclass`,
  );
  return row;
}

test('a draw reads few pages where one item of a hundred is left, and finds one', async () => {
  const { id, uuid, open } = await taskOf(200_000, 200_000, 100);
  expect(open).toBe(2_000);
  await api.dataSource.query('ANALYZE feedback_items');
  // The place of the window is counted out on the index. Until the table is vacuumed, each item before the place, of
  // 2,000 at most, is looked at on its page: 620 to 2,620 pages, by the place. A scan reads all of them, 4,652.
  const bound = 3_500;
  expect((await pagesOfItems()).all).toBeGreaterThan(bound);
  expect(await mostPages(uuid, open)).toBeLessThan(bound);
  // A vacuum leaves pages out that a statement of somebody else may still see as they were.
  await expect
    .poll(async () => {
      await api.dataSource.query('VACUUM ANALYZE feedback_items');
      const { all, visible } = await pagesOfItems();
      return all - visible;
    })
    .toBe(0);
  // Then 512 to 522 pages: of 100 items, their claims and they themselves, and the 12 of the index of what is left.
  expect(await mostPages(uuid, open)).toBeLessThan(700);
  const { claim } = await claimItem(api, id, person.key);
  expect(Number(claim!.item.text) % 100).toBe(0);
}, 120_000);

test('a person who has had nearly all that is left still gets the last one, and then nothing', async () => {
  const { id, uuid } = await taskOf(6_000, 0, 1);
  await api.dataSource.query(
    `INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity,
                                  expires_at, ended_at)
     SELECT gen_random_uuid(), $1, id, $2, 'SKIPPED', '{}', 1, 'RANDOM', 1, now(), now()
       FROM feedback_items WHERE task_id = $1 AND position <> 4321`,
    [uuid, person.id],
  );
  await api.dataSource.query('INSERT INTO feedback_open_counts (task_id, user_id, count) VALUES ($1, $2, 5999)', [
    uuid,
    person.id,
  ]);
  const { claim } = await claimItem(api, id, person.key);
  expect(claim!.item.text).toBe('4321');
  const [{ propensity }] = await api.dataSource.query(
    `SELECT propensity FROM feedback_claims WHERE task_id = $1 AND user_id = $2 AND state = 'CLAIMED'`,
    [uuid, person.id],
  );
  expect(propensity).toBe(1);
  await api.dataSource.query(`UPDATE feedback_claims SET state = 'SKIPPED' WHERE task_id = $1 AND state = 'CLAIMED'`, [
    uuid,
  ]);
  expect(await claimItem(api, id, person.key)).toMatchObject({ claim: null, nothing: 'NOTHING_LEFT' });
});
