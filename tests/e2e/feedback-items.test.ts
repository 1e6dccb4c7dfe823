import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  killTestWorker,
  type RunningProcess,
  startTestPlatform,
  startTestWorker,
  type TestPlatform,
} from '../support/platform.js';
import { allEvents, createTopics, readExperiment, startTopicRun } from '../support/training.js';

/** Items of feedback tasks that jobs make: of rows, of predictions, and of what the bundled model writes. */

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let topics: string;
let classifier: string;
let writer: string;

const startWorker = () => startTestWorker({ databaseUrl: database.url, home });

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-items-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startWorker();
  topics = await createTopics(platform.client, 200);
  const run = await startTopicRun(platform.client, topics);
  await allEvents(platform.client, run);
  classifier = (await readExperiment(platform.client, run)).model!.id;
  writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Item {
  readonly position: number;
  readonly text: string | null;
  readonly row: number;
  readonly priority: number | null;
  readonly prompt: { readonly text: string | null; readonly messages: unknown } | null;
  readonly answers: readonly {
    readonly key: string;
    readonly text: string;
    readonly model: { readonly id: string } | null;
    readonly settings: readonly { readonly name: string; readonly value: string }[];
  }[];
  readonly prediction: {
    readonly task: string;
    readonly uncertainty: number | null;
    readonly model: { readonly id: string };
    readonly labels: readonly { readonly label: string; readonly probability: number }[];
  } | null;
}

interface Task {
  readonly id: string;
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly counts: { readonly items: number };
  readonly source: {
    readonly status: string;
    readonly origin: string;
    readonly unitsDone: number | null;
    readonly unitsTotal: number | null;
    readonly itemCount: number | null;
    readonly leftOutCount: number | null;
    readonly equalCount: number | null;
    readonly models: readonly { readonly id: string }[];
  } | null;
}

const fields = /* GraphQL */ `id status problem { code message } counts { items }
  source { status origin unitsDone unitsTotal itemCount leftOutCount equalCount models { id } }`;

const create = (input: Record<string, unknown>): Promise<Task> =>
  platform.client.mutate<Task>(
    `mutation ($input: CreateFeedbackTaskInput!) { createFeedbackTask(input: $input) {
       ... on FeedbackTask { ${fields} } ${problems} } }`,
    { name: 'made', ...input },
  );

const read = async (id: string): Promise<Task> =>
  (
    await platform.client.request<{ node: Task }>(
      `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { ${fields} } } }`,
      { id },
    )
  ).node;

/** The task, once its items are there, or can not be made. */
async function prepared(id: string): Promise<Task> {
  for await (const { feedbackActivity } of platform.client.subscribe<{
    feedbackActivity: { __typename: string; to?: string };
  }>(
    `subscription ($id: ID!) { feedbackActivity(taskId: $id, afterSeq: 0) {
       __typename ... on FeedbackStatusChanged { to } } }`,
    { id },
  )) {
    const { to } = feedbackActivity;
    if (to !== undefined && to !== 'PREPARING') break;
  }
  return read(id);
}

async function itemsOf(id: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | null = null; ; ) {
    const { node }: { node: { items: { nodes: Item[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } } =
      await platform.client.request(
        `query ($id: ID!, $after: String) { node(id: $id) { ... on FeedbackTask { items(first: 100, after: $after) {
           pageInfo { hasNextPage endCursor }
           nodes { position text row priority prompt { text messages { role content } }
             answers { key text model { id } settings { name value } }
             prediction { task uncertainty model { id } labels { label probability } } } } } } }`,
        { id, after },
      );
    items.push(...node.items.nodes);
    if (!node.items.pageInfo.hasNextPage) return items;
    after = node.items.pageInfo.endCursor;
  }
}

/** Every task gives out some items at random; so that a test knows which one comes, this one gives none. */
async function withoutRandomItems(id: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('UPDATE feedback_tasks SET random_share = 0 WHERE id = $1', [parseGlobalId(id)!.uuid]);
  } finally {
    await client.end();
  }
}

