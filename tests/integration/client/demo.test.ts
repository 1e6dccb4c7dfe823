import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGraphQLClient, type GraphQLClient } from '../../../src/demo/graphql-client.js';
import { untilTrained } from '../../../src/demo/operations.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

// The demo's way to the client: documents that are texts.

let api: TestApi;
let proxy: TcpProxy;
let client: GraphQLClient;
beforeAll(async () => {
  api = await startTestApi();
  proxy = await startTcpProxy(api.url);
  client = createGraphQLClient(proxy.url);
});
afterAll(async () => {
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await api?.close();
});

test('a query is its data, and a mutation its object or an error with all that is wrong', async () => {
  expect(await client.request('{ project { slug } }')).toEqual({ project: { slug: 'default' } });
  const document = `mutation ($input: UpdateExperimentInput!) {
    updateExperiment(input: $input) { ... on Experiment { name } ... on Problems { problems { path code message hint } } }
  }`;
  const { id } = await createTestExperiment(api, { name: 'shown' });
  expect(await client.mutate(document, { experimentId: id, name: 'told' })).toEqual({ name: 'told' });
  await expect(client.mutate(document, { experimentId: id, name: '' })).rejects.toThrow(/^[A-Z_]+ \(at name\): /);
});

test('events go on behind a break under the name of their field', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'watched' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const steps: number[] = [];
  const reading = (async () => {
    for await (const { experimentEvents: event } of client.subscribe<{ experimentEvents: { step: number } }>(
      `subscription Watch($id: ID!, $afterSeq: Int! = 0) {
         experimentEvents(experimentId: $id, afterSeq: $afterSeq, kinds: [METRICS_RECORDED]) {
           ... on MetricsRecorded { seq step }
         }
       }`,
      { id },
    )) {
      steps.push(event.step);
      if (event.step === 2) proxy.cut();
    }
  })();
  for (let step = 1; step <= 4; step++) await record(api.dataSource, runId, [metrics(step, { 'train/loss': 1 })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  await reading;
  expect(steps).toEqual([1, 2, 3, 4]);
  await untilTrained(client, { id, name: 'watched' });
});

test('a training that fails is told with its reason', async () => {
  const experiment = { ...(await createTestExperiment(api, { name: 'lost' })), name: 'lost' };
  await enter(api.dataSource, experiment.runId, 'PREPARING', 'FAILED');
  await expect(untilTrained(client, experiment)).rejects.toThrow('lost ended as FAILED');
});
