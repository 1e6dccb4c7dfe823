import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { addFeedbackItems, claimItem, createFeedbackTask, mutate, submitFeedback } from '../../support/feedback.js';
import { insertBaseModel } from '../../support/rows.js';

/** What the graph shows of answers: to whom, and what is decided of disputes. */

let api: TestApi;
const people: { id: string; key: string }[] = [];
beforeAll(async () => {
  api = await startTestApi();
  for (const name of ['ann', 'bob', 'cleo']) {
    const user = await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'ANNOTATOR' } });
    people.push({ id: globalId('User', user), key: (await insertKey(api.dataSource, user)).secret });
  }
});
afterAll(() => api?.close());

interface Voted {
  readonly task: string;
  /** The item's id, by its text. */
  readonly items: ReadonlyMap<string, string>;
}

/** Ten items with the answers of three people, of which the last item divides them. */
async function votedTask(input: Record<string, unknown> = {}): Promise<Voted> {
  const task = await createFeedbackTask(api, {
    name: 'topic',
    question: { labels: { classes: ['x', 'y', 'z'] } },
    overlap: { atLeast: 3, atMost: 3 },
    randomShare: 0,
    ends: { itemsSettled: false },
    ...input,
  });
  await addFeedbackItems(
    api,
    task,
    Array.from({ length: 10 }, (_, i) => ({ text: `text ${i}` })),
  );
  for (const [place, { key }] of people.entries()) {
    for (let i = 0; i < 10; i++) {
      const { claim } = await claimItem(api, task, key);
      const label = claim!.item.text === 'text 9' ? 'xyz'[place]! : 'xy'[Number(claim!.item.text!.slice(5)) % 2]!;
      await submitFeedback(api, claim!.id, { labels: { labels: [label] } }, undefined, key);
    }
  }
  const { node } = await api.request<{ node: { items: { nodes: { id: string; text: string }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { items { nodes { id text } } } } }',
    { id: task },
  );
  return { task, items: new Map(node.items.nodes.map(({ id, text }) => [text, id])) };
}

const results = `query ($id: ID!) { node(id: $id) { ... on FeedbackTask {
  agreement(rounds: 200) { level raw { value units answers lower upper } alpha { value } cohenKappa { value reason } labels { label } }
  annotators { user { id } answerCount agreement gold { of share } flags { kind } }
  likelyAnswers(first: 3) { totalCount nodes { item { text } method category probability majorityShare adjudicated }
    pageInfo { hasNextPage endCursor } }
  disputed { totalCount nodes { item { id text } reasons votes { category count } } } } } }`;