const labels = { labels: { classes: ['sport', 'food'] } };
const rows = (rest: Record<string, unknown> = {}) => ({
  rows: { datasetVersionId: topics, textColumn: 'text', ...rest },
});

test('rows of a version become items: the first ones, or a sample that the seed decides', async () => {
  const task = await create({ question: labels, source: rows({ most: 7 }) });
  expect(task).toMatchObject({ status: 'PREPARING', source: { origin: 'ROWS' } });
  const made = await prepared(task.id);
  expect(made).toMatchObject({
    status: 'OPEN',
    problem: null,
    counts: { items: 7 },
    source: { status: 'SUCCEEDED', itemCount: 7, leftOutCount: 0, equalCount: 0, models: [] },
  });
  const first = await itemsOf(task.id);
  expect(first.map(({ row, position }) => [row, position])).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => [i, i + 1]));
  expect(first[0]!.text).toMatch(/^(the goalkeeper|our striker|the soup|this recipe) /);
  const drawn = await Promise.all(
    [3, 3, 4].map(async (seed) => {
      const { id } = await create({ question: labels, source: rows({ most: 20, seed, split: 'train' }), paused: true });
      expect((await prepared(id)).status).toBe('PAUSED');
      return (await itemsOf(id)).map(({ row }) => row);
    }),
  );
  expect(new Set(drawn[0]).size).toBe(20);
  expect(drawn[1]).toEqual(drawn[0]);
  expect(drawn[2]).not.toEqual(drawn[0]);
  // Two columns of a row as a comparison: what is first is drawn.
  const pairs = await create({
    question: { pairwise: { strengths: 1 } },
    source: rows({ textColumn: null, promptColumn: 'text', answerColumns: ['topic', 'mood'], most: 60 }),
  });
  expect((await prepared(pairs.id)).source).toMatchObject({ itemCount: 40, leftOutCount: 20 });
  const compared = await itemsOf(pairs.id);
  expect(compared.every(({ prompt, answers }) => prompt!.text!.length > 0 && answers.length === 2)).toBe(true);
  const firstAnswers = compared.map(({ answers }) => answers.find(({ key }) => key === 'a')!.text);
  const topicsFirst = firstAnswers.filter((text) => text === 'sport' || text === 'food').length;
  expect(topicsFirst).toBeGreaterThan(8);
  expect(topicsFirst).toBeLessThan(32);
});

test('rows that a model is unsure of come first, with what it said of them', async () => {
  const task = await create({
    question: labels,
    order: 'UNCERTAINTY',
    source: { predictions: { datasetVersionId: topics, textColumn: 'text', modelId: classifier, pool: 200, most: 30 } },
  });
  expect(await prepared(task.id)).toMatchObject({
    status: 'OPEN',
    source: { itemCount: 30, models: [{ id: classifier }] },
  });
  const items = await itemsOf(task.id);
  const { prediction } = await platform.client.request<{
    prediction: { texts: { predictions: { labels: { label: string; probability: number }[] }[] }[] };
  }>(
    `query ($input: PredictInput!) { prediction(input: $input) { ... on Prediction { texts { predictions {
       ... on TaskPrediction { labels { label probability } } } } } } }`,
    { input: { modelId: classifier, texts: items.map(({ text }) => text) } },
  );
  for (const [i, item] of items.entries()) {
    const asked = prediction.texts[i]!.predictions[0]!.labels;
    const said = item.prediction!.labels;
    expect(said.map(({ label }) => label)).toEqual(asked.map(({ label }) => label));
    expect(said[0]!.probability).toBeCloseTo(asked[0]!.probability, 4);
    const entropy = -said.reduce((sum, { probability: p }) => sum + p * Math.log(p), 0);
    expect(item.prediction!.uncertainty).toBeCloseTo(entropy, 6);
    expect(item.priority).toBe(item.prediction!.uncertainty);
    if (i > 0) expect(item.priority).toBeLessThanOrEqual(items[i - 1]!.priority!);
  }
  // Whoever asks gets the most unsure one, unless the item is drawn at random.
  await withoutRandomItems(task.id);
  const { claim } = await platform.client.mutate<{ claim: { item: { text: string } } }>(
    `mutation ($input: ClaimFeedbackItemInput!) { claimFeedbackItem(input: $input) {
       ... on ClaimedFeedbackItem { claim { item { text } } } ${problems} } }`,
    { taskId: task.id },
  );
  expect(claim.item.text).toBe(items[0]!.text);
});

