import request from 'supertest';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertWorker } from '../../support/rows.js';

let api: TestApi;
let model: string;

beforeAll(async () => {
  api = await startTestApi({ network: { rateLimit: 1000 } });
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['eggs', 'ham', 'spam'] }];
  model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'tuned', heads }));
});
afterAll(() => api?.close());
beforeEach(() => insertWorker(api.dataSource));

const likely = [
  { label: 'ham', probability: 0.7 },
  { label: 'spam', probability: 0.2 },
  { label: 'eggs', probability: 0.1 },
];
const tasks = [
  { kind: 'classification', task: 'label', labels: likely },
  {
    kind: 'multiLabel',
    task: 'topics',
    labels: [
      { label: 'food', probability: 0.6, threshold: 0.5, isPredicted: true },
      { label: 'work', probability: 0.4, threshold: 0.3, isPredicted: true },
      { label: 'play', probability: 0.4, threshold: 0.5, isPredicted: false },
    ],
  },
  { kind: 'regression', task: 'stars', values: [{ name: 'stars', value: 4.5 }] },
  {
    kind: 'regression',
    task: 'sizes',
    values: [
      { name: 'width', value: 1 },
      { name: 'height', value: 2 },
    ],
  },
];

/** Waits for `count` predictions, as workers do, and gives each the same result. */
async function settle(count: number): Promise<void> {
  const result = JSON.stringify({ kind: 'predict', predictions: [{ tokenCount: 3, truncated: false, tasks }] });
  for (let settled = 0; settled < count; ) {
    const [rows] = await api.dataSource.query(
      `UPDATE jobs SET state = 'succeeded', result = $1, settled_at = now() WHERE kind = 'predict' AND state = 'queued' RETURNING id`,
      [result],
    );
    for (const { id } of rows) await api.dataSource.query(`SELECT pg_notify('attune_job_settled', $1)`, [id]);
    settled += rows.length;
  }
}

const fields = /* GraphQL */ `
  ... on Prediction { model { name } texts { predictions { task
    ... on TaskPrediction { label probability labels(first: $first) { label probability } }
    ... on MultiLabelPrediction { predictedLabels decisions: labels(first: $first) { label } }
    ... on RegressionPrediction { value values { name } } } } }
  ... on Problems { problems { path code } }`;
const query = `query ($input: PredictInput!, $first: Int) { prediction(input: $input) { ${fields} } }`;

test('a prediction is asked for as a query, with the first labels alone and the plain answer of each head', async () => {
  const input = { modelId: model, texts: ['Hello'] };
  const [{ prediction }] = await Promise.all([
    api.request<{ prediction: unknown }>(query, { input, first: 2 }),
    settle(1),
  ]);
  expect(prediction).toEqual({
    model: { name: 'tuned' },
    texts: [
      {
        predictions: [
          { task: 'label', label: 'ham', probability: 0.7, labels: likely.slice(0, 2) },
          {
            task: 'topics',
            predictedLabels: ['food', 'work'],
            decisions: [{ label: 'food' }, { label: 'work' }],
          },
          { task: 'stars', value: 4.5, values: [{ name: 'stars' }] },
          { task: 'sizes', value: null, values: [{ name: 'width' }, { name: 'height' }] },
        ],
      },
    ],
  });
});

test('the mutation gives the same fields, and all labels where none are counted', async () => {
  const mutation = `mutation ($input: PredictInput!, $first: Int) { predict(input: $input) { ${fields} } }`;
  const input = { modelId: model, texts: ['Hello'] };
  const [{ predict }] = await Promise.all([
    api.request<{ predict: { texts: { predictions: object[] }[] } }>(mutation, { input }),
    settle(1),
  ]);
  expect(predict.texts[0]!.predictions[0]).toEqual({ task: 'label', label: 'ham', probability: 0.7, labels: likely });
});

test('several predictions go in one query, beside other fields, by an alias of the model too', async () => {
  await api.request(`mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }`, {
    input: { modelId: model, name: 'live' },
  });
  const [answer] = await Promise.all([
    api.request(
      `query ($input: PredictInput!) { viewer { id } a: prediction(input: $input) { ...made }
        b: prediction(input: { alias: "live", texts: ["Bye"] }) { ...made } }
       fragment made on PredictResult { ... on Prediction { model { name } texts { tokenCount } } }`,
      { input: { modelId: model, texts: ['Hello'] } },
    ),
    settle(2),
  ]);
  const made = { model: { name: 'tuned' }, texts: [{ tokenCount: 3 }] };
  expect(answer).toMatchObject({ a: made, b: made });
});

test('limits of the input and of `first` hold, and problems come back as values', async () => {
  const asked = async (input: object, first?: number) => (await api.send(query, { input, first })).body;
  expect(await asked({ modelId: model, texts: [] })).toMatchObject({
    data: { prediction: { problems: [{ path: ['texts'], code: 'REQUIRED' }] } },
  });
  expect(await asked({ alias: 'nowhere', texts: ['a'] })).toMatchObject({
    data: { prediction: { problems: [{ path: ['alias'], code: 'NOT_FOUND' }] } },
  });
  for (const first of [0, 1001]) {
    expect((await asked({ modelId: model, texts: ['a'] }, first)).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  }
});

test('when no answer comes in time the job is taken back, and no operation holds very many', async () => {
  const { prediction } = await api.request<{ prediction: unknown }>(query, { input: { modelId: model, texts: ['a'] } });
  expect(prediction).toMatchObject({ problems: [{ code: 'TIMEOUT' }] });
  const waiting = await api.dataSource.query(`SELECT FROM jobs WHERE kind = 'predict' AND state = 'queued'`);
  expect(waiting).toEqual([]);
  const many = Array.from({ length: 12 }, (_, i) => `p${i}: prediction(input: $input) { __typename }`).join(' ');
  const { body } = await api.send(`query ($input: PredictInput!) { ${many} }`, {
    input: { modelId: model, texts: ['a'] },
  });
  expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COSTLY', measure: 'complexity' } }]);
});

test('it is answered by GET, as any query is', async () => {
  const sending = request(api.url)
    .get('/graphql')
    .query({
      query: '{ prediction(input: { alias: "live", texts: ["a"] }) { ... on Prediction { texts { tokenCount } } } }',
    })
    .set('apollo-require-preflight', 'true');
  const [{ status, body, headers }] = await Promise.all([sending, settle(1)]);
  expect([status, body.data]).toEqual([200, { prediction: { texts: [{ tokenCount: 3 }] } }]);
  expect(headers['cache-control']).toBe('no-store');
});
