import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';

let api: TestApi;
interface Person {
  readonly id: string;
  readonly key: string;
}
let ann: Person;
let bob: Person;

beforeAll(async () => {
  api = await startTestApi();
  [ann, bob] = [await person('ann'), await person('bob')];
});
afterAll(() => api?.close());

async function person(name: string): Promise<Person> {
  const { dataSource, projectId } = api;
  const id = await insertUser(dataSource, name, { roles: { [projectId]: 'ANNOTATOR' } });
  return { id, key: (await insertKey(dataSource, id)).secret };
}

const up = { thumbs: { up: true } };

async function taskOf(count: number, input: Record<string, unknown> = {}): Promise<string> {
  const task = await createFeedbackTask(api, { name: 'seen', question: { thumbs: {} }, randomShare: 0, ...input });
  const items = Array.from({ length: count }, (_, i) => ({ text: `text ${i + 1}` }));
  await addFeedbackItems(api, task, items);
  return task;
}

async function answer(task: string, { key }: Person): Promise<string> {
  const { claim } = await claimItem(api, task, key);
  return (await submitFeedback(api, claim!.id, up, undefined, key)).id;
}

const as = async <Data>(query: string, variables: Record<string, unknown>, { key }: Person) =>
  (await api.send<Data>(query, variables, key)).body;

const close = (task: string) => mutate(api, 'closeFeedbackTask', 'FeedbackTask { status }', { taskId: task });

async function answersSeen(task: string, viewer: Person): Promise<string[]> {
  const query = 'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { answers { totalCount nodes { id } } } } }';
  const { data } = await as<{ node: { answers: { totalCount: number; nodes: { id: string }[] } } }>(
    query,
    { id: task },
    viewer,
  );
  const { totalCount, nodes } = data!.node.answers;
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ id }) => id);
}

async function isThere(id: string, viewer: Person): Promise<boolean> {
  const { data } = await as<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', { id }, viewer);
  return data!.node !== null;
}

describe('annotators', () => {
  test('see their own answers, and those of others once a blind task is closed', async () => {
    const task = await taskOf(3, { ends: { itemsSettled: false } });
    const [ofAnn, ofBob] = [await answer(task, ann), await answer(task, bob)];
    expect(await answersSeen(task, ann)).toEqual([ofAnn]);
    expect([await isThere(ofAnn, ann), await isThere(ofBob, ann)]).toEqual([true, false]);
    await close(task);
    expect(await answersSeen(task, ann)).toEqual([ofAnn, ofBob]);
    expect(await isThere(ofBob, ann)).toBe(true);
  });

  test('see all answers of a task that is not blind', async () => {
    const task = await taskOf(3, { blind: false });
    const [ofAnn, ofBob] = [await answer(task, ann), await answer(task, bob)];
    expect(await answersSeen(task, ann)).toEqual([ofAnn, ofBob]);
  });

  test('do not see why they got an item, nor the item itself', async () => {
    const task = await taskOf(1);
    const id = await answer(task, ann);
    for (const field of ['isCounted', 'picked', 'propensity']) {
      const { errors } = await as(
        `query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { ${field} } } }`,
        { id },
        ann,
      );
      expect(errors![0]!.extensions.code).toBe('FORBIDDEN');
    }
    const query =
      'query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { item { id } claim { item { text } } } } }';
    expect((await as(query, { id }, ann)).data).toEqual({ node: { item: null, claim: { item: { text: 'text 1' } } } });
  });

  test('can not claim for others, by an id of theirs', async () => {
    const task = await taskOf(1);
    const { claim } = await claimItem(api, task, ann.key);
    expect([await isThere(claim!.id, ann), await isThere(claim!.id, bob)]).toEqual([true, false]);
  });
});

interface Seen {
  readonly __typename: string;
  readonly seq: number;
  readonly answer?: { readonly id: string } | null;
  readonly user?: { readonly name: string } | null;
  readonly category?: string | null;
}

