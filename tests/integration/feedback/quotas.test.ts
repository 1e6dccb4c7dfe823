import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { addFeedbackItems, createFeedbackTask, mutate } from '../../support/feedback.js';
import { ids, insertBaseModel } from '../../support/rows.js';

/** Limits of tasks that have not ended, of items, and of what applications record. */

let api: TestApi;
let classifier: string;
beforeAll(async () => {
  api = await startTestApi();
  const head = { kind: 'classification' as const, task: 'topic', labels: ['ham', 'spam'] };
  classifier = await insertBaseModel(api.dataSource, api.projectId, { name: 'classifier', heads: [head] });
});
afterAll(() => api?.close());
beforeEach(() => limit({ maxFeedbackTasks: null, maxFeedbackItems: null, maxRecordedFeedback: null }));

interface Outcome {
  readonly id?: string;
  readonly deletedCount?: number;
  readonly problems?: readonly { readonly path: readonly string[]; readonly code: string; readonly message: string }[];
}

async function limit(input: Record<string, number | null>): Promise<void> {
  await mutate(api, 'setProjectQuota', 'Project { id }', input);
}

async function usage() {
  const { project } = await api.request<{ project: { usage: Record<string, number> } }>(
    '{ project { usage { feedbackTasks feedbackItems recordedFeedback } } }',
  );
  return project.usage;
}

const question = { thumbs: {} };
const exceeded = (path: readonly string[], message: string) => [{ path, code: 'QUOTA_EXCEEDED', message }];
const texts = (count: number) => Array.from({ length: count }, (_, i) => ({ text: `text ${i}` }));
const create = (rest: Record<string, unknown> = {}): Promise<Outcome> =>
  mutate(api, 'createFeedbackTask', 'FeedbackTask { id }', { name: 'limited', question, ...rest });

test('tasks that have not ended: closing one makes room, and a repeated call asks for nothing new', async () => {
  const before = (await usage()).feedbackTasks!;
  await limit({ maxFeedbackTasks: before + 1 });
  const first = await create({ idempotencyKey: 'first' });
  const message = `The project would have ${before + 2} feedback tasks that have not ended; it may have ${before + 1}.`;
  expect((await create()).problems).toEqual(exceeded([], message));
  expect(await create({ idempotencyKey: 'first' })).toEqual(first);
  expect((await usage()).feedbackTasks).toBe(before + 1);
  await mutate(api, 'closeFeedbackTask', 'FeedbackTask { id }', { taskId: first.id });
  expect((await usage()).feedbackTasks).toBe(before);
  expect((await create()).problems).toBeUndefined();
});

test('of tasks that are created at once, as many as there may be', async () => {
  await limit({ maxFeedbackTasks: (await usage()).feedbackTasks! + 2 });
  const created = await Promise.all(Array.from({ length: 6 }, () => create()));
  expect(created.filter(({ problems }) => problems === undefined)).toHaveLength(2);
});

test('items of all tasks: a call that passes the limit adds none, a deleted task makes room', async () => {
  const [one, two] = [
    await createFeedbackTask(api, { name: 'one', question }),
    await createFeedbackTask(api, { name: 'two', question }),
  ];
  const before = (await usage()).feedbackItems!;
  await limit({ maxFeedbackItems: before + 5 });
  await addFeedbackItems(api, one, [...texts(2), { text: 'known', gold: { thumbs: { up: true } } }]);
  expect((await usage()).feedbackItems).toBe(before + 3);
  const add = (items: readonly object[]): Promise<Outcome> =>
    mutate(api, 'addFeedbackItems', 'AddedFeedbackItems { count }', { taskId: two, items });
  const message = `The project would have ${before + 6} items of feedback tasks; it may have ${before + 5}.`;
  expect((await add(texts(3))).problems).toEqual(exceeded(['items'], message));
  expect((await usage()).feedbackItems).toBe(before + 3);
  expect((await add(texts(2))).problems).toBeUndefined();
  await mutate(api, 'deleteFeedbackTask', 'Deletion { kind }', { taskId: one });
  expect((await usage()).feedbackItems).toBe(before + 2);
  expect((await add(texts(3))).problems).toBeUndefined();
});

test('records of applications are counted as they come and go', async () => {
  const record = (subject: string): Promise<Outcome> =>
    mutate(api, 'recordFeedback', 'RecordedFeedback { id }', {
      target: { prediction: { modelId: ids.baseModel(classifier), task: 'topic', text: 'a mail', labels: ['ham'] } },
      feedback: { thumb: { up: true } },
      subject,
    });
  await limit({ maxRecordedFeedback: 3 });
  const recorded = await Promise.all(['ann', 'ann', 'ann', 'ben', 'cem'].map(record));
  expect(recorded.filter(({ problems }) => problems === undefined)).toHaveLength(3);
  expect(recorded.find(({ problems }) => problems !== undefined)!.problems).toEqual(
    exceeded([], 'The project would have 4 records of feedback; it may have 3.'),
  );
  expect((await usage()).recordedFeedback).toBe(3);
  const [{ subjects }] = await api.dataSource.query(
    `SELECT array_agg(DISTINCT subject) AS subjects FROM recorded_feedback`,
  );
  for (const subject of subjects) {
    await mutate(api, 'deleteRecordedFeedback', 'DeletedRecordedFeedback { count }', { subject });
  }
  expect((await usage()).recordedFeedback).toBe(0);
  expect((await record('ben')).problems).toBeUndefined();
});
