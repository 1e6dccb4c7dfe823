import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertKey, insertUser } from '../../support/access.js';
import { type AnnotationRoom, down, openAnnotationRoom, up } from '../../support/annotated-tasks.js';
import { deleteObject } from '../../support/deletions.js';
import { claimItem, mutate, submitFeedback, trySubmit } from '../../support/feedback.js';
import { ids, insertDataset } from '../../support/rows.js';

/** Items that people claim: who gets them, for how long, and what becomes of those that nobody answers. */

let ann: AnnotationRoom['ann'];
let answer: AnnotationRoom['answer'];
let api: AnnotationRoom['api'];
let bob: AnnotationRoom['bob'];
let cleo: AnnotationRoom['cleo'];
let expire: AnnotationRoom['expire'];
let facts: AnnotationRoom['facts'];
let taskOf: AnnotationRoom['taskOf'];
let textOf: AnnotationRoom['textOf'];

let room: AnnotationRoom;
beforeAll(async () => {
  room = await openAnnotationRoom();
  ({ ann, answer, api, bob, cleo, expire, facts, taskOf, textOf } = room);
});
afterAll(() => room?.[Symbol.asyncDispose]());

describe('an item', () => {
  test('is held for one person, who gets it again, and nobody gets it beyond its overlap', async () => {
    const task = await taskOf(2, { overlap: { atLeast: 1 } });
    const first = (await claimItem(api, task, ann)).claim!;
    expect(first.item.text).toBe('text 1');
    expect((await claimItem(api, task, ann)).claim!.id).toBe(first.id);
    expect(await textOf(task, bob)).toBe('text 2');
    const nothing = await claimItem(api, task, cleo);
    expect(nothing).toMatchObject({ claim: null, nothing: 'ALL_HELD', answered: 0 });
    expect(nothing.askAgainAt).toBe(first.expiresAt);
    expect((await facts(task)).counts).toMatchObject({ items: 2, held: 2, answers: 0 });
  });

  test('goes to several people, to each once', async () => {
    const task = await taskOf(1, { overlap: { atLeast: 2 } });
    await answer(task, ann);
    expect(await claimItem(api, task, ann)).toMatchObject({ claim: null, nothing: 'NOTHING_LEFT', answered: 1 });
    await answer(task, bob);
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'ITEMS_SETTLED' });
    // Whoever was last, and who was not, learn the same.
    for (const key of [ann, bob]) {
      expect(await claimItem(api, task, key)).toMatchObject({ claim: null, nothing: 'CLOSED', answered: 1 });
    }
  });

  test('comes back when its hold ends, and a late answer is kept beside the other one', async () => {
    const task = await taskOf(1, { ends: { itemsSettled: false } });
    const { claim } = await claimItem(api, task, ann);
    await expire(task);
    expect(await answer(task, bob)).toMatchObject({ text: 'text 1', late: false });
    expect(await submitFeedback(api, claim!.id, down, undefined, ann)).toMatchObject({ late: true });
    expect((await facts(task)).counts).toMatchObject({ items: 1, settled: 1, answers: 2, held: 0 });
  });

  test('comes back to whoever let it go, if nobody else took it', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    await expire(task);
    const again = (await claimItem(api, task, ann)).claim!;
    expect(again.id).toBe(claim!.id);
    expect(Date.parse(again.expiresAt)).toBeGreaterThan(Date.now());
  });

  test('that was skipped goes to others, and not to the same person again', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    const skip = (reason: string) =>
      mutate<{ state: string }>(
        api,
        'skipFeedbackItem',
        'FeedbackClaim { state skipReason }',
        { claimId: claim!.id, reason },
        ann,
      );
    expect((await skip(' ')).problems).toMatchObject([{ path: ['reason'], code: 'REQUIRED' }]);
    expect(await skip('I do not know.')).toEqual({ state: 'SKIPPED', skipReason: 'I do not know.' });
    expect(await skip('I do not know.')).toMatchObject({ state: 'SKIPPED' });
    expect((await claimItem(api, task, ann)).nothing).toBe('NOTHING_LEFT');
    expect((await trySubmit(api, claim!.id, up, undefined, ann)).problems).toMatchObject([
      { path: ['claimId'], code: 'CONFLICT' },
    ]);
    expect(await textOf(task, bob)).toBe('text 1');
    expect((await facts(task)).counts).toMatchObject({ skipped: 1, answers: 0 });
  });

  test('that was flagged may still be answered', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    const flag = (reason: string) =>
      mutate(api, 'flagFeedbackItem', 'FeedbackClaim { flagReason }', { claimId: claim!.id, reason }, ann);
    expect(await flag('It is cut off.')).toEqual({ flagReason: 'It is cut off.' });
    await flag('It is cut off.');
    await submitFeedback(api, claim!.id, up, undefined, ann);
    const { counts, events } = await facts(task);
    expect(counts).toMatchObject({ flagged: 1, answers: 1 });
    expect(events.events.map(({ __typename }) => __typename)).toEqual([
      'FeedbackStatusChanged',
      'FeedbackItemsAdded',
      'FeedbackItemFlagged',
      'FeedbackAnswerSubmitted',
      'FeedbackItemSettled',
      'FeedbackStatusChanged',
    ]);
    expect(events.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is another person’s only by their own claim', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann);
    expect((await trySubmit(api, claim!.id, up, undefined, bob)).problems).toMatchObject([
      { path: ['claimId'], code: 'NOT_FOUND' },
    ]);
  });
});

