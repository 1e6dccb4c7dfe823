import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { Finding } from '../../../src/protocol/findings.js';
import { type ApiWithData, startApiWithData } from '../../support/head-data.js';
import { countStatements } from '../../support/statements.js';

let data: ApiWithData;
let version: string;
beforeAll(async () => {
  data = await startApiWithData();
  version = await data.addData(rows());
});
afterAll(() => data?.[Symbol.asyncDispose]());

/** 40 rows to learn from, 10 to measure, of which one has a text that is learnt from, with another label. */
function rows() {
  const row = (part: string, i: number) => ({
    part,
    text: `${part} text ${i}`,
    topic: i % 4 === 0 ? 'rare' : 'frequent',
    topics: i % 2 === 0 ? ['even'] : [],
    amount: i,
    words: ['a', 'b'],
    tags: i % 5 === 0 ? ['B-x', 'O'] : ['O', 'O'],
  });
  return [
    ...Array.from({ length: 36 }, (_, i) => row('train', i)),
    ...Array.from({ length: 10 }, (_, i) => row('validation', i)),
    { ...row('train', 99), text: 'The same' },
    { ...row('validation', 100), text: 'the  SAME' },
  ];
}

const fields = `
  baselines { task measure value prediction description }
  findings { code severity task message hint
    ... on DuplicatesAcrossSplits { trainSplit split count conflictingCount examples { row trainRow isConflicting text } }
    ... on FewExamples { split threshold classCount classes { label count } }
    ... on MostTextsTruncated { maxLength exampleCount truncatedCount }
    ... on ValidationHeldOut { split trainExamples validationExamples }
    ... on LossNeverFell { firstLoss lastLoss averagedSteps steps }
    ... on PredictsOneClass { prediction count }
    ... on NotBetterThanBaseline { measure value baseline } }`;

interface Judged {
  readonly baselines: readonly { task: string; measure: string; value: number; prediction: string[] }[];
  readonly findings: readonly Record<string, unknown>[];
}

async function plan(input: object): Promise<Judged> {
  const { planExperiment } = await data.api.request<{ planExperiment: Judged }>(
    `query ($input: CreateExperimentInput!) { planExperiment(input: $input) {
       ... on ExperimentPlan { ${fields} } ... on Problems { problems { path code message } } } }`,
    { input: { name: 'judged', baseModelId: data.useLite, datasetVersionId: version, ...input } },
  );
  return planExperiment;
}

const supervised = (head: object) => ({ supervised: { textColumn: 'text', head } });
const topic = supervised({ classification: { labelColumn: 'topic' } });

const duplicates = {
  code: 'DUPLICATES_ACROSS_SPLITS',
  severity: 'WARNING',
  task: null,
  trainSplit: 'train',
  split: 'validation',
  count: 1,
  conflictingCount: 1,
  examples: [{ row: 47, trainRow: 46, isConflicting: true, text: 'the  SAME' }],
};

test('a plan says what the data say: classes with few examples, texts in two splits, the baseline', async () => {
  const { baselines, findings } = await plan({ method: topic });
  // 9 of 37 to learn from are rare; of 11 to measure, 4.
  expect(findings).toMatchObject([
    duplicates,
    { code: 'FEW_EXAMPLES', severity: 'WARNING', task: 'topic', classCount: 1, classes: [{ label: 'rare', count: 9 }] },
  ]);
  for (const { message, hint } of findings) expect([message, hint]).not.toContain('');
  expect(baselines).toMatchObject([
    { task: 'topic', measure: 'ACCURACY', value: 7 / 11, prediction: ['frequent'] },
    { task: 'topic', measure: 'MACRO_F1', prediction: ['frequent'] },
  ]);
});

