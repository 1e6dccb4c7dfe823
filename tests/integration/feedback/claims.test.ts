import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deleteObject } from '../../support/deletions.js';
import {
  addFeedbackItems,
  claimItem,
  createFeedbackTask,
  mutate,
  submitFeedback,
  trySubmit,
} from '../../support/feedback.js';
import { ids, insertDataset } from '../../support/rows.js';

let api: TestApi;
/** Keys of three annotators. */
let ann: string;
let bob: string;
let cleo: string;

beforeAll(async () => {
  api = await startTestApi();
  [ann, bob, cleo] = (await Promise.all(['ann', 'bob', 'cleo'].map(annotator))) as [string, string, string];
});
afterAll(() => api?.close());

async function annotator(name: string): Promise<string> {
  const { dataSource, projectId } = api;
  const user = await insertUser(dataSource, name, { roles: { [projectId]: 'ANNOTATOR' } });
  return (await insertKey(dataSource, user)).secret;
}

const thumbs = { thumbs: {} };
const up = { thumbs: { up: true } };
const down = { thumbs: { up: false } };

/** A task about so many texts, which are called `text 1`, `text 2`, … */
async function taskOf(count: number, input: Record<string, unknown> = {}): Promise<string> {
  const task = await createFeedbackTask(api, { name: 'test', question: thumbs, randomShare: 0, ...input });
  const items = Array.from({ length: count }, (_, i) => ({ text: `text ${i + 1}` }));
  if (count > 0) await addFeedbackItems(api, task, items);
  return task;
}

interface TaskFacts {
  status: string;
  closedReason: string | null;
  counts: Record<
    'items' | 'settled' | 'answers' | 'skipped' | 'flagged' | 'gold' | 'goldAnswers' | 'held' | 'repeats',
    number
  >;
  events: { events: { __typename: string; seq: number }[] };
}