describe('the row that an item was made of', () => {
  test.each([null, 'a key'])('is one of its version, with the idempotency key %s', async (idempotencyKey) => {
    const task = await taskOf(0);
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: `rows ${idempotencyKey}` });
    const add = (...rows: (number | string)[]) =>
      mutate<{ lastPosition: number }>(api, 'addFeedbackItems', 'AddedFeedbackItems { lastPosition }', {
        taskId: task,
        items: rows.map((row) => ({ text: 'a text', row: { datasetVersionId: ids.version(versionIds[0]!), row } })),
        idempotencyKey,
      });
    // The version has 100 rows.
    expect((await add(99, 100, -1, '9007199254740993')).problems).toMatchObject(
      [1, 2, 3].map((item) => ({
        path: ['items', String(item), 'row', 'row'],
        code: 'INVALID_VALUE',
        message: 'The version has 100 rows, which count from 0; there is none of this number.',
      })),
    );
    expect(await add(0, 99)).toEqual({ lastPosition: 2 });
  });
});

describe('who is deleted', () => {
  test('gives back what they hold, but what they flagged keeps their reason', async () => {
    const { dataSource, projectId } = api;
    const user = await insertUser(dataSource, 'dora', { roles: { [projectId]: 'ANNOTATOR' } });
    const dora = (await insertKey(dataSource, user)).secret;
    const [flagged, held] = [await taskOf(1), await taskOf(1)];
    const { claim } = await claimItem(api, flagged, dora);
    await claimItem(api, held, dora);
    const input = { claimId: claim!.id, reason: 'It is cut off.' };
    await mutate(api, 'flagFeedbackItem', 'FeedbackClaim { flagReason }', input, dora);
    expect(await deleteObject(api, 'User', user)).toMatchObject({ kind: 'USER' });
    const claims = await dataSource.query(
      `SELECT state, skip_reason AS "skipReason", flag_reason AS "flagReason" FROM feedback_claims WHERE user_id = $1`,
      [user],
    );
    expect(claims).toEqual([{ state: 'SKIPPED', skipReason: 'It is cut off.', flagReason: 'It is cut off.' }]);
    const { counts, events } = await facts(flagged);
    expect(counts).toMatchObject({ flagged: 1, skipped: 1, held: 0 });
    expect(events.events.at(-1)!.__typename).toBe('FeedbackItemSkipped');
    expect((await facts(held)).counts).toMatchObject({ skipped: 0, held: 0 });
    for (const task of [flagged, held]) expect(await textOf(task, ann)).toBe('text 1');
  });
});