test('every kind of head has a baseline', async () => {
  const multiLabel = await plan({ method: supervised({ multiLabel: { labelColumn: 'topics' } }) });
  // 6 of 11 rows have the label: 2·6 / (11 + 6).
  expect(multiLabel.baselines).toMatchObject([{ measure: 'MICRO_F1', value: 12 / 17, prediction: ['even'] }]);
  const regression = await plan({ method: supervised({ regression: { targetColumns: ['amount'] } }) });
  const amounts = [...Array.from({ length: 10 }, (_, i) => i), 100];
  const mean = amounts.reduce((sum, each) => sum + each, 0) / 11;
  const variance = amounts.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 11;
  expect(regression.baselines).toMatchObject([{ measure: 'R2', value: 0 }, { measure: 'MSE' }]);
  expect(regression.baselines[1]!.value).toBeCloseTo(variance, 9);
  const method = { supervised: { textColumn: 'words', head: { tokenClassification: { tagColumn: 'tags' } } } };
  const tags = await plan({ method, baseModelId: data.bert });
  // 3 of 22 words are not O.
  expect(tags.baselines).toMatchObject([
    { measure: 'ACCURACY', value: 19 / 22, prediction: ['O'] },
    { measure: 'ENTITY_F1', value: 0 },
  ]);
});

test('a plan tells that most texts are cut, and that examples are held out', async () => {
  const cut = await plan({ method: topic, hyperparameters: { maxLength: 4 } });
  expect(cut.findings).toContainEqual(
    expect.objectContaining({ code: 'MOST_TEXTS_TRUNCATED', maxLength: 4, exampleCount: 37, truncatedCount: 37 }),
  );
  const trainOnly = await data.addData(rows().map((row) => ({ ...row, part: 'train' })));
  const { findings, baselines } = await plan({ method: topic, datasetVersionId: trainOnly });
  const heldOut = findings.find(({ code }) => code === 'VALIDATION_HELD_OUT')!;
  expect(heldOut).toMatchObject({ severity: 'INFO', split: 'train' });
  expect(Number(heldOut.trainExamples) + Number(heldOut.validationExamples)).toBe(48);
  expect(baselines[0]!.prediction).toEqual(['frequent']);
});

test('experiments keep what their data say, and runs add to it; a list is read with one statement more', async () => {
  const created = await data.create({ method: topic, datasetVersionId: version, baseModelId: data.useLite });
  const found: Finding[] = [
    { code: 'LOSS_NEVER_FELL', firstLoss: 0.7, lastLoss: 0.71, averagedSteps: 2, steps: 8 },
    { code: 'PREDICTS_ONE_CLASS', task: 'topic', kind: 'classification', prediction: ['frequent'], count: 11 },
    { code: 'NOT_BETTER_THAN_BASELINE', task: 'topic', measure: 'accuracy', value: 0.6, baseline: 7 / 11 },
  ];
  // A worker of a later release may find what this one does not know.
  await data.api.dataSource.query('UPDATE runs SET findings = $2 WHERE experiment_id = $1', [
    parseGlobalId(created.id)!.uuid,
    JSON.stringify([...found, { code: 'OF_THE_FUTURE', task: 'topic' }]),
  ]);
  const read = (selected: string) =>
    data.api.request<{ project: { experiments: { nodes: (Judged & { id: string })[] } } }>(
      `{ project { name experiments { nodes { id ${selected} } } } }`,
    );
  const { project } = await read(fields);
  const { findings, baselines } = project.experiments.nodes.find(({ id }) => id === created.id)!;
  expect(baselines).toHaveLength(2);
  expect(findings).toMatchObject([
    duplicates,
    { code: 'FEW_EXAMPLES' },
    { code: 'LOSS_NEVER_FELL', firstLoss: 0.7, lastLoss: 0.71, steps: 8 },
    { code: 'PREDICTS_ONE_CLASS', prediction: ['frequent'], count: 11 },
    { code: 'NOT_BETTER_THAN_BASELINE', measure: 'ACCURACY', value: 0.6 },
  ]);
  await data.create({ method: topic, datasetVersionId: version, baseModelId: data.useLite });
  const without = await countStatements(data.api, () => read(''));
  expect(await countStatements(data.api, () => read(fields))).toBe(without + 1);
});