async function facts(task: string): Promise<TaskFacts> {
  const { node } = await api.request<{ node: TaskFacts }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status closedReason
       counts { items settled answers skipped flagged gold goldAnswers held repeats }
       events(first: 1000) { events { __typename ... on SequencedFeedbackEvent { seq } } } } } }`,
    { id: task },
  );
  return node;
}

const textOf = async (task: string, key: string): Promise<string | null> =>
  (await claimItem(api, task, key)).claim?.item.text ?? null;

async function answer(task: string, key: string, value: Record<string, unknown> = up) {
  const { claim } = await claimItem(api, task, key);
  return {
    ...(await submitFeedback(api, claim!.id, value, undefined, key)),
    text: claim!.item.text,
    claimId: claim!.id,
  };
}

async function isCounted(answerId: string): Promise<boolean> {
  const { node } = await api.request<{ node: { isCounted: boolean } }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { isCounted } } }',
    { id: answerId },
  );
  return node.isCounted;
}

/** Lets the leases of a task end, as if their time were over. */
const expire = (task: string) =>
  api.dataSource.query(`UPDATE feedback_claims SET expires_at = now() - interval '1 second' WHERE task_id = $1`, [
    parseGlobalId(task)!.uuid,
  ]);

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

describe('a task', () => {
  test('asks once more where people differ, until it is sure or has asked enough', async () => {
    const task = await taskOf(1, { overlap: { atLeast: 2, atMost: 3 } });
    await answer(task, ann, up);
    await answer(task, bob, down);
    expect(await facts(task)).toMatchObject({ status: 'OPEN', counts: { settled: 0 } });
    await answer(task, cleo, up);
    expect(await facts(task)).toMatchObject({
      status: 'CLOSED',
      closedReason: 'ITEMS_SETTLED',
      counts: { answers: 3 },
    });
  });

  test('closes with as many answers as it was to get, and not before', async () => {
    const task = await taskOf(5, { ends: { itemsSettled: true, answers: 2 } });
    await answer(task, ann);
    expect(await facts(task)).toMatchObject({ status: 'OPEN' });
    await answer(task, bob);
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'ANSWERS_REACHED' });
    expect(await claimItem(api, task, ann)).toMatchObject({ claim: null, nothing: 'CLOSED' });
  });

  test('asks first again about what people differ most about, if that is its order', async () => {
    const input = {
      order: 'DISAGREEMENT',
      overlap: { atLeast: 2, atMost: 3, sureAt: 0.9 },
      ends: { itemsSettled: false },
    };
    const task = await taskOf(3, input);
    for (const said of [up, up, up]) await answer(task, ann, said);
    // Items without answers that differ come in the order in which they were given.
    expect((await answer(task, bob, up)).text).toBe('text 1');
    expect((await answer(task, bob, down)).text).toBe('text 2');
    expect((await answer(task, cleo, up)).text).toBe('text 2');
  });

  test('closes once people agree', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.8, units: 3 } };
    const task = await taskOf(4, { overlap: { atLeast: 2 }, ends });
    // Two items UP and one DOWN, each said by both: alpha is 1 with the third.
    for (const value of [up, up, down]) {
      expect((await facts(task)).status).toBe('OPEN');
      await answer(task, ann, value);
      await answer(task, bob, value);
    }
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
  });

  test('compares what is better of pairs, not the keys that their answers have', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.8, units: 3 } };
    const question = { pairwise: {} };
    const task = await createFeedbackTask(api, {
      name: 'keys',
      question,
      overlap: { atLeast: 2 },
      ends,
      randomShare: 0,
    });
    const items = [1, 2, 3, 4].map((i) => ({
      answers: [
        { key: `x${i}`, text: 'one' },
        { key: `y${i}`, text: 'two' },
      ],
    }));
    await addFeedbackItems(api, task, items);
    // Of three items the first answer is better: nothing differs, so that there is no alpha. It is 1 with the fourth.
    for (const preferred of ['x1', 'x2', 'x3', 'y4']) {
      expect((await facts(task)).status).toBe('OPEN');
      await answer(task, ann, { pairwise: { preferred } });
      await answer(task, bob, { pairwise: { preferred } });
    }
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
  });

  test('compares pairs of a ranking, as its agreement does', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.38, units: 2 } };
    const question = { ranking: {} };
    const task = await createFeedbackTask(api, {
      name: 'ranks',
      question,
      overlap: { atLeast: 2 },
      ends,
      randomShare: 0,
    });
    const answers = ['a', 'b', 'c'].map((key) => ({ key, text: key }));
    await addFeedbackItems(api, task, [{ answers }, { answers: [...answers] }, { answers }]);
    const ranking = (order: string) => ({ ranking: { ranks: [...order].map((key) => [key]) } });
    // Whole rankings differ in both items (alpha 0); of six pairs four are judged alike: 1 − 11 · 4 / 72.
    await answer(task, ann, ranking('abc'));
    await answer(task, bob, ranking('acb'));
    await answer(task, ann, ranking('cba'));
    expect(await facts(task)).toMatchObject({ status: 'OPEN' });
    await answer(task, bob, ranking('bca'));
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
    const { node } = await api.request<{ node: { agreement: { alpha: { value: number } } } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { agreement(rounds: 100) { alpha { value } } } } }',
      { id: task },
    );
    expect(node.agreement.alpha.value).toBeCloseTo(1 - 44 / 72, 12);
  });

  test('mixes in items of gold, to which answers count toward nothing', async () => {
    const task = await taskOf(0, { goldShare: 0.5, seed: 1 });
    await addFeedbackItems(api, task, [
      { text: 'text 1' },
      { text: 'text 2' },
      ...[1, 2, 3].map((i) => ({ text: `gold ${i}`, gold: up })),
    ]);
    const texts: (string | null)[] = [];
    while ((await facts(task)).status === 'OPEN') texts.push((await answer(task, ann)).text);
    const gold = texts.filter((text) => text!.startsWith('gold')).length;
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.filter((text) => text!.startsWith('text'))).toEqual(['text 1', 'text 2']);
    expect((await facts(task)).counts).toMatchObject({ items: 2, gold: 3, answers: 2, goldAnswers: gold, settled: 2 });
  });

  test('mixes in nothing for whom nothing else is left', async () => {
    const task = await taskOf(1, { goldShare: 0.5, ends: { itemsSettled: false } });
    const gold = Array.from({ length: 60 }, (_, i) => ({ text: `gold ${i}`, gold: up }));
    await addFeedbackItems(api, task, gold);
    // Half of the picks are of gold: the text is not reached once in 10^18 times.
    while ((await answer(task, ann)).text !== 'text 1');
    for (let i = 0; i < 20; i++) expect(await claimItem(api, task, ann)).toMatchObject({ nothing: 'NOTHING_LEFT' });
  });

  test('gives an item a second time, on swapped sides, if it asks for repetitions', async () => {
    const question = { pairwise: {} };
    const task = await createFeedbackTask(api, { name: 'again', question, repeatShare: 0.5, randomShare: 0 });
    const answers = [{ text: 'one' }, { text: 'two' }];
    await addFeedbackItems(
      api,
      task,
      Array.from({ length: 40 }, (_, i) => ({ prompt: { text: `${i}` }, answers })),
    );
    const shown = new Map<string, string[][]>();
    for (let i = 0; i < 40; i++) {
      const claim = (await claimItem(api, task, ann)).claim!;
      const prompt = claim.item.prompt!.text!;
      const keys = claim.item.answers.map(({ key }) => key);
      shown.set(prompt, [...(shown.get(prompt) ?? []), keys]);
      await submitFeedback(api, claim.id, { pairwise: { outcome: 'BOTH_GOOD' } }, undefined, ann);
    }
    const twice = [...shown.values()].filter((orders) => orders.length > 1);
    expect(twice.length).toBeGreaterThan(0);
    for (const [first, second, ...more] of twice) {
      expect(second).toEqual([...first!].reverse());
      expect(more).toEqual([]);
    }
    expect((await facts(task)).counts).toMatchObject({ repeats: twice.length, answers: 40 - twice.length });
    // Of 40 pairs nearly all orders would be equal if the sides were not drawn: this fails once in 10^8 seeds.
    expect(new Set([...shown.values()].map(([first]) => first!.join())).size).toBe(2);
  });

  test('lets only those take part whom it names', async () => {
    const { viewer } = (await api.send<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }', {}, ann))
      .body.data!;
    const task = await taskOf(1, { participants: [viewer.user.id] });
    const refused = await mutate(api, 'claimFeedbackItem', 'ClaimedFeedbackItem { nothing }', { taskId: task }, bob);
    expect(refused.problems).toMatchObject([{ path: ['taskId'], code: 'FORBIDDEN' }]);
    const held = (await claimItem(api, task, ann)).claim!;
    expect(held.item.text).toBe('text 1');
    const other = (await api.send<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }', {}, bob)).body;
    const update = { taskId: task, participants: [other.data!.viewer.user.id] };
    await mutate(api, 'updateFeedbackTask', 'FeedbackTask { id }', update);
    expect((await trySubmit(api, held.id, up, undefined, ann)).problems).toMatchObject([
      { path: ['claimId'], code: 'FORBIDDEN' },
    ]);
    expect((await facts(task)).counts).toMatchObject({ answers: 0 });
  });

  test('gives out nothing while it is paused, and takes answers to what is held', async () => {
    const task = await taskOf(2, { paused: true });
    const claim = () => mutate(api, 'claimFeedbackItem', 'ClaimedFeedbackItem { nothing }', { taskId: task }, ann);
    expect((await claim()).problems).toMatchObject([{ code: 'CONFLICT' }]);
    await mutate(api, 'resumeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    const held = (await claimItem(api, task, ann)).claim!;
    await mutate(api, 'pauseFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    expect((await claim()).problems).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await submitFeedback(api, held.id, up, undefined, ann)).toMatchObject({ late: false });
  });

  test('stores how probable each pick was', async () => {
    const picks = async (input: Record<string, unknown>) => {
      const task = await taskOf(4, { overlap: { atLeast: 9 }, ...input });
      for (let i = 0; i < 4; i++) await answer(task, ann);
      const { node } = await api.request<{
        node: { answers: { nodes: { picked: string; propensity: number }[] } };
      }>('query ($id: ID!) { node(id: $id) { ... on FeedbackTask { answers { nodes { picked propensity } } } } }', {
        id: task,
      });
      return node.answers.nodes;
    };
    // ε/n of n that are left, and 1 − ε more for the first of them.
    for (const [place, { picked, propensity }] of (await picks({ randomShare: 0.5 })).entries()) {
      const n = 4 - place;
      const options = picked === 'ORDER' ? [0.5 / n + 0.5] : [0.5 / n, 0.5 / n + 0.5];
      expect(options.some((each) => Math.abs(each - propensity) < 1e-9)).toBe(true);
    }
    expect((await picks({ randomShare: 0 })).map(({ propensity }) => propensity)).toEqual([1, 1, 1, 1]);
    expect((await picks({ order: 'RANDOM' })).map(({ propensity }) => propensity)).toEqual([1 / 4, 1 / 3, 1 / 2, 1]);
  });
});
