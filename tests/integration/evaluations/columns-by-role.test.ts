import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import { type ApiWithData, problemsOf, type Refused, startApiWithData } from '../../support/head-data.js';
import { ids, insertBaseModel, insertWorker, tinyBert } from '../../support/rows.js';

/** Evaluations and batch predictions that leave columns to the roles of the dataset version. */

const topic: ModelHead = { kind: 'classification', task: 'topic', labels: ['film', 'meal'] };
const stars: ModelHead = { kind: 'regression', task: 'stars', outputs: ['stars'], means: [1], scales: [1] };
const both: ModelHead = { kind: 'regression', task: 'both', outputs: ['a', 'b'], means: [1, 1], scales: [1, 1] };

let data: ApiWithData;
let version: string;
const models: Record<string, string> = {};
beforeAll(async () => {
  data = await startApiWithData();
  version = await data.addData(
    Array.from({ length: 8 }, (_, i) => ({
      part: i % 2 === 0 ? 'train' : 'test',
      body: `The film number ${i} was good`,
      title: `A word on film ${i}`,
      kind: i < 4 ? 'film' : 'meal',
      rating: i / 2,
      value: i,
    })),
  );
  const { dataSource, projectId } = data.api;
  await insertWorker(dataSource);
  const add = async (name: string, heads: ModelHead[]) => {
    models[name] = ids.baseModel(await insertBaseModel(dataSource, projectId, { name, heads, manifest: tinyBert }));
  };
  await add('one', [topic]);
  await add('two', [topic, stars]);
  await add('outputs', [both]);
});
afterAll(() => data?.[Symbol.asyncDispose]());

async function giveRoles(roles: Readonly<Record<string, string>>): Promise<void> {
  const stored = Object.entries(roles).map(([column, role]) => ({ column, role, source: 'SAID', reason: null }));
  await data.api.dataSource.query('UPDATE dataset_versions SET roles = $2 WHERE id = $1', [
    parseGlobalId(version)!.uuid,
    JSON.stringify(stored),
  ]);
}

async function evaluate(model: string, more: object = {}) {
  const { evaluate: result } = await data.api.request<{
    evaluate: { textColumn: string; requestedTasks: { task: string; targetColumns: string[] }[] } & Refused;
  }>(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) {
      ... on Evaluation { textColumn textPairColumn requestedTasks { task targetColumns } }
      ... on Problems { problems { path code message hint } } } }`,
    { input: { modelId: models[model], datasetVersionId: version, ...more } },
  );
  return result;
}

test('all heads are scored, each against the column whose role fits it', async () => {
  await giveRoles({ body: 'TEXT', title: 'SECOND_TEXT', kind: 'LABEL', rating: 'NUMBER' });
  expect(await evaluate('two')).toEqual({
    textColumn: 'body',
    textPairColumn: null,
    requestedTasks: [
      { task: 'topic', targetColumns: ['kind'] },
      { task: 'stars', targetColumns: ['rating'] },
    ],
  });
  expect((await evaluate('two', { tasks: [{ task: 'stars', labelColumn: 'value' }] })).requestedTasks).toEqual([
    { task: 'stars', targetColumns: ['value'] },
  ]);
});

test('what is not clear has to be named', async () => {
  await giveRoles({ body: 'TEXT', title: 'TEXT', rating: 'NUMBER', value: 'NUMBER' });
  expect(problemsOf(await evaluate('two'))).toEqual([
    ['textColumn', 'UNCLEAR_COLUMN'],
    ['tasks.0.targetColumns', 'REQUIRED'],
    ['tasks.1.targetColumns', 'UNCLEAR_COLUMN'],
  ]);
  expect(problemsOf(await evaluate('outputs', { textColumn: 'body' }))).toEqual([
    ['tasks.0.targetColumns', 'REQUIRED'],
  ]);
  expect(problemsOf(await evaluate('one', { textColumn: 'body', tasks: [] }))).toEqual([['tasks', 'REQUIRED']]);
});

test('predictions for a version read the column of the texts', async () => {
  const predict = async () =>
    (
      await data.api.request<{ predictBatch: { textColumn?: string } & Refused }>(
        `mutation ($input: PredictBatchInput!) { predictBatch(input: $input) {
          ... on BatchPrediction { textColumn textPairColumn } ... on Problems { problems { path code message hint } } } }`,
        { input: { modelId: models.one, datasetVersionId: version } },
      )
    ).predictBatch;
  await giveRoles({ body: 'IGNORE', title: 'TEXT', kind: 'LABEL' });
  expect(await predict()).toEqual({ textColumn: 'title', textPairColumn: null });
  await giveRoles({ body: 'TEXT', title: 'TEXT', kind: 'LABEL' });
  expect(problemsOf(await predict())).toEqual([['textColumn', 'UNCLEAR_COLUMN']]);
});
