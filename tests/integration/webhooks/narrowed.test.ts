import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { parsePrivateAllowance } from '../../../src/outbound/network-rules.js';
import type { RunStatus } from '../../../src/protocol/run-status.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { insertBaseModel } from '../../support/rows.js';
import { createTestExperiment, enter, record, type TestExperiment } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ webhooks: { allowPrivate: parsePrivateAllowance('127.0.0.1')! } });
});
afterAll(() => api?.close());

async function create(receiver: Receiver, input: object): Promise<string> {
  const { createWebhook } = await api.request<{ createWebhook: { webhook?: { id: string } } }>(
    `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
      ... on WebhookSecret { webhook { id } } ... on Problems { problems { path code } } } }`,
    { input: { url: receiver.url, events: ['EXPERIMENT_STATUS_CHANGED'], ...input } },
  );
  return createWebhook.webhook?.id ?? JSON.stringify(createWebhook);
}

const update = (input: object) =>
  api.request<{ updateWebhook: object }>(
    `mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) {
      ... on Webhook { statuses experimentTags events } ... on Problems { problems { path code } } } }`,
    { input },
  );

async function experimentWith(tags: string[], name: string): Promise<TestExperiment> {
  const experiment = await createTestExperiment(api, { name });
  await api.request('mutation ($input: UpdateExperimentInput!) { updateExperiment(input: $input) { __typename } }', {
    input: { experimentId: experiment.id, tags },
  });
  return experiment;
}

/** Ends a run as a worker does: metrics, then the model and the status in one transaction. */
async function succeed({ runId }: TestExperiment, name: string): Promise<string> {
  const path: RunStatus[] = ['PREPARING', 'TRAINING', 'EVALUATING'];
  await enter(api.dataSource, runId, ...path);
  await record(api.dataSource, runId, [
    { kind: 'metricsRecorded', step: 1, epoch: 1, samples: [{ key: 'train/loss', value: 0.5 }] },
    {
      kind: 'metricsRecorded',
      step: 2,
      epoch: 2,
      samples: [
        { key: 'train/loss', value: 0.25 },
        { key: 'validation/loss', value: null, nonFinite: 'NAN' },
      ],
    },
  ]);
  const modelId = await insertBaseModel(api.dataSource, api.projectId, { name, producedByRunId: runId });
  await enter(api.dataSource, runId, 'SUCCEEDED');
  return modelId;
}

const sent = (receiver: Receiver) =>
  receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });

test('a webhook gets the statuses that it wants, and a success with its model and summary', async () => {
  await using receiver = await startReceiver();
  await create(receiver, { statuses: ['SUCCEEDED', 'FAILED'] });
  const experiment = await createTestExperiment(api, { name: 'spam' });
  const modelId = await succeed(experiment, 'spam model');

  await receiver.count(1);
  const { project } = await api.request<{ project: { events: { events: object[] } } }>(
    `{ project { events(first: 100) { events { ... on ExperimentStatusChanged { to model { id name } } } } } }`,
  );
  expect(project.events.events.filter((event) => 'to' in event).slice(-2)).toEqual([
    { to: 'EVALUATING', model: null },
    { to: 'SUCCEEDED', model: { id: globalId('BaseModel', modelId), name: 'spam model' } },
  ]);
  expect(sent(receiver)).toMatchObject([
    {
      type: 'experiment.status_changed',
      data: {
        experimentId: experiment.id,
        from: 'EVALUATING',
        to: 'SUCCEEDED',
        problem: null,
        modelId: globalId('BaseModel', modelId),
        summary: { 'train/loss': 0.25, 'validation/loss': null },
      },
    },
  ]);
});

test('a webhook gets the experiments that it wants, by their tags at that time, and what came out of them', async () => {
  await using receiver = await startReceiver();
  const other = await experimentWith(['daily'], 'other');
  const wanted = await experimentWith(['x', 'release'], 'wanted');
  const webhook = await create(receiver, {
    events: ['EXPERIMENT_STATUS_CHANGED', 'BASE_MODEL_REGISTERED'],
    experimentTags: ['nightly', ' release '],
    statuses: ['SUCCEEDED'],
  });
  const { node } = await api.request<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Webhook { statuses experimentTags } } }',
    { id: webhook },
  );
  expect(node).toEqual({ statuses: ['SUCCEEDED'], experimentTags: ['nightly', 'release'] });
  await succeed(other, 'model of another tag');
  await succeed(wanted, 'model of a wanted tag');
  // It is about no experiment.
  await insertBaseModel(api.dataSource, api.projectId, { name: 'imported' });

  await receiver.count(3);
  const names = sent(receiver).map(({ type, data }) => [type, data.name]);
  expect(names.sort()).toEqual([
    ['base_model.registered', 'imported'],
    ['base_model.registered', 'model of a wanted tag'],
    ['experiment.status_changed', 'wanted'],
  ]);
});

test('what is narrowed can be changed and taken back; an empty list is refused, for it would send nothing', async () => {
  await using receiver = await startReceiver();
  const webhookId = await create(receiver, { statuses: ['FAILED'], experimentTags: ['a'] });
  const events = ['EXPERIMENT_STATUS_CHANGED'];
  expect((await update({ webhookId, statuses: ['CANCELED', 'FAILED', 'CANCELED'] })).updateWebhook).toEqual({
    statuses: ['CANCELED', 'FAILED'],
    experimentTags: ['a'],
    events,
  });
  expect((await update({ webhookId, statuses: null })).updateWebhook).toEqual({
    statuses: null,
    experimentTags: ['a'],
    events,
  });
  expect((await update({ webhookId, experimentTags: null })).updateWebhook).toEqual({
    statuses: null,
    experimentTags: null,
    events,
  });
  expect((await update({ webhookId, statuses: [], experimentTags: [] })).updateWebhook).toEqual({
    problems: [
      { path: ['statuses'], code: 'REQUIRED' },
      { path: ['experimentTags'], code: 'REQUIRED' },
    ],
  });
  expect(await create(receiver, { experimentTags: ['a\nb'] })).toContain('INVALID_VALUE');
});
