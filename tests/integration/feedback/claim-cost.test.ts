import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstItemStatement, takenStatement } from '../../../src/feedback/pick-item.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';

/** What a claim costs in a large task, of a person who is far ahead of all others. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const items = 100_000;
const ahead = 50_000;
const up = { thumbs: { up: true } };

async function annotator(name: string): Promise<{ id: string; key: string }> {
  const id = await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'ANNOTATOR' } });
  return { id, key: (await insertKey(api.dataSource, id)).secret };
}

/** Pages that a statement reads, in memory or not. */
async function pagesOf(statement: string, task: string, user: string): Promise<number> {
  const [row] = await api.dataSource.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`, [task, user]);
  const plan = row['QUERY PLAN'][0].Plan;
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

describe.each(['AS_GIVEN', 'UNCERTAINTY'] as const)('in the order %s', (order) => {
  test('a claim reads few pages, however many items its person has answered ahead, and gives the next one', async () => {
    const { dataSource } = api;
    const ann = await annotator(`ann ${order}`);
    const globalTask = await createFeedbackTask(api, {
      name: order,
      question: { thumbs: {} },
      order,
      overlap: { atLeast: 2 },
      randomShare: 0,
    });
    const task = parseGlobalId(globalTask)!.uuid;
    await dataSource.query(
      `INSERT INTO feedback_items (task_id, position, content, group_key, wanted, priority)
       SELECT $1, i, jsonb_build_object('text', 'text ' || i, 'prompt', null, 'answers', '[]'::jsonb, 'row', null, 'group', ''),
              '', 2, -i FROM generate_series(1, ${items}) i`,
      [task],
    );
    await dataSource.query(
      `INSERT INTO feedback_claims (id, task_id, item_id, user_id, state, shown, instructions_version, picked, propensity,
                                    expires_at, ended_at)
       SELECT gen_random_uuid(), $1, id, $2, 'ANSWERED', '{}', 1, 'ORDER', 1, now(), now()
         FROM feedback_items WHERE task_id = $1 AND position <= ${ahead}`,
      [task, ann.id],
    );
    await dataSource.query('INSERT INTO feedback_open_counts (task_id, user_id, count) VALUES ($1, $2, $3)', [
      task,
      ann.id,
      ahead,
    ]);
    await dataSource.query(`UPDATE feedback_tasks SET item_count = ${items}, last_position = ${items} WHERE id = $1`, [
      task,
    ]);
    await dataSource.query('ANALYZE feedback_items, feedback_claims');

    // The first claim passes by all that was answered; those after it do not.
    const first = await claimItem(api, globalTask, ann.key);
    expect(first.claim!.item.text).toBe(`text ${ahead + 1}`);
    expect(await pagesOf(firstItemStatement(order, ''), task, ann.id)).toBeLessThan(60);
    expect(await pagesOf(takenStatement, task, ann.id)).toBeLessThan(60);
    // Most of these are pages of the catalogue, by which a new connection plans the statements of the function.
    expect(await pagesOf('SELECT advance_feedback_cursor($1, $2)', task, ann.id)).toBeLessThan(600);
    await submitFeedback(api, first.claim!.id, up, undefined, ann.key);
    const next = await claimItem(api, globalTask, ann.key);
    expect(next.claim!.item.text).toBe(`text ${ahead + 2}`);
  });
});

test('an item that needs answers again comes to those whose cursors are past it, and counts stay true', async () => {
  const [ann, bob, cleo] = await Promise.all(['ann', 'bob', 'cleo'].map(annotator));
  const task = await createFeedbackTask(api, {
    name: 'reopened',
    question: { thumbs: {} },
    overlap: { atLeast: 2, atMost: 3, sureAt: 0.9 },
    randomShare: 0.5,
    ends: { itemsSettled: false },
  });
  await mutate(api, 'addFeedbackItems', 'AddedFeedbackItems { count }', {
    taskId: task,
    items: [1, 2, 3].map((i) => ({ text: `text ${i}` })),
  });
  const answers = new Map<string, string>();
  for (const { key } of [ann!, bob!]) {
    for (let i = 0; i < 3; i++) {
      const { claim } = await claimItem(api, task, key);
      if (key === bob!.key) answers.set(claim!.item.text!, claim!.id);
      await submitFeedback(api, claim!.id, up, undefined, key);
    }
  }
  // All are settled: there is nothing for a third person, whose cursor is behind all items.
  expect(await claimItem(api, task, cleo!.key)).toMatchObject({ claim: null, nothing: 'NOTHING_LEFT' });
  await submitFeedback(api, answers.get('text 1')!, { thumbs: { up: false } }, undefined, bob!.key);
  const uuid = parseGlobalId(task)!.uuid;
  const counts = async () => {
    const rows: { user: string; count: number }[] = await api.dataSource.query(
      'SELECT user_id AS user, count::int FROM feedback_open_counts WHERE task_id = $1',
      [uuid],
    );
    return Object.fromEntries(rows.map(({ user, count }) => [user, count]));
  };
  expect(await counts()).toEqual({ [ann!.id]: 1, [bob!.id]: 1 });
  const { claim } = await claimItem(api, task, cleo!.key);
  expect(claim!.item.text).toBe('text 1');
  await submitFeedback(api, claim!.id, up, undefined, cleo!.key);
  expect(await counts()).toEqual({ [ann!.id]: 0, [bob!.id]: 0, [cleo!.id]: 0 });
});