test('those who train see agreement, people, likely answers and disputes; annotators themselves alone', async () => {
  const { task } = await votedTask();
  const { node } = await api.request<{ node: Record<string, unknown> }>(results, { id: task });
  expect(node).toMatchObject({
    agreement: {
      level: 'NOMINAL',
      raw: { value: 0.9, units: 10, answers: 30 },
      cohenKappa: { value: null, reason: 'NOT_TWO_ANNOTATORS' },
      labels: [],
    },
    annotators: people.map(() => ({
      answerCount: 10,
      agreement: 0.9,
      gold: { of: 0, share: null },
      flags: expect.any(Array),
    })),
    likelyAnswers: {
      totalCount: 10,
      nodes: [
        { item: { text: 'text 0' }, method: 'ONE_COIN', category: 'x', majorityShare: 1, adjudicated: false },
        { item: { text: 'text 1' }, category: 'y' },
        { item: { text: 'text 2' }, category: 'x' },
      ],
      pageInfo: { hasNextPage: true },
    },
    disputed: {
      totalCount: 1,
      nodes: [
        {
          item: { text: 'text 9' },
          reasons: ['DISAGREEMENT'],
          votes: ['x', 'y', 'z'].map((category) => ({ category, count: 1 })),
        },
      ],
    },
  });
  const { body } = await api.send<{ node: Record<string, unknown> }>(results, { id: task }, people[1]!.key);
  expect(body.data!.node).toMatchObject({
    agreement: null,
    // Others' answers and known ones would tell what is right while it can still be said.
    annotators: [{ user: { id: people[1]!.id }, answerCount: 10, agreement: null, gold: null, flags: null }],
    likelyAnswers: null,
    disputed: null,
  });
  expect(body.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
});

test('annotators learn how they did on gold items only once the task is closed', async () => {
  const { key } = people[0]!;
  const task = await createFeedbackTask(api, {
    name: 'known',
    question: { labels: { classes: ['x', 'y'] } },
    goldShare: 0.5,
    ends: { itemsSettled: false },
  });
  const known = Array.from({ length: 60 }, (_, i) => ({ text: `known ${i}`, gold: { labels: { labels: ['x'] } } }));
  const asked = Array.from({ length: 60 }, (_, i) => ({ text: `asked ${i}` }));
  await addFeedbackItems(api, task, [...known, ...asked]);
  let ofGold = 0;
  // Half of the items are of gold: 40 without one come once in 10^12 times.
  for (let i = 0; i < 40; i++) {
    const { claim } = await claimItem(api, task, key);
    if (claim!.item.text!.startsWith('known')) ofGold++;
    await submitFeedback(api, claim!.id, { labels: { labels: ['x'] } }, undefined, key);
  }
  const query = `query ($id: ID!) { node(id: $id) { ... on FeedbackTask {
    annotators { answerCount sharedItems gold { count of } selfConsistency { of } flags { kind } }
    counts { items settled answers gold goldAnswers repeats } } } }`;
  const seen = async () => (await api.send<{ node: object }>(query, { id: task }, key)).body.data!.node;
  const hidden = { sharedItems: null, gold: null, selfConsistency: null, flags: null };
  const counts = { items: 60, settled: null, answers: null, gold: null, goldAnswers: null, repeats: null };
  expect(await seen()).toEqual({ annotators: [{ answerCount: 40, ...hidden }], counts });
  const ofTrainers = await api.request<{ node: object }>(query, { id: task });
  const answers = 40 - ofGold;
  expect(ofTrainers.node).toMatchObject({
    annotators: [{ answerCount: 40, gold: { count: ofGold, of: ofGold }, selfConsistency: { of: 0 } }],
    counts: { items: 60, settled: answers, answers, gold: 60, goldAnswers: ofGold, repeats: 0 },
  });
  await mutate(api, 'closeFeedbackTask', 'FeedbackTask { id }', { taskId: task });
  expect(await seen()).toMatchObject({
    annotators: [{ answerCount: 40, sharedItems: 0, gold: { count: ofGold, of: ofGold }, selfConsistency: { of: 0 } }],
    counts: { ...counts, settled: answers, answers },
  });
});

test('likely answers have pages both ways', async () => {
  const { task } = await votedTask();
  const page = async (args: string) => {
    const { node } = await api.request<{
      node: {
        likelyAnswers: {
          nodes: { item: { text: string } }[];
          pageInfo: { startCursor: string; endCursor: string; hasNextPage: boolean; hasPreviousPage: boolean };
        };
      };
    }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { likelyAnswers(${args}) {
        nodes { item { text } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } } }`,
      { id: task },
    );
    const { nodes, pageInfo } = node.likelyAnswers;
    return { texts: nodes.map(({ item }) => item.text.slice(5)).join(''), ...pageInfo };
  };
  const first = await page('first: 6');
  expect(first).toMatchObject({ texts: '012345', hasNextPage: true, hasPreviousPage: false });
  const second = await page(`first: 6, after: "${first.endCursor}"`);
  expect(second).toMatchObject({ texts: '6789', hasNextPage: false, hasPreviousPage: true });
  expect(await page(`last: 2, before: "${second.startCursor}"`)).toMatchObject({ texts: '45', hasNextPage: true });
  expect(await page('last: 1')).toMatchObject({ texts: '9', hasNextPage: false });
  await expect(page('first: 2, after: "nonsense"')).rejects.toThrow('not a cursor');
});

const adjudicate = (itemId: string, value: object, more: object = {}) =>
  mutate<{ adjudications: unknown[]; settledAt: string | null }>(
    api,
    'adjudicateFeedbackItem',
    'FeedbackItem { settledAt adjudicated { ... on LabelsValue { labels } } adjudications { number comment decidedBy { name } value { ... on LabelsValue { labels } } } }',
    { itemId, value, ...more },
  );

test('a dispute is decided, again if need be, also after the task was closed, and all decisions are kept', async () => {
  const { task, items } = await votedTask();
  const item = items.get('text 9')!;
  expect(await adjudicate(item, { labels: { labels: ['q'] } })).toMatchObject({
    problems: [{ path: ['value', 'labels', 'labels', '0'], code: 'UNKNOWN_LABEL' }],
  });
  expect(await adjudicate(item, { labels: { labels: ['y'] } }, { comment: ' It is about y. ' })).toMatchObject({
    adjudicated: { labels: ['y'] },
    adjudications: [{ number: 1, comment: 'It is about y.', decidedBy: { name: 'owner' } }],
  });
  const { node } = await api.request<{ node: { disputed: { totalCount: number } } }>(results, { id: task });
  expect(node.disputed.totalCount).toBe(0);
  await mutate(api, 'closeFeedbackTask', 'FeedbackTask { id }', { taskId: task });
  const [{ last }] = await api.dataSource.query('SELECT last_seq::int AS last FROM feedback_tasks WHERE id = $1', [
    parseGlobalId(task)!.uuid,
  ]);
  expect(await adjudicate(item, { labels: { labels: ['z'] } })).toMatchObject({
    adjudicated: { labels: ['z'] },
    adjudications: [
      { number: 2, comment: null, value: { labels: ['z'] } },
      { number: 1, value: { labels: ['y'] } },
    ],
  });
  // The log tells of a decision about an item that was settled before, too.
  const log = await api.request<{ node: { events: object } }>(
    `query ($id: ID!, $last: Int!) { node(id: $id) { ... on FeedbackTask {
      events(afterSeq: $last) { events { __typename ... on FeedbackItemAdjudicated { item { id } } } } } } }`,
    { id: task, last },
  );
  expect(log.node.events).toEqual({ events: [{ __typename: 'FeedbackItemAdjudicated', item: { id: item } }] });
  const likely = await api.request<{ node: { likelyAnswers: { nodes: object[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { likelyAnswers(last: 1) { nodes { category adjudicated probability } } } } }',
    { id: task },
  );
  expect(likely.node.likelyAnswers.nodes).toEqual([{ category: 'z', adjudicated: true, probability: 1 }]);
});

test('an item that stays unsure is in dispute, and one that was flagged is, before all others', async () => {
  const question = { labels: { classes: ['x', 'y'] } };
  const overlap = { atLeast: 2, atMost: 3, sureAt: 0.9 };
  const task = await createFeedbackTask(api, { name: 'unsure', question, overlap, randomShare: 0 });
  await addFeedbackItems(api, task, [{ text: 'hard' }]);
  for (const [place, { key }] of people.entries()) {
    const { claim } = await claimItem(api, task, key);
    await submitFeedback(api, claim!.id, { labels: { labels: ['xyx'[place]] } }, undefined, key);
  }
  const other = await createFeedbackTask(api, { name: 'flagged', question, overlap, randomShare: 0 });
  await addFeedbackItems(api, other, [{ text: 'empty' }]);
  const { claim } = await claimItem(api, other, people[0]!.key);
  await mutate(
    api,
    'flagFeedbackItem',
    'FeedbackClaim { id }',
    { claimId: claim!.id, reason: 'Empty.' },
    people[0]!.key,
  );
  const disputed = async (id: string, reasons: string) => {
    const { node } = await api.request<{ node: { disputed: { nodes: { reasons: string[] }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { disputed${reasons} { nodes { reasons item { settledProbability } } } } } }`,
      { id },
    );
    return node.disputed.nodes;
  };
  expect(await disputed(task, '')).toEqual([
    { reasons: ['UNSURE', 'DISAGREEMENT'], item: { settledProbability: expect.closeTo(0.8, 12) } },
  ]);
  expect(await disputed(task, '(reasons: [FLAGGED])')).toEqual([]);
  expect(await disputed(other, '(reasons: [UNSURE, FLAGGED])')).toEqual([
    { reasons: ['FLAGGED'], item: { settledProbability: null } },
  ]);
});

