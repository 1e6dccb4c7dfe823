import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, readExperiment, startTopicRun, uploadRows } from '../support/training.js';

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let version: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-findings-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  const { client } = platform;
  const { latest } = await client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    { name: 'reviews', uploadId: await uploadRows(client, reviews()), splitColumn: 'part' },
  );
  version = latest.id;
});

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** Nine of ten texts are good, and all are longer than 16 tokens. */
function reviews() {
  return Array.from({ length: 120 }, (_, i) => {
    const isBad = i % 10 === 3;
    const end = `in review ${i}, which goes on and on so that no more than its beginning is ever read by the model`;
    return {
      part: i % 3 === 0 ? 'validation' : 'train',
      text: isBad ? `it was an awful thing ${end}` : `it was a wonderful thing ${end}`,
      topic: isBad ? 'bad' : 'good',
    };
  });
}

const fields = `findings { code task
  ... on LossNeverFell { firstLoss lastLoss averagedSteps steps }
  ... on PredictsOneClass { prediction count }
  ... on NotBetterThanBaseline { measure value baseline }
  ... on FewExamples { split classes { label count } }
  ... on MostTextsTruncated { split maxLength exampleCount truncatedCount }
  ... on DuplicatesAcrossSplits { trainSplit split count } }`;

type Findings = readonly Record<string, unknown>[];

async function findingsOf(id: string): Promise<{ baselines: Record<string, unknown>[]; findings: Findings }> {
  const { experiment } = await platform.client.request<{
    experiment: { baselines: Record<string, unknown>[]; findings: Findings };
  }>(`query ($id: ID!) { experiment(id: $id) { baselines { measure value prediction } ${fields} } }`, { id });
  return experiment;
}

async function evaluate(modelId: string, split: string) {
  const { client } = platform;
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { modelId, datasetVersionId: version, split, tasks: [{ task: 'topic' }] },
  );
  for await (const { evaluationChanged } of client.subscribe<{
    evaluationChanged: { status: string; scores: { baselines: unknown[] }[]; findings: Findings };
  }>(
    `subscription ($id: ID!) { evaluationChanged(evaluationId: $id) {
       status scores { baselines { measure value prediction } } ${fields} } }`,
    { id },
  )) {
    if (evaluationChanged.status === 'SUCCEEDED') return evaluationChanged;
  }
  throw new Error('The evaluation has no scores.');
}

const baselines = [
  { measure: 'ACCURACY', value: 0.9, prediction: ['good'] },
  { measure: 'MACRO_F1', value: (2 * 0.9) / 1.9 / 2, prediction: ['good'] },
];

test('a run that learns nothing succeeds, and says so; so does the evaluation of its model', async () => {
  const { client } = platform;
  const id = await startTopicRun(client, version, { learningRate: 1e-12, epochs: 1 });
  await allEvents(client, id);
  const state = await readExperiment(client, id);
  expect(state.status).toBe('SUCCEEDED');
  const judged = await findingsOf(id);
  expect(judged.baselines).toEqual(baselines);
  const byCode = new Map(judged.findings.map((finding) => [finding.code, finding]));
  expect(byCode.get('LOSS_NEVER_FELL')).toMatchObject({ steps: 10, averagedSteps: 2, task: null });
  expect(byCode.get('FEW_EXAMPLES')).toMatchObject({ split: 'train', classes: [{ label: 'bad', count: 8 }] });
  expect(byCode.get('MOST_TEXTS_TRUNCATED')).toMatchObject({
    split: 'train',
    maxLength: 16,
    exampleCount: 80,
    truncatedCount: 80,
  });
  // An untrained head has no reason to tell classes apart.
  expect(byCode.get('NOT_BETTER_THAN_BASELINE')).toMatchObject({ task: 'topic', measure: 'ACCURACY', baseline: 0.9 });

  const evaluation = await evaluate(state.model!.id, 'validation');
  expect(evaluation.scores.map((each) => each.baselines)).toEqual([baselines]);
  const ofEvaluation = new Map(evaluation.findings.map((finding) => [finding.code, finding]));
  for (const code of ['NOT_BETTER_THAN_BASELINE', 'PREDICTS_ONE_CLASS']) {
    expect(ofEvaluation.get(code), code).toEqual(byCode.get(code));
  }
  expect(ofEvaluation.get('FEW_EXAMPLES')).toMatchObject({
    split: 'validation',
    classes: [{ label: 'bad', count: 4 }],
  });
  expect(ofEvaluation.get('MOST_TEXTS_TRUNCATED')).toMatchObject({ split: 'validation', truncatedCount: 40 });
  expect(ofEvaluation.has('DUPLICATES_ACROSS_SPLITS')).toBe(false);

  // All that the model learnt from is measured.
  const ofTraining = await evaluate(state.model!.id, 'train');
  expect(ofTraining.findings).toContainEqual({
    code: 'DUPLICATES_ACROSS_SPLITS',
    task: null,
    trainSplit: 'train',
    split: 'train',
    count: 80,
  });
}, 120_000);

test('a run that pushes everything to the frequent class says which', async () => {
  const { client } = platform;
  const weights = [
    { label: 'good', weight: 1000 },
    { label: 'bad', weight: 0.001 },
  ];
  const method = {
    supervised: { textColumn: 'text', labelColumn: 'topic', classWeights: { kind: 'EXPLICIT', weights } },
  };
  const id = await startTopicRun(client, version, { epochs: 2 }, { method });
  await allEvents(client, id);
  const { findings } = await findingsOf(id);
  expect(findings).toContainEqual({ code: 'PREDICTS_ONE_CLASS', task: 'topic', prediction: ['good'], count: 40 });
  expect(findings).toContainEqual(
    expect.objectContaining({ code: 'NOT_BETTER_THAN_BASELINE', value: 0.9, baseline: 0.9 }),
  );
}, 120_000);

test('a run that learns says nothing of its model', async () => {
  const { client } = platform;
  const id = await startTopicRun(client, version, { epochs: 6, learningRate: 2e-3 });
  await allEvents(client, id);
  const { findings } = await findingsOf(id);
  const codes = findings.map(({ code }) => code);
  for (const code of ['LOSS_NEVER_FELL', 'PREDICTS_ONE_CLASS', 'NOT_BETTER_THAN_BASELINE'])
    expect(codes).not.toContain(code);
}, 120_000);
