import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExperiment } from '../../src/demo/operations.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { importModel, referenceModel, watchImport } from '../support/models.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, readExperiment, uploadRows } from '../support/training.js';

/** What a model said of single examples, of heads of every kind: trained, evaluated and read as users do. */

const problems = '... on Problems { problems { path code message hint } }';
const pageSize = 7;

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let version: string;
let model: string;
let evaluation: string;

/**
 * Rows whose columns can be read off their words, mostly: every seventh says something else, so that no model is right
 * about all. Of those to score, some have labels that no other row has, and some lack a target.
 */
const rows = Array.from({ length: 180 }, (_, row) => {
  const [subject, isCharged] = [row % 4, Math.floor(row / 4) % 2 === 0];
  const isScored = row % 3 === 2;
  const isOdd = row % 7 === 0;
  const words = [...['my card', 'the fee', 'a transfer', 'the payment'][subject]!.split(' '), 'was'];
  words.push(isCharged ? 'charged' : 'to', 'be', 'at', 'the', `card\u{1F4B3}${row}`);
  const strange = isScored && row % 20 === 5;
  return {
    part: isScored ? 'validation' : 'train',
    words,
    note: `note ${row}`,
    mood: strange ? 'unsure' : isScored && row % 23 === 0 ? null : isCharged === isOdd ? 'good' : 'bad',
    topics: [
      ...(subject < 2 ? ['known'] : []),
      ...(isCharged !== isOdd ? ['charged'] : []),
      ...(strange ? ['new'] : []),
    ],
    tags: words.map((_, i) => (i === 0 ? (strange ? 'B-place' : 'B-thing') : i === 1 && !isOdd ? 'I-thing' : 'O')),
    amount: 250 + 40 * subject + row,
    share: row % 5 === 0 ? null : isCharged ? 1 : 0,
  };
});
type Row = (typeof rows)[number];
const scored = rows.map((row, number) => ({ ...row, number })).filter(({ part }) => part === 'validation');

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-examples-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home, env: { ATTUNE_IMPORT_FOLDERS: referenceModel('bert') } });
  const { latest } = await platform.client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name: 'cards', uploadId: await uploadRows(platform.client, rows), splitColumn: 'part' },
  );
  version = latest.id;
  model = await train(1);
  evaluation = await evaluate(model);
}, 240_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

let bert: string | null = null;
async function train(epochs: number): Promise<string> {
  const { client } = platform;
  bert ??= await importBert();
  const { id } = await createExperiment(client, {
    name: `cards ${epochs}`,
    baseModelId: bert,
    datasetVersionId: version,
    method: {
      multiTask: {
        textColumn: 'words',
        tasks: [
          { name: 'mood', labelColumn: 'mood' },
          { name: 'topics', head: { multiLabel: { labelColumn: 'topics' } } },
          { name: 'numbers', head: { regression: { targetColumns: ['amount', 'share'] } } },
          { name: 'things', head: { tokenClassification: { tagColumn: 'tags' } } },
        ],
      },
    },
    hyperparameters: { maxLength: 24, batchSize: 8, learningRate: 0.01, dropout: 0, seed: 3, epochs, pooling: 'MEAN' },
  });
  await allEvents(client, id);
  const state = await readExperiment(client, id);
  expect([state.status, state.problem]).toEqual(['SUCCEEDED', null]);
  return state.model!.id;
}

async function importBert(): Promise<string> {
  const id = await importModel(platform.client, { name: 'bert', source: { folder: { path: referenceModel('bert') } } });
  for await (const { status, model: imported } of watchImport(platform.client, id)) {
    if (status === 'SUCCEEDED') return imported!.id;
  }
  throw new Error('The import has no end.');
}

