import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTransaction } from '../../../src/database/transaction.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { sweepDeliveries } from '../../../src/webhooks/sweep-deliveries.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type ReceivedRequest, startReceiver } from '../../support/receiver.js';
import { insertBaseModel, insertDataset } from '../../support/rows.js';
import { allSettled, deliveriesWhen, passTime, startWebhookServer } from '../../support/webhook-server.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database?.drop());

const idOf = ({ headers }: ReceivedRequest): string => String(headers['webhook-id']);
const verified = (secret: string, { body, headers }: ReceivedRequest): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

test('an event is sent to the webhooks that want it, signed and in full', async () => {
  await using server = await startWebhookServer(database.url);
  const { dataSource, projectId } = server;
  await using models = await startReceiver();
  await using datasets = await startReceiver();
  const wantsModels = await server.addWebhook(models.url, ['base_model.registered', 'experiment.created']);
  const wantsDatasets = await server.addWebhook(datasets.url, ['dataset_version.created']);
  const modelId = await insertBaseModel(dataSource, projectId, { name: 'bert' });
  const dataset = await insertDataset(dataSource, projectId, { name: 'mails' });

  const [model] = await models.count(1);
  expect(verified(wantsModels.secret, model!)).toEqual({
    version: 1,
    type: 'base_model.registered',
    id: idOf(model!),
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    projectSlug: 'default',
    seq: 1,
    data: { modelId: globalId('BaseModel', modelId), name: 'bert', experimentId: null },
  });
  expect(model!.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Attune/0.0.0-test',
  });
  const [version] = await datasets.count(1);
  expect(verified(wantsDatasets.secret, version!)).toMatchObject({
    type: 'dataset_version.created',
    seq: 2,
    data: {
      datasetVersionId: globalId('DatasetVersion', dataset.versionIds[0]!),
      datasetId: globalId('Dataset', dataset.id),
      datasetName: 'mails',
      number: 1,
    },
  });
  await deliveriesWhen(server.query, wantsModels.uuid, allSettled);
  expect([models.received.length, datasets.received.length]).toEqual([1, 1]);
});

test('several servers share the deliveries: each is sent once', async () => {
  await using first = await startWebhookServer(database.url);
  await using second = await startWebhookServer(database.url);
  await using receiver = await startReceiver();
  const { uuid } = await first.addWebhook(receiver.url);
  const names = Array.from({ length: 30 }, (_, i) => `model ${i}`);
  await Promise.all(names.map((name) => insertBaseModel(second.dataSource, first.projectId, { name })));

  const deliveries = await deliveriesWhen(first.query, uuid, allSettled);
  expect(deliveries.map(({ state, attempts }) => [state, attempts.length])).toEqual(names.map(() => ['DELIVERED', 1]));
  const sent = receiver.received.map(({ body }) => JSON.parse(body).data.name);
  expect(sent.sort()).toEqual([...names].sort());
});

