import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import { type ApiWithData, type Refused, startApiWithData } from '../../support/head-data.js';
import { ids, insertBaseModel, tinyBert } from '../../support/rows.js';

const head: ModelHead = { kind: 'regression', task: 'relatedness', outputs: ['score'], means: [3], scales: [1] };

let data: ApiWithData;
let version: string;
/** A version without the columns of the training. */
let otherVersion: string;
let onPairs: string;
let onSingleTexts: string;
let imported: string;

beforeAll(async () => {
  data = await startApiWithData();
  const texts = { first: 'a dog runs', second: 'an animal moves' };
  version = await data.addData([
    { part: 'train', ...texts, score: 4.5 },
    { part: 'train', first: 'a man eats', second: 'a man sleeps', score: 1.5 },
    { part: 'validation', ...texts, score: 4 },
    { part: 'test', ...texts, score: 5 },
  ]);
  otherVersion = await data.addData([{ part: 'test', one: 'a dog runs', two: 'an animal moves', score: 5 }]);
  onPairs = await trained('on pairs', { textColumn: 'first', textPairColumn: 'second' });
  onSingleTexts = await trained('on single texts', { textColumn: 'first' });
  imported = await addModel('imported');
});
afterAll(() => data?.[Symbol.asyncDispose]());

async function addModel(name: string, producedByRunId?: string): Promise<string> {
  const { dataSource, projectId } = data.api;
  const options = { name, heads: [head], manifest: tinyBert, ...(producedByRunId && { producedByRunId }) };
  return ids.baseModel(await insertBaseModel(dataSource, projectId, options));
}

/** A model that came out of an experiment. */
async function trained(name: string, columns: object, baseModelId = data.bert): Promise<string> {
  const supervised = { ...columns, head: { regression: { targetColumns: ['score'] } } };
  const { id } = await data.create({ datasetVersionId: version, baseModelId, method: { supervised } });
  const [run] = await data.api.dataSource.query('SELECT id FROM runs WHERE experiment_id = $1', [
    parseGlobalId(id)!.uuid,
  ]);
  return addModel(name, run.id);
}

async function evaluate(modelId: string, change: object = {}): Promise<{ id: string } & Refused> {
  const tasks = [{ task: 'relatedness', targetColumns: ['score'] }];
  const { evaluate: result } = await data.api.request<{ evaluate: { id: string } & Refused }>(
    /* GraphQL */ `mutation ($input: EvaluateInput!) {
      evaluate(input: $input) { ... on Evaluation { id } ... on Problems { problems { path code message hint } } } }`,
    { input: { modelId, datasetVersionId: version, tasks, ...change } },
  );
  return result;
}

/** The text columns that the worker is told to score on. */
async function scoredColumns(modelId: string, change: object = {}): Promise<unknown> {
  const { id, problems } = await evaluate(modelId, change);
  if (problems !== undefined) throw new Error(JSON.stringify(problems));
  const [{ payload }] = await data.api.dataSource.query('SELECT payload FROM jobs WHERE evaluation_id = $1', [
    parseGlobalId(id)!.uuid,
  ]);
  return [payload.textColumn, payload.pairColumn];
}

async function predict(modelId: string, pairs?: string[]): Promise<Refused> {
  const { predict: result } = await data.api.request<{ predict: Refused }>(
    /* GraphQL */ `mutation ($input: PredictInput!) {
      predict(input: $input) { ... on Problems { problems { path code message hint } } } }`,
    { input: { modelId, texts: ['a dog runs'], ...(pairs && { pairs }) } },
  );
  return result;
}

const bothColumns = expect.stringMatching(/“first” and “second”/);

describe('an evaluation', () => {
  test('is by default on the text columns of the training', async () => {
    expect(await scoredColumns(onPairs)).toEqual(['first', 'second']);
    expect(await scoredColumns(onPairs, { textColumn: 'first' })).toEqual(['first', 'second']);
    expect(await scoredColumns(onSingleTexts)).toEqual(['first', null]);
    expect(await scoredColumns(onSingleTexts, { textColumn: 'second' })).toEqual(['second', null]);
    const named = { datasetVersionId: otherVersion, textColumn: 'one', textPairColumn: 'two' };
    expect(await scoredColumns(onPairs, named)).toEqual(['one', 'two']);
  });

  test.each<[string, object]>([
    ['of a version without that column', { textColumn: 'one' }],
    ['said to be none', { textColumn: 'one', textPairColumn: null }],
  ])('of a model trained on pairs needs the second texts: %s', async (_, change) => {
    expect((await evaluate(onPairs, { datasetVersionId: otherVersion, ...change })).problems).toMatchObject([
      { path: ['textPairColumn'], code: 'REQUIRED', message: bothColumns },
    ]);
  });

  test('takes no column for both texts by default', async () => {
    expect((await evaluate(onPairs, { textColumn: 'second' })).problems).toMatchObject([
      { path: ['textPairColumn'], code: 'REQUIRED' },
    ]);
  });

  test('needs the text column where none is known', async () => {
    expect((await evaluate(imported)).problems).toMatchObject([{ path: ['textColumn'], code: 'REQUIRED' }]);
    expect((await evaluate(onSingleTexts, { datasetVersionId: otherVersion })).problems).toMatchObject([
      {
        path: ['textColumn'],
        code: 'REQUIRED',
        message: expect.stringContaining('“first”'),
        hint: expect.stringContaining('There are: '),
      },
    ]);
  });

  test('of a model trained on single texts takes no second ones', async () => {
    expect((await evaluate(onSingleTexts, { textPairColumn: 'second' })).problems).toMatchObject([
      { path: ['textPairColumn'], code: 'INVALID_VALUE', message: expect.stringContaining('“first”') },
    ]);
  });
});

test('predictions of a model trained on pairs need pairs, those of one trained on single texts none', async () => {
  const read = [{ code: 'TIMEOUT' }];
  expect((await predict(onPairs)).problems).toMatchObject([
    { path: ['pairs'], code: 'REQUIRED', message: bothColumns },
  ]);
  expect((await predict(onPairs, ['an animal moves'])).problems).toMatchObject(read);
  expect((await predict(onSingleTexts, ['an animal moves'])).problems).toMatchObject([
    { path: ['pairs'], code: 'INVALID_VALUE', message: expect.stringContaining('“first”') },
  ]);
  expect((await predict(onSingleTexts)).problems).toMatchObject(read);
});

test('of several trainings, the last one counts', async () => {
  const backToSingle = await trained('back to single texts', { textColumn: 'second' }, onPairs);
  expect(await scoredColumns(backToSingle)).toEqual(['second', null]);
  expect((await predict(backToSingle, ['a'])).problems).toMatchObject([{ path: ['pairs'], code: 'INVALID_VALUE' }]);
  const ontoPairs = await trained('onto pairs', { textColumn: 'second', textPairColumn: 'first' }, onSingleTexts);
  expect(await scoredColumns(ontoPairs)).toEqual(['second', 'first']);
  expect((await predict(ontoPairs)).problems).toMatchObject([{ path: ['pairs'], code: 'REQUIRED' }]);
});

test('a model from elsewhere reads either', async () => {
  expect(await scoredColumns(imported, { textColumn: 'first' })).toEqual(['first', null]);
  expect(await scoredColumns(imported, { textColumn: 'first', textPairColumn: 'second' })).toEqual(['first', 'second']);
  for (const pairs of [undefined, ['an animal moves']]) {
    expect((await predict(imported, pairs)).problems).toMatchObject([{ code: 'TIMEOUT' }]);
  }
});
