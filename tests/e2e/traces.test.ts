import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { findBaseModel } from '../../src/demo/operations.js';
import { type ReceivedSpan, startCollector } from '../support/collector.js';
import { createTestDatabase } from '../support/database.js';
import { startTestPlatform, startTestWorker } from '../support/platform.js';
import { createTopics } from '../support/training.js';

const train = `mutation Train($input: CreateExperimentInput!) {
  createExperiment(input: $input) { ... on Experiment { id } ... on Problems { problems { message } } }
}`;
const watch = `subscription Watch($id: ID!) { experimentEvents(experimentId: $id) { ... on StatusChanged { to } } }`;
const [traceId, parentId, ofSubscriber] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', 'b'.repeat(32)];

test('one trace leads from a client’s operation through SQL and the queue into the worker’s run and back', async () => {
  await using database = await createTestDatabase();
  await using collector = await startCollector();
  const home = await mkdtemp(join(tmpdir(), 'attune-traces-'));
  // Of what the test does besides, nothing is kept; the two that say so are.
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  };
  let logs: Record<string, unknown>[] = [];
  try {
    await using platform = await startTestPlatform({ home, databaseUrl: database.url, env });
    await using worker = startTestWorker({
      databaseUrl: database.url,
      home,
      // On a busy machine a shorter lease could be lost, and there would be two attempts.
      env: { ...env, ATTUNE_LEASE_SECONDS: '60' },
    });
    const datasetVersionId = await createTopics(platform.client, 200);
    const baseModel = await findBaseModel(platform.client, 'use-lite');
    const input = {
      name: 'a-name-of-mine',
      baseModelId: baseModel.id,
      datasetVersionId,
      method: { supervised: { textColumn: 'text', labelColumn: 'topic' } },
      hyperparameters: { maxLength: 16, batchSize: 8, epochs: 2, checkpointEverySteps: 100, seed: 5 },
    };
    const answer = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'train-1',
        traceparent: `00-${traceId}-${parentId}-01`,
      },
      body: JSON.stringify({ query: train, variables: { input } }),
    });
    expect(answer.headers.get('x-request-id')).toBe('train-1');
    const { data } = (await answer.json()) as { data: { createExperiment: { id: string } } };
    const connectionParams = { traceparent: `00-${ofSubscriber}-${parentId}-01` };
    const url = `${platform.url.replace('http', 'ws')}/graphql`;
    const subscriber = createClient({ url, webSocketImpl: WebSocket, connectionParams });
    const events = subscriber.iterate({ query: watch, variables: { id: data.createExperiment.id } });
    for await (const { errors } of events) expect(errors).toBeUndefined();
    await subscriber.dispose();
    await worker.end();
    await platform.process.end();
    logs = `${platform.process.output()}\n${worker.output()}`
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  } finally {
    await rm(home, { recursive: true, force: true });
  }

  const spans = collector.spans();
  const one = (name: string | RegExp, parent?: ReceivedSpan): ReceivedSpan => {
    const found = spans.filter(
      (span) =>
        (typeof name === 'string' ? span.name === name : name.test(span.name)) &&
        (parent === undefined || span.parentSpanId === parent.spanId),
    );
    expect({ name, found: found.length > 0 }).toEqual({ name, found: true });
    return found[0]!;
  };
  const request = one('POST /graphql');
  expect(request).toMatchObject({ traceId, parentSpanId: parentId, service: 'attune-api' });
  const operation = one('mutation Train', request);
  one(/^INSERT experiments/, operation);
  const queued = one('queue train', operation);
  const run = one('run train', queued);
  expect(run).toMatchObject({ service: 'attune-worker', traceId, kind: 5 });
  expect(run.attributes).toMatchObject({
    'attune.job.kind': 'train',
    'attune.job.outcome': 'finished',
    'attune.request.id': 'train-1',
  });
  one('prepare', run);
  const training = one('train', run);
  one('compile', training);
  const epoch = one('epoch 1', training);
  for (const part of ['evaluate', 'checkpoint']) one(part, epoch);
  one('epoch 2', training);
  // The evaluation after the last update is the run’s status EVALUATING.
  const finishing = one('finish', run);
  for (const part of ['evaluate', 'checkpoint', 'write model']) one(part, finishing);
  one('save', run);
  // 40 steps, and a span for none of them.
  expect(spans.filter(({ service }) => service === 'attune-worker').length).toBeLessThan(25);

  const subscription = one('subscription Watch');
  expect(subscription.traceId).toBe(ofSubscriber);
  const delivered = spans.filter(({ name }) => name === 'deliver experimentEvents');
  expect(delivered.map(({ attributes }) => attributes['attune.status'])).toContain('SUCCEEDED');
  for (const each of delivered) {
    expect(each).toMatchObject({ traceId, parentSpanId: queued.spanId, links: [{ spanId: subscription.spanId }] });
  }
  const known = new Set([traceId, ofSubscriber]);
  expect(spans.filter((span) => !known.has(span.traceId))).toEqual([]);
  expect(collector.text()).toContain('deployment.environment.name');
  for (const secret of ['a-name-of-mine', 'goalkeeper', '/tmp/', database.url]) {
    expect(collector.text()).not.toContain(secret);
  }

  const ofJob = logs.filter(({ name, requestId }) => name === 'worker' && requestId === 'train-1');
  expect(ofJob.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['Job claimed', 'Job ended']));
  for (const line of ofJob) expect(line).toMatchObject({ traceId, spanId: run.spanId });
}, 300_000);