async function evaluate(modelId: string): Promise<string> {
  const { client } = platform;
  const tasks = ['mood', 'topics', 'numbers', 'things'].map((task) => ({ task }));
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { modelId, datasetVersionId: version, split: 'validation', tasks },
  );
  const changes = client.subscribe<{ evaluationChanged: { status: string; problem: { message: string } | null } }>(
    'subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status problem { message } } }',
    { id },
  );
  for await (const { evaluationChanged } of changes) {
    if (evaluationChanged.problem !== null) throw new Error(evaluationChanged.problem.message);
    if (evaluationChanged.status === 'SUCCEEDED') return id;
  }
  throw new Error('The evaluation ended without scores.');
}

interface Shown {
  readonly row: number;
  readonly kind: string;
  readonly isRight: boolean | null;
  readonly confidence: number | null;
  readonly error: number;
  readonly text: string;
  readonly textPair: string | null;
  readonly example: { readonly row: number; readonly split: string; readonly values: Row };
  readonly trueLabel: string;
  readonly predictedLabel: string;
  readonly trueLabelProbability: number | null;
  readonly labels: readonly { label: string; probability: number }[];
  readonly trueLabels: readonly string[];
  readonly predictedLabels: readonly string[];
  readonly missedLabels: readonly string[];
  readonly falseLabels: readonly string[];
  readonly wrongWordCount: number;
  readonly words: readonly { word: string; start: number; end: number; trueTag: string; predictedTag: string }[];
  readonly numbers: readonly {
    name: string;
    trueValue: number | null;
    predictedValue: number;
    absoluteError: number | null;
  }[];
}

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly Shown[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

const query = /* GraphQL */ `
  query ($id: ID!, $task: String, $filter: EvaluatedExampleFilter, $orderBy: EvaluatedExampleOrder,
         $first: Int! = 100, $after: String, $last: Int, $before: String) {
    node(id: $id) { ... on Evaluation { missingExamples
      examples(task: $task, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes {
          kind row isRight confidence error text textPair example { row split values }
          ... on ClassificationExample { trueLabel predictedLabel trueLabelProbability labels { label probability } }
          ... on MultiLabelExample { trueLabels predictedLabels missedLabels falseLabels labels { label probability } }
          ... on RegressionExample { numbers { name trueValue predictedValue absoluteError } }
          ... on TokenClassificationExample {
            wrongWordCount missedLabels falseLabels words { word start end trueTag predictedTag }
          } } } } } }`;

async function read(variables: object, id = evaluation) {
  const { node } = await platform.client.request<{ node: { missingExamples: string | null; examples: Page | null } }>(
    query,
    { id, ...variables },
  );
  return node;
}
const list = async (variables: object, id?: string): Promise<Page> => (await read(variables, id)).examples!;
const counted = async (task: string, filter: object, id?: string) =>
  (await list({ task, filter, first: 1 }, id)).totalCount;
const rowsOf = ({ nodes }: Page) => nodes.map(({ row }) => row);

interface Scores {
  readonly task: string;
  readonly exampleCount: number;
  readonly accuracy: number;
  readonly confusionMatrix: { readonly labels: readonly string[]; readonly counts: readonly number[][] };
  readonly subsetAccuracy: number;
  readonly perLabel: readonly { label: string; falsePositives: number; falseNegatives: number }[];
  readonly perOutput: readonly { name: 'amount' | 'share'; mae: number; exampleCount: number }[];
  readonly wordCount: number;
  readonly entities: { readonly perType: readonly { label: string; support: number; truePositives: number }[] };
}

async function scoresOf(): Promise<Readonly<Record<'mood' | 'topics' | 'numbers' | 'things', Scores>>> {
  const { node } = await platform.client.request<{ node: { scores: Scores[] } }>(
    `query ($id: ID!) { node(id: $id) { ... on Evaluation { scores { task exampleCount
       ... on TaskScores { accuracy confusionMatrix { labels counts } }
       ... on MultiLabelScores { subsetAccuracy perLabel { label falsePositives falseNegatives } }
       ... on RegressionScores { perOutput { name mae exampleCount } }
       ... on TokenClassificationScores { wordCount accuracy entities { perType { label support truePositives } } } } } } }`,
    { id: evaluation },
  );
  return Object.fromEntries(node.scores.map((each) => [each.task, each])) as Awaited<ReturnType<typeof scoresOf>>;
}

describe('a classification', () => {
  test('each cell of the confusion matrix leads to its examples', async () => {
    const { mood } = await scoresOf();
    const { labels, counts } = mood.confusionMatrix;
    for (const [i, trueLabel] of labels.entries()) {
      for (const [j, predictedLabel] of labels.entries()) {
        const page = await list({ task: 'mood', filter: { trueLabel, predictedLabel } });
        expect([page.totalCount, page.nodes.length]).toEqual([counts[i]![j], counts[i]![j]]);
        for (const each of page.nodes) expect(each).toMatchObject({ trueLabel, predictedLabel, isRight: i === j });
      }
    }
    expect(await counted('mood', { isRight: true })).toBe(Math.round(mood.accuracy * mood.exampleCount));
  });

  test('every row that has a label is listed with its text, its values and what was predicted', async () => {
    const { nodes, totalCount } = await list({ task: 'mood', orderBy: { field: 'ROW', direction: 'ASC' } });
    const labelled = scored.filter(({ mood }) => mood !== null);
    expect(nodes.map(({ row, trueLabel }) => [row, trueLabel])).toEqual(labelled.map((row) => [row.number, row.mood]));
    expect(totalCount).toBe(labelled.length);
    for (const { row, text, textPair, example, kind } of nodes) {
      expect([kind, text, textPair]).toEqual(['CLASSIFICATION', rows[row]!.words.join(' '), null]);
      expect(example).toEqual({ row, split: 'validation', values: rows[row] });
    }
    const shown = nodes.slice(0, 20);
    const { texts } = await platform.client.mutate<{ texts: { tasks: { labels: Shown['labels'] }[] }[] }>(
      `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts { tasks { labels { label probability } } } } ${problems} } }`,
      { modelId: model, texts: shown.map(({ text }) => text) },
    );
    for (const [i, example] of shown.entries()) {
      const { labels } = texts[i]!.tasks[0]!;
      expect(example.labels.map(({ label }) => label)).toEqual(labels.map(({ label }) => label));
      expect(example.predictedLabel).toBe(labels[0]!.label);
      expect(example.confidence).toBeCloseTo(labels[0]!.probability, 5);
      const ofTruth = labels.find(({ label }) => label === example.trueLabel)?.probability ?? 0;
      expect(example.error).toBeCloseTo(1 - ofTruth, 5);
      expect(example.trueLabelProbability ?? 0).toBeCloseTo(ofTruth, 5);
    }
  });

  test('a label that the head does not know is wrong, with the largest error', async () => {
    const strange = scored.filter(({ mood }) => mood === 'unsure').map(({ number }) => number);
    const { nodes } = await list({ task: 'mood', first: strange.length });
    expect(strange.length).toBeGreaterThan(1);
    expect(nodes.map(({ row }) => row)).toEqual(strange);
    for (const each of nodes) {
      expect(each).toMatchObject({ isRight: false, error: 1, trueLabel: 'unsure', trueLabelProbability: null });
    }
  });

  test.each([
    ['ERROR', 'DESC'],
    ['CONFIDENCE', 'ASC'],
    ['CONFIDENCE', 'DESC'],
    ['ROW', 'ASC'],
  ] as const)('pages by %s, %s, are one list from either end', async (field, direction) => {
    const args = { task: 'mood', orderBy: { field, direction } };
    const all = await list(args);
    const keys = all.nodes.map(
      ({ row, error, confidence }) => ({ ROW: row, ERROR: error, CONFIDENCE: confidence! })[field],
    );
    const sign = direction === 'ASC' ? 1 : -1;
    expect(keys).toEqual([...keys].sort((left, right) => sign * (left - right)));

    const forth: number[] = [];
    for (let after: string | null = null; ; ) {
      const page: Page = await list({ ...args, first: pageSize, after });
      forth.push(...rowsOf(page));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(forth).toEqual(rowsOf(all));
    const back: number[] = [];
    for (let before: string | null = null; ; ) {
      const page: Page = await list({ ...args, last: pageSize, before });
      back.unshift(...rowsOf(page));
      if (!page.pageInfo.hasPreviousPage) break;
      before = page.pageInfo.startCursor;
    }
    expect(back).toEqual(rowsOf(all));
  });
});

test('of several labels: missed and false ones are as many as the scores count', async () => {
  const { topics } = await scoresOf();
  for (const { label, falseNegatives, falsePositives } of topics.perLabel) {
    expect(await counted('topics', { missedLabel: label })).toBe(falseNegatives);
    expect(await counted('topics', { falseLabel: label })).toBe(falsePositives);
  }
  const all = await list({ task: 'topics' });
  expect(all.nodes.filter(({ isRight }) => isRight).length).toBe(Math.round(topics.subsetAccuracy * scored.length));
  for (const each of all.nodes) {
    expect(each.kind).toBe('MULTI_LABEL');
    expect([...each.trueLabels].sort()).toEqual([...each.example.values.topics].sort());
    expect(each.missedLabels.toSorted()).toEqual(
      each.trueLabels.filter((l) => !each.predictedLabels.includes(l)).sort(),
    );
    expect(each.falseLabels.toSorted()).toEqual(
      each.predictedLabels.filter((l) => !each.trueLabels.includes(l)).sort(),
    );
    expect(each.isRight).toBe(each.missedLabels.length + each.falseLabels.length === 0);
  }
  const unknown = await list({ task: 'topics', filter: { missedLabel: 'new', isRight: false } });
  expect(unknown.totalCount).toBe(scored.filter(({ topics }) => topics.includes('new')).length);
});

test('of numbers: the largest error comes first, and the mean errors are those of the scores', async () => {
  const { numbers } = await scoresOf();
  const { nodes } = await list({ task: 'numbers' });
  expect(nodes.map(({ error }) => error)).toEqual(nodes.map(({ error }) => error).sort((a, b) => b - a));
  expect(nodes).toHaveLength(scored.length);
  for (const [k, { name, mae, exampleCount }] of numbers.perOutput.entries()) {
    const present = nodes.filter((each) => each.numbers[k]!.trueValue !== null);
    expect(present).toHaveLength(exampleCount);
    expect(present.reduce((sum, each) => sum + each.numbers[k]!.absoluteError!, 0) / exampleCount).toBeCloseTo(mae, 6);
    for (const each of nodes) expect(each.numbers[k]).toMatchObject({ name, trueValue: each.example.values[name] });
  }
  for (const each of nodes) expect([each.isRight, each.confidence]).toEqual([null, null]);
});

test('of tags: words with their tags, and the entities that are missed or false', async () => {
  const { things } = await scoresOf();
  const { nodes } = await list({ task: 'things' });
  const wrong = nodes.reduce((sum, { wrongWordCount }) => sum + wrongWordCount, 0);
  expect(wrong).toBe(Math.round((1 - things.accuracy) * things.wordCount));
  for (const { words, example, text } of nodes) {
    const { values } = example;
    expect(words.map(({ trueTag }) => trueTag)).toEqual(values.tags);
    expect(words.map(({ word }) => word)).toEqual(values.words);
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(values.words);
  }
  for (const { label, support, truePositives } of things.entities.perType) {
    const missing = await list({ task: 'things', filter: { missedLabel: label } });
    // Each sentence has one entity.
    expect([label, missing.totalCount]).toEqual([label, support - truePositives]);
  }
  const pairs = new Set(nodes.flatMap(({ words }) => words.map((word) => `${word.trueTag} ${word.predictedTag}`)));
  for (const pair of pairs) {
    const [trueTag, predictedTag] = pair.split(' ');
    const { nodes: found } = await list({
      task: 'things',
      filter: { trueLabel: trueTag, predictedLabel: predictedTag },
    });
    const expected = nodes.filter(({ words }) =>
      words.some((w) => w.trueTag === trueTag && w.predictedTag === predictedTag),
    );
    expect(found.map(({ row }) => row)).toEqual(expected.map(({ row }) => row));
  }
});

test('what one model mends of another one, and what it breaks', async () => {
  const better = await evaluate(await train(6));
  const wrongRows = async (id: string) =>
    new Set(rowsOf(await list({ task: 'topics', filter: { isRight: false } }, id)));
  const [before, after] = [await wrongRows(evaluation), await wrongRows(better)];
  const mended = await list({ task: 'topics', filter: { isRight: true, wrongIn: evaluation } }, better);
  const broken = await list({ task: 'topics', filter: { isRight: false, rightIn: evaluation } }, better);
  expect(new Set(rowsOf(mended))).toEqual(new Set([...before].filter((row) => !after.has(row))));
  expect(new Set(rowsOf(broken))).toEqual(new Set([...after].filter((row) => !before.has(row))));
  expect(mended.totalCount + broken.totalCount).toBeGreaterThan(0);
}, 120_000);

test('mistakes in what is asked for', async () => {
  const asked = (variables: object) => expect(read(variables)).rejects;
  await asked({ task: 'weather' }).toThrow('“weather” is no task of the evaluation. There are: mood, ');
  await asked({ task: 'numbers', filter: { isRight: false } }).toThrow('regression');
  await asked({ task: 'numbers', orderBy: { field: 'CONFIDENCE' } }).toThrow('regression');
  await asked({ task: 'mood', filter: { wrongIn: model } }).toThrow(
    'no evaluation of the same dataset version and split',
  );
  await asked({ task: 'mood', filter: { predictedLabel: 'unsure' } }).toThrow(
    '`filter.predictedLabel`: “unsure” is no label or tag of the head.',
  );
  const { pageInfo } = await list({ task: 'mood', first: 1 });
  await asked({ task: 'topics', after: pageInfo.endCursor }).toThrow('another list');
});

async function inDatabase<Row>(statement: string, values: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows: found } = await client.query(statement, values);
  await client.end();
  return found as Row[];
}

async function digestOf(id: string): Promise<string> {
  const [row] = await inDatabase<{ digest: string }>(
    'SELECT examples_digest AS digest FROM evaluations WHERE id = $1',
    [parseGlobalId(id)!.uuid],
  );
  return row!.digest;
}

test('an evaluation without examples says why; one that is deleted gives their bytes back', async () => {
  const { client } = platform;
  const id = await evaluate(model);
  const [first, second] = [await digestOf(evaluation), await digestOf(id)];
  expect(second).toBe(first);
  await inDatabase('UPDATE evaluations SET examples_digest = NULL WHERE id = $1', [parseGlobalId(id)!.uuid]);
  expect(await read({}, id)).toEqual({ missingExamples: 'OLDER_THAN_EXAMPLES', examples: null });
  const path = join(home, 'artifacts', first.slice(0, 2), first);
  expect(existsSync(path)).toBe(true);
  const usedBytes = async () =>
    (
      await client.request<{ project: { usage: { storageBytes: number } } }>(
        '{ project(slug: "default") { usage { storageBytes } } }',
      )
    ).project.usage.storageBytes;
  const before = await usedBytes();
  const { freedBytes } = await client.mutate<{ freedBytes: number }>(
    `mutation ($input: DeleteEvaluationInput!) { deleteEvaluation(input: $input) { ... on Deletion { freedBytes } ${problems} } }`,
    { evaluationId: evaluation },
  );
  expect(freedBytes).toBeGreaterThan(0);
  expect(await usedBytes()).toBe(before - freedBytes);
  expect(existsSync(path)).toBe(false);
});