test('what is rolled back is not sent', async () => {
  await using server = await startWebhookServer(database.url);
  await using receiver = await startReceiver();
  const { uuid } = await server.addWebhook(receiver.url);
  const undone = inTransaction(server.dataSource, async ({ query }) => {
    await query(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
       SELECT gen_random_uuid(), $1, 'undone', $2, '{}', 'test'`,
      [server.projectId, await addArtifact(query)],
    );
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  await insertBaseModel(server.dataSource, server.projectId, { name: 'done' });
  await deliveriesWhen(server.query, uuid, allSettled);
  expect(receiver.received.map(({ body }) => JSON.parse(body).data.name)).toEqual(['done']);
});

test('a webhook that is removed in the moment that something is to be sent to it is left out', async () => {
  await using server = await startWebhookServer(database.url);
  await using receiver = await startReceiver();
  const { id } = await server.addWebhook(receiver.url);
  const removing = server.dataSource.createQueryRunner();
  await removing.startTransaction();
  await removing.query('DELETE FROM webhooks');
  const happening = insertBaseModel(server.dataSource, server.projectId, { name: 'bert' });
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await server.query(waiting)).length === 0);
  await removing.commitTransaction();
  await removing.release();
  await happening;
  expect(await server.query('SELECT kind FROM project_events')).toEqual([{ kind: 'base_model.registered' }]);
  expect(await server.query('SELECT 1 FROM webhook_deliveries')).toEqual([]);
  await expect(server.webhooks.service.deleteWebhook({ webhookId: id })).rejects.toMatchObject({
    problems: [{ code: 'NOT_FOUND' }],
  });
});

test('a refused delivery is retried by the schedule, the same to the byte, until it is delivered', async () => {
  await using receiver = await startReceiver((response, _request, index) => {
    response.writeHead(index < 2 ? 503 : 200).end(`answer ${index}`);
  });
  await using server = await startWebhookServer(database.url);
  const { uuid, secret } = await server.addWebhook(receiver.url);
  await insertBaseModel(server.dataSource, server.projectId, { name: 'bert' });

  const [once] = await deliveriesWhen(server.query, uuid, ([first]) => first?.failures === 1);
  expect(once!.delaySeconds).toBeGreaterThan(4.9);
  expect(once!.delaySeconds).toBeLessThan(5 + 5);
  await passTime(server.query);
  const [twice] = await deliveriesWhen(server.query, uuid, ([first]) => first?.failures === 2);
  expect(twice!.delaySeconds).toBeGreaterThan(29.9);
  expect(twice!.delaySeconds).toBeLessThan(30 + 5);
  await passTime(server.query);
  const [delivered] = await deliveriesWhen(server.query, uuid, allSettled);

  expect(delivered).toMatchObject({
    state: 'DELIVERED',
    attempts: [
      { number: 1, statusCode: 503, failure: 'REFUSED' },
      { number: 2, statusCode: 503, failure: 'REFUSED' },
      { number: 3, statusCode: 200, failure: null },
    ],
  });
  const sent = await receiver.count(3);
  expect(new Set(sent.map(idOf))).toEqual(new Set([delivered!.id]));
  expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  for (const request of sent) expect(verified(secret, request)).toMatchObject({ type: 'base_model.registered' });
  expect(await server.query('SELECT failures_in_a_row, failing_since FROM webhooks')).toEqual([
    { failures_in_a_row: 0, failing_since: null },
  ]);
});

test('after the last retry it has failed, and can be sent again', async () => {
  let answer = 500;
  await using receiver = await startReceiver((response) => response.writeHead(answer).end());
  await using server = await startWebhookServer(database.url, { retryDelaysSeconds: [0.001], pollIntervalMs: 5 });
  const { uuid } = await server.addWebhook(receiver.url);
  await insertBaseModel(server.dataSource, server.projectId, { name: 'bert' });
  const [failed] = await deliveriesWhen(server.query, uuid, allSettled);
  expect(failed).toMatchObject({ state: 'FAILED', failures: 2, attempts: [{ number: 1 }, { number: 2 }] });

  answer = 200;
  await server.webhooks.service.redeliverWebhook({ deliveryId: globalId('WebhookDelivery', failed!.id) });
  const [again] = await deliveriesWhen(server.query, uuid, allSettled);
  expect(again).toMatchObject({ state: 'DELIVERED', attempts: [{}, {}, { number: 3, statusCode: 200 }] });
  expect(new Set(receiver.received.map(idOf)).size).toBe(1);
});

test('a server that dies between sending and recording: another sends it again, with the same id', async () => {
  let answer: (() => void) | null = null;
  await using receiver = await startReceiver((response, _request, index) => {
    if (index === 0) answer = () => response.writeHead(200).end();
    else response.writeHead(200).end();
  });
  await using doomed = await startWebhookServer(database.url);
  const { uuid, secret } = await doomed.addWebhook(receiver.url);
  await insertBaseModel(doomed.dataSource, doomed.projectId, { name: 'bert' });
  await receiver.count(1);
  await doomed.kill();
  answer!();

  await using heir = await startWebhookServer(database.url);
  // Not while the claim lasts.
  expect(await heir.query('SELECT state FROM webhook_deliveries WHERE claimed_until > now()')).toEqual([
    { state: 'PENDING' },
  ]);
  await passTime(heir.query);
  const [delivery] = await deliveriesWhen(heir.query, uuid, allSettled);
  expect(delivery).toMatchObject({
    state: 'DELIVERED',
    attempts: [
      { number: 1, statusCode: null, failure: null },
      { number: 2, statusCode: 200, failure: null },
    ],
  });
  const sent = await receiver.count(2);
  expect(sent.map(idOf)).toEqual([delivery!.id, delivery!.id]);
  expect(sent[0]!.body).toBe(sent[1]!.body);
  expect(verified(secret, sent[1]!)).toMatchObject({ data: { name: 'bert' } });
});

test('a server that stops breaks off what is under way; it is sent again and counts as no failure', async () => {
  await using receiver = await startReceiver((response, _request, index) => {
    if (index > 0) response.writeHead(200).end();
  });
  const stopping = await startWebhookServer(database.url);
  const { uuid } = await stopping.addWebhook(receiver.url);
  await insertBaseModel(stopping.dataSource, stopping.projectId, { name: 'bert' });
  await receiver.count(1);
  await stopping[Symbol.asyncDispose]();

  await using next = await startWebhookServer(database.url);
  const [delivery] = await deliveriesWhen(next.query, uuid, allSettled);
  expect(delivery).toMatchObject({
    state: 'DELIVERED',
    failures: 0,
    attempts: [{ failure: 'INTERRUPTED' }, { failure: null, statusCode: 200 }],
  });
});

async function addArtifact(query: (sql: string, parameters: readonly unknown[]) => Promise<unknown>): Promise<string> {
  const digest = 'a'.repeat(64);
  await query(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'application/json')`, [digest]);
  return digest;
}

test('deliveries that were settled a month ago are forgotten, their events are not', async () => {
  await using server = await startWebhookServer(database.url);
  await using receiver = await startReceiver();
  const { uuid } = await server.addWebhook(receiver.url);
  for (const name of ['old', 'new']) await insertBaseModel(server.dataSource, server.projectId, { name });
  const [old, recent] = await deliveriesWhen(server.query, uuid, (all) => all.length === 2 && allSettled(all));
  await server.query(
    `WITH aged AS (UPDATE webhook_deliveries SET settled_at = now() - interval '30 days 1 second' WHERE id = $1) SELECT 1 AS done`,
    [old!.id],
  );
  expect(await sweepDeliveries(server.dataSource)).toBe(1);
  expect(await server.query('SELECT id FROM webhook_deliveries')).toEqual([{ id: recent!.id }]);
  expect(await server.query('SELECT seq::int FROM project_events ORDER BY seq')).toEqual([{ seq: 1 }, { seq: 2 }]);
});
