import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExperiment } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exportModel, importModel, referenceModel, watchImport } from '../support/models.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, pointsOf, readExperiment, uploadRows } from '../support/training.js';

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let bert: string;
let data: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-heads-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({
    databaseUrl: database.url,
    home,
    env: { ATTUNE_IMPORT_FOLDERS: `${referenceModel('bert')}:${home}` },
  });
  bert = await importFrom('bert', referenceModel('bert'));
  data = await addRows(sentences(160));
});

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** What is true of a sentence can be read off its words, and of a pair off the first words of both. */
function sentences(count: number) {
  const subjects = ['my card', 'the fee', 'a transfer', 'the payment'];
  return Array.from({ length: count }, (_, index) => {
    const subject = index % 4;
    const isCharged = Math.floor(index / 4) % 2 === 0;
    const words = [...subjects[subject]!.split(' '), 'was', isCharged ? 'charged' : 'to', 'be', 'at', 'the', 'card'];
    const other = Math.floor(index / 8) % 4;
    return {
      part: index % 5 === 4 ? 'validation' : 'train',
      words,
      text: words.join(' '),
      second: `it is ${subjects[other]}`,
      topics: [...(subject < 2 ? ['known'] : []), ...(isCharged ? ['charged'] : [])],
      tags: words.map((_, i) => (i === 0 ? 'B-thing' : i === 1 ? 'I-thing' : 'O')),
      mood: isCharged ? 'bad' : 'good',
      amount: 250 + 40 * subject,
      share: index % 3 === 0 ? null : subject === other ? 1 : 0,
    };
  });
}

async function addRows(rows: readonly object[]): Promise<string> {
  const { latest } = await platform.client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name: 'sentences', uploadId: await uploadRows(platform.client, rows), splitColumn: 'part' },
  );
  return latest.id;
}

async function importFrom(name: string, path: string): Promise<string> {
  const id = await importModel(platform.client, { name, source: { folder: { path } } });
  for await (const { status, problem, model } of watchImport(platform.client, id)) {
    if (problem !== null) throw new Error(`${problem.code}: ${problem.message}`);
    if (status === 'SUCCEEDED') return model!.id;
  }
  throw new Error('The import has no end.');
}

/** Trains, and returns what came out. */
async function train(method: object, hyperparameters: object) {
  const { client } = platform;
  const { id } = await createExperiment(client, {
    name: 'heads',
    baseModelId: bert,
    datasetVersionId: data,
    method,
    hyperparameters: { maxLength: 24, batchSize: 8, learningRate: 0.01, dropout: 0, seed: 3, ...hyperparameters },
  });
  await allEvents(client, id);
  const state = await readExperiment(client, id);
  expect([state.status, state.problem]).toEqual(['SUCCEEDED', null]);
  return { modelId: state.model!.id, last: (key: string) => pointsOf(state, key).at(-1)?.value ?? Number.NaN };
}

const scoreFields = `task kind exampleCount loss
  ... on TaskScores { accuracy }
  ... on MultiLabelScores { subsetAccuracy macro { f1 } samples { f1 } averagePrecision { macro }
                            perLabel { label threshold support predicted truePositives } }
  ... on RegressionScores { average { mse mae r2 pearson spearman } perOutput { name exampleCount mae } }
  ... on TokenClassificationScores { wordCount perTag { label support } entities { micro { f1 } perType { label support } } }`;

/** Evaluates on the validation split, and waits until the project tells that it is done. */
async function evaluate(modelId: string, input: object): Promise<Record<string, unknown>[]> {
  const { client } = platform;
  const events = client.subscribe<{ projectActivity: { evaluation: { id: string; scores: [] } } }>(
    `subscription { projectActivity(afterSeq: 0, kinds: [EVALUATION_FINISHED]) {
       ... on EvaluationFinished { evaluation { id scores { ${scoreFields} } } } } }`,
    {},
  );
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { modelId, datasetVersionId: data, split: 'validation', ...input },
  );
  for await (const { projectActivity } of events) {
    if (projectActivity.evaluation.id === id) return projectActivity.evaluation.scores;
  }
  throw new Error('The log of the project ended.');
}

interface Predictions {
  readonly labels?: readonly { label: string; probability: number; isPredicted?: boolean }[];
  readonly values?: readonly { name: string; value: number }[];
  readonly spans?: readonly { label: string; start: number; end: number; probability: number }[];
}