const activity = `subscription ($taskId: ID!, $afterSeq: BigInt!) { feedbackActivity(taskId: $taskId, afterSeq: $afterSeq) {
  __typename ... on SequencedFeedbackEvent { seq }
  ... on FeedbackAnswerSubmitted { answer { id } user { name } }
  ... on FeedbackItemSettled { category } } }`;

describe('the log of a task', () => {
  /** The events from `afterSeq` until the task is closed. */
  async function followed(task: string, afterSeq: number, key?: string): Promise<Seen[]> {
    const client = key === undefined ? api.connect() : api.connect({ authorization: `Bearer ${key}` });
    const seen: Seen[] = [];
    const variables = { taskId: task, afterSeq };
    for await (const { data, errors } of client.iterate<{ feedbackActivity: Seen }>({ query: activity, variables })) {
      expect(errors).toBeUndefined();
      seen.push(data!.feedbackActivity);
      if (seen.at(-1)!.__typename === 'FeedbackStatusChanged' && seen.at(-1)!.seq > 1) return seen;
    }
    return seen;
  }

  test('is told without gaps, from wherever one asks, what was and what comes', async () => {
    const task = await taskOf(2);
    const before = await answer(task, ann);
    const [fromStart, fromThird] = [followed(task, 0), followed(task, 3)];
    const after = await answer(task, bob);
    const events = await fromStart;
    expect(events).toEqual([
      { __typename: 'FeedbackStatusChanged', seq: 1 },
      { __typename: 'FeedbackItemsAdded', seq: 2 },
      { __typename: 'FeedbackAnswerSubmitted', seq: 3, answer: { id: before }, user: { name: 'ann' } },
      { __typename: 'FeedbackItemSettled', seq: 4, category: 'UP' },
      { __typename: 'FeedbackAnswerSubmitted', seq: 5, answer: { id: after }, user: { name: 'bob' } },
      { __typename: 'FeedbackItemSettled', seq: 6, category: 'UP' },
      { __typename: 'FeedbackStatusChanged', seq: 7 },
    ]);
    expect(await fromThird).toEqual(events.slice(3));
  });

  test('tells annotators of a blind task what they did, and nothing of others and of items before it is closed', async () => {
    const task = await taskOf(4, { ends: { itemsSettled: false } });
    const mine = await answer(task, ann);
    await answer(task, bob);
    const query = `query ($id: ID!, $last: Int) { node(id: $id) { ... on FeedbackTask { events(last: $last) {
      lastSeq hasMore events { __typename ... on SequencedFeedbackEvent { seq }
        ... on FeedbackAnswerSubmitted { answer { id } user { name } item { id } }
        ... on FeedbackItemSettled { category probability } } } } } }`;
    const page = async (last: number | null) => {
      const { data, errors } = await as<{ node: { events: { events: Seen[] } } }>(query, { id: task, last }, ann);
      expect(errors).toBeUndefined();
      return data!.node.events;
    };
    const began = [
      { __typename: 'FeedbackStatusChanged', seq: 1 },
      { __typename: 'FeedbackItemsAdded', seq: 2 },
    ];
    const own = {
      __typename: 'FeedbackAnswerSubmitted',
      seq: 3,
      answer: { id: mine },
      user: { name: 'ann' },
      item: null,
    };
    expect(await page(null)).toEqual({ events: [...began, own], lastSeq: 3, hasMore: false });
    expect(await page(1)).toEqual({ events: [own], lastSeq: 3, hasMore: false });

    const live = api.connect({ authorization: `Bearer ${ann.key}` }).iterate<{ feedbackActivity: Seen }>({
      query: activity,
      variables: { taskId: task, afterSeq: 0 },
    });
    const nextSeq = async () => (await live.next()).value!.data!.feedbackActivity.seq;
    expect([await nextSeq(), await nextSeq(), await nextSeq()]).toEqual([1, 2, 3]);
    const { claim } = await claimItem(api, task, ann.key);
    await mutate(api, 'flagFeedbackItem', 'FeedbackClaim { id }', { claimId: claim!.id, reason: 'Cut off.' }, ann.key);
    // What bob did in between is not even a gap.
    expect(await nextSeq()).toBe(4);
    await close(task);
    expect(await nextSeq()).toBe(5);
    await live.return?.();

    // Numbers stay what they were: what others said is listed now, and not told after the event.
    const { events, ...rest } = await page(null);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(rest).toEqual({ lastSeq: 5, hasMore: false });
    expect(events.slice(3)).toMatchObject([
      { __typename: 'FeedbackItemFlagged' },
      { __typename: 'FeedbackStatusChanged' },
    ]);
    const later = api.connect({ authorization: `Bearer ${ann.key}` }).iterate<{ feedbackActivity: Seen }>({
      query: activity,
      variables: { taskId: task, afterSeq: 3 },
    });
    expect((await later.next()).value!.data!.feedbackActivity).toMatchObject({
      __typename: 'FeedbackItemFlagged',
      seq: 4,
    });
    await later.return?.();
    const facts = await as<{ node: { lastSeq: number } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { lastSeq } } }',
      { id: task },
      ann,
    );
    expect(facts.data!.node.lastSeq).toBe(5);
  });

  test('ends for a member who may train no longer while they follow it', async () => {
    const task = await taskOf(2, { ends: { itemsSettled: false } });
    const { dataSource, projectId } = api;
    const id = await insertUser(dataSource, 'former trainer', { roles: { [projectId]: 'MAINTAINER' } });
    const { secret } = await insertKey(dataSource, id);
    const live = api.connect({ authorization: `Bearer ${secret}` }).iterate<{ feedbackActivity: Seen }>({
      query: activity,
      variables: { taskId: task, afterSeq: 0 },
    });
    const next = async () => (await live.next()).value;
    expect([(await next())!.data!.feedbackActivity.seq, (await next())!.data!.feedbackActivity.seq]).toEqual([1, 2]);
    const ended = next().then(
      () => null,
      (errors: readonly { readonly extensions: { readonly code: string } }[]) => errors[0]!.extensions.code,
    );
    const role = { userId: globalId('User', id), role: 'ANNOTATOR' };
    await mutate(api, 'changeMemberRole', 'Member { role }', role);
    expect(await ended).toBe('FORBIDDEN');
  });

  test('beyond its end is an error, and so is a task that is none', async () => {
    const task = await taskOf(1);
    const first = async (variables: Record<string, unknown>) =>
      (await api.connect().iterate({ query: activity, variables }).next()).value?.errors?.[0]?.extensions?.code;
    expect(await first({ taskId: task, afterSeq: 3 })).toBe('BAD_USER_INPUT');
    expect(await first({ taskId: globalId('FeedbackTask', bob.id), afterSeq: 0 })).toBe('NOT_FOUND');
  });
});