test('rows that cover the others are of both topics, and of no text twice', async () => {
  const task = await create({
    question: labels,
    order: 'DIVERSITY',
    source: {
      predictions: {
        datasetVersionId: topics,
        textColumn: 'text',
        modelId: classifier,
        by: 'DIVERSITY',
        pool: 120,
        most: 8,
      },
    },
  });
  expect((await prepared(task.id)).counts.items).toBe(8);
  const items = await itemsOf(task.id);
  expect(items.map(({ priority }) => priority)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(new Set(items.map(({ text }) => text)).size).toBe(8);
  const isSport = items.map(({ text }) => /goalkeeper|striker/.test(text!));
  expect(new Set(isSport)).toEqual(new Set([true, false]));
});

const variant = (seed: number, rest: Record<string, unknown> = {}) => ({
  modelId: writer,
  sampling: { temperature: 1, seed },
  maxTokens: 6,
  ...rest,
});
const seedOf = ({ settings }: Item['answers'][number]): number =>
  Number(settings.find(({ name }) => name === 'seed')!.value);
const generations = (rest: Record<string, unknown> = {}) => ({
  generations: { datasetVersionId: topics, promptColumn: 'text', variants: [variant(1), variant(2)], ...rest },
});

test('answers of models become pairs, rankings or single items, with what wrote them', async () => {
  const made = await Promise.all(
    [
      { question: { pairwise: {} }, source: generations({ most: 6 }) },
      {
        question: { pairwise: {} },
        source: generations({ most: 4, variants: [variant(1, { samples: 3 })], pairsPerPrompt: 2 }),
      },
      { question: { ranking: {} }, source: generations({ most: 4, variants: [variant(1), variant(2), variant(3)] }) },
      { question: { rating: { from: 1, to: 5 } }, source: generations({ most: 4 }) },
    ].map(async (input) => {
      const { id } = await create(input);
      const task = await prepared(id);
      expect(task.problem).toBeNull();
      return { task, items: await itemsOf(id) };
    }),
  );
  const [pairs, drawn, ranking, rating] = made;
  expect(pairs!.task.source!.itemCount! + pairs!.task.source!.equalCount!).toBe(6);
  for (const { answers } of pairs!.items) {
    expect(answers.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(seedOf(answers[0]!)).not.toBe(seedOf(answers[1]!));
    expect(answers[0]!.text).not.toBe(answers[1]!.text);
    expect(answers[0]!.model!.id).toBe(writer);
  }
  expect(drawn!.items.length).toBeLessThanOrEqual(8);
  expect(drawn!.items.length).toBeGreaterThan(4);
  expect(ranking!.items.every(({ answers }) => answers.length >= 2 && answers.length <= 3)).toBe(true);
  expect(rating!.task.source!.itemCount! + rating!.task.source!.equalCount!).toBe(8);
  // Each prompt has seeds of its own.
  expect(new Set(pairs!.items.flatMap((item) => item.answers.map(seedOf))).size).toBe(2 * pairs!.items.length);
  // What generate writes with these settings is what is judged.
  const { answers, prompt } = pairs!.items[0]!;
  const generated = await platform.client.mutate<{ answers: { text: string }[] }>(
    `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Generation { answers { text } } ${problems} } }`,
    { ...variant(seedOf(answers[0]!)), prompts: [{ text: prompt!.text }] },
  );
  expect(generated.answers[0]!.text).toBe(answers[0]!.text);
});

test('a killed worker is followed by one that goes on: the items of a job that was left alone, each once', async () => {
  const source = generations({ most: 200, variants: [variant(1, { maxTokens: 160 }), variant(2, { maxTokens: 160 })] });
  const task = await create({ question: { pairwise: {} }, source });
  const folder = join(home, 'batches');
  // A part is written after five seconds.
  const kept = async (): Promise<boolean> =>
    (await readdir(folder, { recursive: true })).some((name) => name.endsWith('.jsonl'));
  for (let isKept = false; !isKept; ) {
    const { status, source: made } = await read(task.id);
    if (status !== 'PREPARING') throw new Error('The job was over before anything was kept.');
    isKept = made!.status === 'RUNNING' && (await kept());
  }
  await killTestWorker(worker, database.url);
  const killed = await read(task.id);
  expect(killed).toMatchObject({ status: 'PREPARING', counts: { items: 0 }, source: { unitsTotal: 400 } });
  worker = startWorker();
  expect(await prepared(task.id)).toMatchObject({ status: 'OPEN', problem: null });
  const items = await itemsOf(task.id);
  expect(items.map(({ position }) => position)).toEqual(items.map((_, i) => i + 1));
  const alone = await create({ question: { pairwise: {} }, source });
  await prepared(alone.id);
  expect(items).toEqual(await itemsOf(alone.id));
  expect(await readdir(folder)).toEqual([]);
}, 180_000);

test('closing a task ends the making of its items; equal answers alone make it fail', async () => {
  const variants = [variant(1, { maxTokens: 160 }), variant(2, { maxTokens: 160 })];
  const task = await create({ question: { pairwise: {} }, source: generations({ most: 200, variants }) });
  const act = (mutation: string) =>
    platform.client.mutate<{ status: string }>(
      `mutation ($input: FeedbackTaskActionInput!) { ${mutation}(input: $input) { ... on FeedbackTask { status } ${problems} } }`,
      { taskId: task.id },
    );
  await expect(act('resumeFeedbackTask')).rejects.toThrow('The task is PREPARING');
  while ((await read(task.id)).source!.status !== 'RUNNING');
  expect((await act('closeFeedbackTask')).status).toBe('CLOSED');
  const greedy = { modelId: writer, sampling: { temperature: 0 }, maxTokens: 4 };
  const equal = await create({
    question: { pairwise: {} },
    source: generations({ most: 3, variants: [greedy, greedy] }),
  });
  // The lane does one job at a time: the one of the closed task has ended before.
  expect(await prepared(equal.id)).toMatchObject({
    status: 'FAILED',
    problem: { code: 'NO_ROWS_LEFT', message: expect.stringContaining('3 answers or pairs of answers are equal') },
    source: { status: 'FAILED' },
  });
  expect(await read(task.id)).toMatchObject({ status: 'CLOSED', counts: { items: 0 }, source: { status: 'CANCELED' } });
});

test('a source that does not fit is refused before anything is made', async () => {
  for (const [input, message] of [
    [{ question: labels, source: rows({ split: 'tests' }) }, /has no split “tests”/],
    [{ question: labels, source: rows({ textColumn: 'texts' }) }, /Did you mean “text”/],
    [{ question: { pairwise: {} }, source: rows({ textColumn: null }) }, /needs two columns of answers/],
    [{ question: labels, source: rows({ most: 0 }) }, /must be from 1 to 10000/],
    [
      { question: { thumbs: {} }, source: { predictions: { datasetVersionId: topics, modelId: classifier } } },
      /questions of labels/,
    ],
    [
      { question: labels, source: { predictions: { datasetVersionId: topics, modelId: writer, textColumn: 'text' } } },
      /no head of labels/,
    ],
    [
      { question: { pairwise: {} }, source: generations({ variants: [variant(1)] }) },
      /2 to 20 answers, and these are 1/,
    ],
    [
      {
        question: { pairwise: {} },
        source: generations({ variants: [variant(1), { ...variant(2), modelId: classifier }] }),
      },
      /writes no texts/,
    ],
  ] as const) {
    await expect(create(input), String(message)).rejects.toThrow(message);
  }
});