test('a decision settles an item that needed more answers, and gold items have nothing to decide', async () => {
  const task = await createFeedbackTask(api, {
    name: 'few',
    question: { labels: { classes: ['x', 'y'] } },
    randomShare: 0,
  });
  await addFeedbackItems(api, task, [{ text: 'open' }, { text: 'known', gold: { labels: { labels: ['x'] } } }]);
  const [open, gold] = (
    await api.dataSource.query('SELECT id FROM feedback_items WHERE task_id = $1 ORDER BY position', [
      parseGlobalId(task)!.uuid,
    ])
  ).map(({ id }: { id: string }) => globalId('FeedbackItem', id)) as [string, string];
  expect(await adjudicate(gold, { labels: { labels: ['x'] } })).toMatchObject({ problems: [{ code: 'CONFLICT' }] });
  expect((await adjudicate(open, { labels: { labels: ['x'] } })).settledAt).not.toBeNull();
  const { node } = await api.request<{ node: object }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { status closedReason counts { settled }
      events { events { __typename } } } } }`,
    { id: task },
  );
  // It was the only one, and the task closes once all items are settled.
  expect(node).toMatchObject({ status: 'CLOSED', closedReason: 'ITEMS_SETTLED', counts: { settled: 1 } });
  expect(node).toMatchObject({
    events: {
      events: expect.arrayContaining([
        { __typename: 'FeedbackItemAdjudicated' },
        { __typename: 'FeedbackItemSettled' },
      ]),
    },
  });
});

test('models are ranked by the answers that people prefer', async () => {
  const { dataSource, projectId } = api;
  const [good, poor] = await Promise.all(
    ['good', 'poor'].map(async (name) => globalId('BaseModel', await insertBaseModel(dataSource, projectId, { name }))),
  );
  const task = await createFeedbackTask(api, {
    name: 'pairs',
    question: { pairwise: { strengths: 1 } },
    overlap: { atLeast: 1, atMost: 1 },
    randomShare: 0,
  });
  await addFeedbackItems(
    api,
    task,
    Array.from({ length: 12 }, (_, i) => ({
      prompt: { text: `prompt ${i}` },
      answers: [
        { text: `long answer ${i}`, modelId: good },
        { text: `short ${i}`, modelId: poor },
      ],
    })),
  );
  for (let i = 0; i < 12; i++) {
    const { claim } = await claimItem(api, task, people[0]!.key);
    const [a, b] = [...claim!.item.answers].sort((one) => (one.text.startsWith('long') ? -1 : 1));
    const preferred = claim!.item.prompt!.text!.endsWith('1') ? b!.key : a!.key;
    await submitFeedback(api, claim!.id, { pairwise: { preferred, strength: 1 } }, undefined, people[0]!.key);
  }
  const ranking = `ranking(rounds: 100) { isConnected components hasPrior promptCount comparisonCount leftOutCount style { feature }
    competitors { key model { name } settings { name } rating lower upper rank wins losses ties styledRating } }`;
  const { node } = await api.request<{ node: { ranking: { competitors: { key: string; rating: number }[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { ${ranking} } } }`,
    { id: task },
  );
  expect(node.ranking).toMatchObject({
    isConnected: true,
    hasPrior: false,
    promptCount: 12,
    comparisonCount: 12,
    leftOutCount: 0,
    style: [],
    // prompts 1 and 11 went to the other
    competitors: [
      { model: { name: 'good' }, wins: 10, losses: 2, ties: 0, styledRating: null, settings: [] },
      { model: { name: 'poor' }, wins: 2, losses: 10 },
    ],
  });
  expect(node.ranking.competitors[0]!.rating).toBeCloseTo(1000 + 200 * Math.log10(5), 6);
  const [first, second] = node.ranking.competitors.map(({ key }) => key);
  const rate = await api.request<{ node: { winRate: object } }>(
    `query ($id: ID!, $a: String!, $b: String!) { node(id: $id) { ... on FeedbackTask {
      winRate(competitor: $a, against: $b) { wins losses ties rate signTestP promptCount } } } }`,
    { id: task, a: first, b: second },
  );
  expect(rate.node.winRate).toMatchObject({ wins: 10, losses: 2, ties: 0, promptCount: 12 });
  const { body } = await api.send(
    `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { ranking(rounds: 7) { hasPrior } } } }`,
    {
      id: task,
    },
  );
  expect(body.errors![0]).toMatchObject({
    message: expect.stringContaining('from 100 to 2000'),
    extensions: { code: 'INVALID_VALUE' },
  });
});