async function predict(modelId: string, input: object): Promise<Predictions[][]> {
  const { texts } = await platform.client.mutate<{ texts: { predictions: Predictions[] }[] }>(
    `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts { predictions { task kind
       ... on TaskPrediction { labels { label probability } }
       ... on MultiLabelPrediction { labels { label probability isPredicted } }
       ... on RegressionPrediction { values { name value } }
       ... on TokenClassificationPrediction { spans { label start end probability } } } } } ${problems} } }`,
    { modelId, ...input },
  );
  return texts.map(({ predictions }) => predictions);
}

/** Exports a model into a folder of its own. Returns the folder's path. */
async function downloadExport(modelId: string, format: string): Promise<string> {
  const { status, problem, files } = await exportModel(platform.client, modelId, format);
  expect([status, problem]).toEqual(['SUCCEEDED', null]);
  const folder = await mkdtemp(join(home, 'exported-'));
  for (const { name, url } of files) {
    const response = await fetch(new URL(url, platform.url));
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), Buffer.from(await response.arrayBuffer()));
  }
  return folder;
}

/** With every number to four digits: regressions come back with the rounding of their unit. */
const rounded = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, each) => (typeof each === 'number' ? Number(each.toPrecision(4)) : each));

test('heads of four kinds on one encoder are trained, evaluated, asked, exported, and come back', async () => {
  const { modelId, last } = await train(
    {
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
    { epochs: 20, pooling: 'MEAN' },
  );
  const tasks = ['mood', 'topics', 'numbers', 'things'];
  const scores = await evaluate(modelId, { textColumn: 'words', tasks: tasks.map((task) => ({ task })) });
  expect(scores.map(({ task, kind, exampleCount }) => [task, kind, exampleCount])).toEqual([
    ['mood', 'CLASSIFICATION', 32],
    ['topics', 'MULTI_LABEL', 32],
    ['numbers', 'REGRESSION', 32],
    ['things', 'TOKEN_CLASSIFICATION', 32],
  ]);
  for (const { task, loss } of scores) expect(loss, `${task}`).toBeCloseTo(last(`validation/${task}/loss`), 5);
  expect(scores).toMatchObject([
    { accuracy: last('validation/mood/accuracy') },
    { macro: { f1: last('validation/topics/f1') }, perLabel: [{ label: 'charged' }, { label: 'known' }] },
    { perOutput: [{ name: 'amount', exampleCount: 32 }, { name: 'share' }] },
    { wordCount: 32 * 8, entities: { micro: { f1: last('validation/things/f1') }, perType: [{ label: 'thing' }] } },
  ]);

  const text = 'my card was charged be at the card';
  const asked = { texts: [text, 'the payment was to be at the card'] };
  const predictions = await predict(modelId, asked);
  const [mood, topics, numbers, things] = predictions[0]!;
  expect(mood!.labels![0]!.label).toBe('bad');
  expect(topics!.labels!.filter(({ isPredicted }) => isPredicted).map(({ label }) => label)).toContain('charged');
  expect(numbers!.values!.map(({ name }) => name)).toEqual(['amount', 'share']);
  expect(numbers!.values![0]!.value).toBeGreaterThan(200);
  expect(things!.spans!.map(({ label, start, end }) => [label, text.slice(start, end)])).toEqual([
    ['thing', 'my card'],
  ]);

  const onnx = await exportModel(platform.client, modelId, 'ONNX');
  expect([onnx.status, onnx.problem]).toEqual(['SUCCEEDED', null]);
  expect(onnx.files.map(({ name }) => name)).toEqual(expect.arrayContaining(['model.onnx', 'heads.json']));
  const again = await importFrom('again', await downloadExport(modelId, 'HUGGING_FACE'));
  expect(rounded(await predict(again, asked))).toEqual(rounded(predictions));
}, 240_000);

test('numbers of pairs of texts', async () => {
  const { modelId, last } = await train(
    {
      supervised: {
        textColumn: 'text',
        textPairColumn: 'second',
        head: { regression: { targetColumns: ['share'] } },
      },
    },
    { epochs: 2 },
  );
  const [scores] = await evaluate(modelId, {
    textColumn: 'text',
    textPairColumn: 'second',
    tasks: [{ task: 'share' }],
  });
  expect(scores).toMatchObject({ kind: 'REGRESSION' });
  expect(scores!.loss).toBeCloseTo(last('validation/loss'), 5);
  const texts = ['my card was charged', 'my card was charged'];
  const [same, other] = await predict(modelId, { texts, pairs: ['it is my card', 'it is the payment'] });
  expect(rounded(same)).not.toEqual(rounded(other));
  await expect(predict(modelId, { texts: texts.slice(0, 1) })).rejects.toThrow('“second”');
  const card = await readFile(join(await downloadExport(modelId, 'HUGGING_FACE'), 'README.md'), 'utf8');
  expect(card).toContain('"text_pair": "its second text"');
}, 120_000);