test('keys that a client left out do not tell which answer it named first', async () => {
  const task = await createFeedbackTask(api, { name: 'keys', question: { pairwise: {} }, seed: 7 });
  const item = (i: number) => ({
    prompt: { text: `prompt ${i}` },
    answers: [{ text: `of one ${i}` }, { text: `of the other ${i}` }],
    gold: { pairwise: { preferred: 'a' } },
  });
  const named = { ...item(100), answers: ['x', 'a'].map((key) => ({ key, text: key })) };
  await addFeedbackItems(api, task, [...Array.from({ length: 30 }, (_, i) => item(i)), named]);
  const { node } = await api.request<{
    node: { items: { nodes: { answers: { key: string }[]; gold: { preferred: string } }[] } };
  }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items(first: 31) { nodes {
      answers { key text } gold { ... on PairwiseValue { preferred } } } } } } }`,
    { id: task },
  );
  const last = node.items.nodes.pop();
  expect(last).toMatchObject({ answers: [{ key: 'x' }, { key: 'a' }], gold: { preferred: 'a' } });
  const keys = node.items.nodes.map(({ answers }) => answers.map(({ key }) => key).join(''));
  expect(new Set(keys)).toEqual(new Set(['ab', 'ba']));
  // What is known to be right is the first in the call, whatever it is called.
  expect(node.items.nodes.map(({ gold }) => gold.preferred)).toEqual(keys.map((key) => key[0]));
});

test('a project tells when a task opens for the first time, and when it closes', async () => {
  const task = await taskOf(1, { paused: true, name: 'told' });
  const resume = { taskId: task };
  for (const mutation of ['resumeFeedbackTask', 'pauseFeedbackTask', 'resumeFeedbackTask']) {
    await mutate(api, mutation, 'FeedbackTask { status }', resume);
  }
  await answer(task, ann);
  const { project } = await api.request<{ project: { events: { events: unknown[] } } }>(
    `{ project { events(last: 10, kinds: [FEEDBACK_TASK_OPENED, FEEDBACK_TASK_CLOSED]) { events { __typename
       ... on FeedbackTaskOpened { name questionKind task { id } }
       ... on FeedbackTaskClosed { name taskStatus closedReason itemCount settledCount answerCount task { status } } } } } }`,
  );
  expect(project.events.events.slice(-2)).toEqual([
    { __typename: 'FeedbackTaskOpened', name: 'told', questionKind: 'THUMBS', task: { id: task } },
    {
      __typename: 'FeedbackTaskClosed',
      name: 'told',
      taskStatus: 'CLOSED',
      closedReason: 'ITEMS_SETTLED',
      itemCount: 1,
      settledCount: 1,
      answerCount: 1,
      task: { status: 'CLOSED' },
    },
  ]);
});

describe('deletion', () => {
  test('of a task takes all that was said in it', async () => {
    const task = await taskOf(2);
    const id = await answer(task, ann);
    const remove = () =>
      mutate(api, 'deleteFeedbackTask', 'Deletion { kind name counts { kind count } }', { taskId: task });
    const deleted = { kind: 'FEEDBACK_TASK', name: 'seen', counts: [{ kind: 'FEEDBACK_TASK', count: 1 }] };
    expect(await remove()).toEqual(deleted);
    expect(await remove()).toEqual(deleted);
    expect(await isThere(id, ann)).toBe(false);
    for (const table of ['items', 'claims', 'answers', 'events', 'instructions']) {
      const rows = await api.dataSource.query(`SELECT 1 FROM feedback_${table} WHERE task_id = $1`, [
        parseGlobalId(task)!.uuid,
      ]);
      expect([table, rows]).toEqual([table, []]);
    }
  });

  test('of a user leaves their answers, and gives back what they hold', async () => {
    const gone = await person('gone');
    const task = await taskOf(2, { ends: { itemsSettled: false } });
    const id = await answer(task, gone);
    await claimItem(api, task, gone.key);
    expect((await claimItem(api, task, bob.key)).nothing).toBe('ALL_HELD');
    await mutate(api, 'deleteUser', 'Deletion { kind }', { userId: globalId('User', gone.id) });
    const query = 'query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { user { name } value { __typename } } } }';
    expect(await api.request(query, { id })).toEqual({
      node: { user: { name: 'Deleted user' }, value: { __typename: 'ThumbsValue' } },
    });
    expect((await claimItem(api, task, bob.key)).claim!.item.text).toBe('text 2');
  });

  test('of a project needs to be told of its tasks', async () => {
    await api.request('mutation { createProject(input: { slug: "asked", name: "asked" }) { __typename } }');
    await createFeedbackTask(api, { name: 'of it', question: { thumbs: {} }, projectSlug: 'asked' });
    const remove = (cascade: boolean) =>
      mutate<{ counts: unknown }>(api, 'deleteProject', 'Deletion { counts { kind count } }', {
        projectSlug: 'asked',
        cascade,
      });
    expect((await remove(false)).problems).toMatchObject([{ code: 'IN_USE' }]);
    expect((await remove(true)).counts).toEqual(expect.arrayContaining([{ kind: 'FEEDBACK_TASK', count: 1 }]));
  });
});

test('settings and items that do not fit are refused with their places', async () => {
  const refused = async (input: Record<string, unknown>) => {
    const given = { name: 'refused', question: { thumbs: {} }, ...input };
    const { problems } = await mutate(api, 'createFeedbackTask', 'FeedbackTask { id }', given);
    return problems?.map(({ path, code }) => [path.join('.'), code].join(': '));
  };
  expect(await refused({ question: { labels: { classes: ['one'] } }, claimSeconds: 0 })).toEqual([
    'claimSeconds: INVALID_VALUE',
    'question.labels.classes: INVALID_VALUE',
  ]);
  expect(await refused({ overlap: { atLeast: 3, atMost: 2, sureAt: 1 } })).toEqual([
    'overlap.atMost: INVALID_VALUE',
    'overlap.sureAt: INVALID_VALUE',
  ]);
  expect(await refused({ participants: [globalId('User', parseGlobalId(await taskOf(1))!.uuid)] })).toEqual([
    'participants.0: NOT_FOUND',
  ]);
  const task = await createFeedbackTask(api, { name: 'pairs', question: { pairwise: {} } });
  const answers = [{ text: 'one' }, { text: 'two', modelId: task }];
  const items = [{ text: 'none' }, { answers, gold: { pairwise: { preferred: 'c' } } }];
  const { problems } = await mutate(api, 'addFeedbackItems', 'AddedFeedbackItems { count }', { taskId: task, items });
  expect(problems!.map(({ path, code }) => `${path.join('.')}: ${code}`)).toEqual([
    'items.0.answers: REQUIRED',
    'items.1.gold.pairwise.preferred: INVALID_VALUE',
    'items.1.answers.1.modelId: NOT_FOUND',
  ]);
});

test('instructions get a version with each change, which claims and answers name', async () => {
  const task = await taskOf(3, { instructions: 'first' });
  const before = await answer(task, ann);
  const update = (instructions: string) =>
    mutate(api, 'updateFeedbackTask', 'FeedbackTask { instructions { version } }', { taskId: task, instructions });
  expect(await update('second')).toEqual({ instructions: { version: 2 } });
  expect(await update('second')).toEqual({ instructions: { version: 2 } });
  const { claim } = await claimItem(api, task, bob.key);
  expect(claim!.instructions).toEqual({ version: 2, text: 'second' });
  const query = `query ($id: ID!) { node(id: $id) { ... on FeedbackAnswer { instructionsVersion
    task { instructionVersions { version text } } } } }`;
  expect(await api.request(query, { id: before })).toEqual({
    node: {
      instructionsVersion: 1,
      task: {
        instructionVersions: [
          { version: 2, text: 'second' },
          { version: 1, text: 'first' },
        ],
      },
    },
  });
});

test('another overlap judges all items anew', async () => {
  const task = await taskOf(2, { ends: { itemsSettled: false } });
  await answer(task, ann);
  await answer(task, bob);
  const update = (overlap: Record<string, number>) =>
    mutate(api, 'updateFeedbackTask', 'FeedbackTask { counts { settled } status }', { taskId: task, overlap });
  expect(await update({ atLeast: 2 })).toEqual({ counts: { settled: 0 }, status: 'OPEN' });
  expect((await claimItem(api, task, ann.key)).claim!.item.text).toBe('text 2');
  expect(await update({ atLeast: 1 })).toEqual({ counts: { settled: 2 }, status: 'OPEN' });
  expect((await claimItem(api, task, bob.key)).nothing).toBe('NOTHING_LEFT');
});
