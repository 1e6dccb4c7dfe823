import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';

let api: TestApi;
let modelId: string;
let versionId: string;
let experimentId: string;
beforeAll(async () => {
  api = await startTestApi();
  const experiment = await createTestExperiment(api, { name: 'judged' });
  experimentId = experiment.id;
  modelId = await insertBaseModel(api.dataSource, api.projectId, {
    name: 'judged',
    producedByRunId: experiment.runId,
    heads: [{ kind: 'classification', task: 'label', labels: ['ham', 'spam'] }],
  });
  versionId = (await insertDataset(api.dataSource, api.projectId, { name: 'judging' })).versionIds[0]!;
});
afterAll(() => api?.close());

async function evaluate(): Promise<string> {
  const { evaluate } = await api.request<{ evaluate: { id: string } }>(
    /* GraphQL */ `mutation ($input: EvaluateInput!) { evaluate(input: $input) {
      ... on Evaluation { id } ... on Problems { problems { message } } } }`,
    {
      input: {
        modelId: ids.baseModel(modelId),
        datasetVersionId: ids.version(versionId),
        textColumn: 'text',
        tasks: [{ task: 'label', labelColumn: 'label' }],
      },
    },
  );
  return evaluate.id;
}

const cancel = async (id: string) =>
  (
    await api.request<{ cancelEvaluation: unknown }>(
      /* GraphQL */ `mutation ($id: ID!) { cancelEvaluation(input: { evaluationId: $id }) {
        ... on Evaluation { status finishedAt scores { task } } ... on Problems { problems { path code message } } } }`,
      { id },
    )
  ).cancelEvaluation;

const setStatus = (id: string, status: string) =>
  api.dataSource.query('UPDATE evaluations SET status = $2 WHERE id = $1', [parseGlobalId(id)!.uuid, status]);

function follow(id: string) {
  const events = api.connect().iterate<{ evaluationChanged: { status: string } }>({
    query: 'subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status } }',
    variables: { id },
  });
  return async () => (await events.next()).value?.data?.evaluationChanged?.status;
}

test('a subscriber sees an evaluation as it is, then each status, then the end', async () => {
  const id = await evaluate();
  const next = follow(id);
  expect(await next()).toBe('QUEUED');
  await setStatus(id, 'RUNNING');
  expect(await next()).toBe('RUNNING');
  await setStatus(id, 'SUCCEEDED');
  expect(await next()).toBe('SUCCEEDED');
  expect(await next()).toBeUndefined();
});

test('an evaluation that is not there has no feed', async () => {
  const { value } = await api
    .connect()
    .iterate({
      query: 'subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status } }',
      variables: { id: globalId('Evaluation', randomUUID()) },
    })
    .next();
  expect(value.errors).toEqual([expect.objectContaining({ extensions: { code: 'NOT_FOUND' } })]);
});

test.each(['QUEUED', 'RUNNING'])('one that is %s is canceled at once, and its worker loses the job', async (status) => {
  const id = await evaluate();
  if (status === 'RUNNING') {
    await setStatus(id, 'RUNNING');
    await api.dataSource.query(
      `UPDATE jobs SET state = 'claimed', attempt = 1, lease_until = now() + interval '1 minute' WHERE evaluation_id = $1`,
      [parseGlobalId(id)!.uuid],
    );
  }
  const next = follow(id);
  expect(await next()).toBe(status);
  const canceled = { status: 'CANCELED', finishedAt: expect.any(String), scores: [] };
  expect(await cancel(id)).toEqual(canceled);
  expect(await next()).toBe('CANCELED');
  expect(await cancel(id)).toEqual(canceled);
  const jobs = await api.dataSource.query('SELECT state, lease_until AS lease FROM jobs WHERE evaluation_id = $1', [
    parseGlobalId(id)!.uuid,
  ]);
  expect(jobs).toEqual([{ state: 'canceled', lease: null }]);
});

test('one that has ended is not canceled', async () => {
  const id = await evaluate();
  await setStatus(id, 'FAILED');
  expect(await cancel(id)).toEqual({
    problems: [{ path: ['evaluationId'], code: 'CONFLICT', message: 'The evaluation has ended already: FAILED.' }],
  });
});

test('model and experiment name the newest evaluation', async () => {
  await evaluate();
  const newest = await evaluate();
  const { node, experiment } = await api.request<Record<string, unknown>>(
    /* GraphQL */ `query ($model: ID!, $experiment: ID!) {
      node(id: $model) { ... on BaseModel { latestEvaluation { id } } }
      experiment(id: $experiment) { latestEvaluation { id } } }`,
    { model: ids.baseModel(modelId), experiment: experimentId },
  );
  expect([node, experiment]).toEqual([{ latestEvaluation: { id: newest } }, { latestEvaluation: { id: newest } }]);
});
