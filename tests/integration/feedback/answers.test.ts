import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { type AnnotationRoom, down, openAnnotationRoom, up } from '../../support/annotated-tasks.js';
import {
  addFeedbackItems,
  claimItem,
  createFeedbackTask,
  mutate,
  submitFeedback,
  trySubmit,
} from '../../support/feedback.js';

/** Answers: taken once, changed, late, and those that open an item again. */

let ann: AnnotationRoom['ann'];
let answer: AnnotationRoom['answer'];
let api: AnnotationRoom['api'];
let bob: AnnotationRoom['bob'];
let cleo: AnnotationRoom['cleo'];
let expire: AnnotationRoom['expire'];
let facts: AnnotationRoom['facts'];
let isCounted: AnnotationRoom['isCounted'];
let taskOf: AnnotationRoom['taskOf'];

let room: AnnotationRoom;
beforeAll(async () => {
  room = await openAnnotationRoom();
  ({ ann, answer, api, bob, cleo, expire, facts, isCounted, taskOf } = room);
});
afterAll(() => room?.[Symbol.asyncDispose]());

describe('an answer', () => {
  test('is taken once, however often it is sent, and may be changed until the task is closed', async () => {
    const task = await taskOf(1, { ends: { itemsSettled: false } });
    const { claim } = await claimItem(api, task, ann);
    const first = await submitFeedback(api, claim!.id, up, undefined, ann);
    expect(await submitFeedback(api, claim!.id, up, undefined, ann)).toEqual(first);
    const changed = await submitFeedback(api, claim!.id, down, 'too long', ann);
    expect(changed).toMatchObject({ id: first.id, changes: [{ number: 1 }] });
    const { node } = await api.request<{ node: unknown }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { comment value { ... on ThumbsValue { up } }
         changes { number comment value { ... on ThumbsValue { up } } } user { name } isCounted } } }`,
      { id: first.id },
    );
    expect(node).toEqual({
      comment: 'too long',
      value: { up: false },
      changes: [{ number: 1, comment: null, value: { up: true } }],
      user: { name: 'ann' },
      isCounted: true,
    });
    await mutate(api, 'closeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    expect((await trySubmit(api, claim!.id, up, undefined, ann)).problems).toMatchObject([
      { path: ['claimId'], code: 'CONFLICT' },
    ]);
    expect(await submitFeedback(api, claim!.id, down, 'too long', ann)).toMatchObject({ id: first.id });
    expect((await facts(task)).counts).toMatchObject({ answers: 1 });
  });

  test('that comes after the task was closed is kept, as a late one', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    await mutate(api, 'closeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    const late = await submitFeedback(api, claim!.id, up, undefined, ann);
    expect(late).toMatchObject({ late: true });
    expect(await isCounted(late.id)).toBe(false);
    expect((await facts(task)).counts).toMatchObject({ answers: 0, settled: 0 });
  });

  test('that comes after the task was closed leaves settled what it would make unsure', async () => {
    const task = await taskOf(1, { overlap: { atLeast: 2, atMost: 4 }, ends: { itemsSettled: false } });
    const { claim } = await claimItem(api, task, ann);
    await expire(task);
    await answer(task, bob);
    await answer(task, cleo);
    await mutate(api, 'closeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    expect((await facts(task)).counts).toMatchObject({ answers: 2, settled: 1 });
    const late = await submitFeedback(api, claim!.id, down, undefined, ann);
    expect(late).toMatchObject({ late: true });
    expect(await isCounted(late.id)).toBe(false);
    const { counts, events } = await facts(task);
    expect(counts).toMatchObject({ answers: 2, settled: 1 });
    expect(events.events.slice(-2).map(({ __typename }) => __typename)).toEqual([
      'FeedbackStatusChanged',
      'FeedbackAnswerSubmitted',
    ]);
  });

  test('that comes while the task is being closed is late', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    const closing = api.dataSource.createQueryRunner();
    await closing.startTransaction();
    try {
      await closing.query(
        `UPDATE feedback_tasks SET status = 'CLOSED', closed_reason = 'BY_REQUEST', closed_at = now() WHERE id = $1`,
        [parseGlobalId(task)!.uuid],
      );
      const submitted = submitFeedback(api, claim!.id, up, undefined, ann);
      await expect
        .poll(async () => (await api.dataSource.query('SELECT FROM pg_locks WHERE NOT granted')).length)
        .toBeGreaterThan(0);
      await closing.commitTransaction();
      const { id, late } = await submitted;
      expect({ late, isCounted: await isCounted(id) }).toEqual({ late: true, isCounted: false });
    } finally {
      if (closing.isTransactionActive) await closing.rollbackTransaction();
      await closing.release();
    }
  });

  test('that makes an item unsure again opens it again', async () => {
    const overlap = { atLeast: 2, atMost: 4 };
    const task = await taskOf(2, { overlap, order: 'AS_GIVEN' });
    await answer(task, ann);
    const second = await answer(task, bob);
    expect((await facts(task)).counts).toMatchObject({ settled: 1, answers: 2 });
    await submitFeedback(api, second.claimId, down, undefined, bob);
    const { counts, events } = await facts(task);
    expect(counts).toMatchObject({ settled: 0, answers: 2 });
    expect(events.events.at(-1)!.__typename).toBe('FeedbackItemReopened');
    expect(await answer(task, cleo)).toMatchObject({ text: 'text 1' });
  });

  test('of another form than the question asks for is refused with its place', async () => {
    const task = await createFeedbackTask(api, { name: 'pairs', question: { pairwise: { strengths: 3 } } });
    await addFeedbackItems(api, task, [{ prompt: { text: 'Why?' }, answers: [{ text: 'So.' }, { text: 'Because.' }] }]);
    const { claim } = await claimItem(api, task, ann);
    const { problems } = await trySubmit(api, claim!.id, { pairwise: { preferred: 'c', strength: 4 } }, undefined, ann);
    expect(problems).toMatchObject([
      { path: ['value', 'pairwise', 'preferred'], code: 'INVALID_VALUE' },
      { path: ['value', 'pairwise', 'strength'], code: 'INVALID_VALUE' },
    ]);
    expect((await trySubmit(api, claim!.id, up, undefined, ann)).problems).toMatchObject([
      { path: ['value', 'thumbs'], code: 'INVALID_VALUE' },
    ]);
  });
});
