import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type ReceivedRequest, startReceiver } from '../../support/receiver.js';
import { insertBaseModel } from '../../support/rows.js';
import {
  allSettled,
  deliveriesWhen,
  passTime,
  startWebhookServer,
  type WebhookServer,
} from '../../support/webhook-server.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database?.drop());

const addModels = (server: WebhookServer, names: readonly string[]) =>
  Promise.all(names.map((name) => insertBaseModel(server.dataSource, server.projectId, { name })));
const stateOf = async (server: WebhookServer, uuid: string) =>
  (
    await server.query<{ reason: string | null; failures: number }>(
      'SELECT disabled_reason AS reason, failures_in_a_row AS failures FROM webhooks WHERE id = $1',
      [uuid],
    )
  )[0];
const verifies = (secret: string, { body, headers }: ReceivedRequest): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

test('410 disables a webhook: what it had still to get fails, what happens from then on is not queued', async () => {
  await using receiver = await startReceiver((response) => response.writeHead(410).end());
  await using server = await startWebhookServer(database.url);
  const { uuid, id } = await server.addWebhook(receiver.url);
  // The second waits: a webhook whose last attempt failed gets one at a time.
  await server.query(
    `WITH failing AS (UPDATE webhooks SET failures_in_a_row = 1, failing_since = now()) SELECT 1 AS done`,
  );
  await addModels(server, ['one', 'two']);
  const deliveries = await deliveriesWhen(server.query, uuid, (all) => all.length === 2 && allSettled(all));
  expect(deliveries.map(({ state }) => state)).toEqual(['FAILED', 'FAILED']);
  expect(deliveries.flatMap(({ attempts }) => attempts)).toEqual([{ number: 1, statusCode: 410, failure: 'REFUSED' }]);
  expect(await stateOf(server, uuid)).toMatchObject({ reason: 'GONE' });

  await addModels(server, ['three']);
  expect(await deliveriesWhen(server.query, uuid, () => true)).toHaveLength(2);
  const update = { webhookId: id, url: null, events: null, description: null, enabled: true };
  await server.webhooks.service.updateWebhook(update);
  expect(await stateOf(server, uuid)).toEqual({ reason: null, failures: 0 });
});

test('a webhook without success for five days is disabled; one that failed for less is not', async () => {
  await using receiver = await startReceiver((response) => response.writeHead(500).end());
  await using server = await startWebhookServer(database.url);
  const webhooks = [await server.addWebhook(receiver.url), await server.addWebhook(receiver.url)] as const;
  const failFor = (uuid: string, age: string) =>
    server.query(
      `WITH failing AS (UPDATE webhooks SET failures_in_a_row = 9, failing_since = now() - $2::interval WHERE id = $1)
       SELECT 1 AS done`,
      [uuid, age],
    );
  await failFor(webhooks[0].uuid, '5 days 1 second');
  await failFor(webhooks[1].uuid, '4 days 23 hours');
  await addModels(server, ['one']);
  for (const { uuid } of webhooks) await deliveriesWhen(server.query, uuid, ([first]) => first?.failures === 1);
  expect(await stateOf(server, webhooks[0].uuid)).toEqual({ reason: 'FAILING', failures: 10 });
  expect(await stateOf(server, webhooks[1].uuid)).toEqual({ reason: null, failures: 10 });
});

test('after a rotation both secrets sign, a day later the new one alone', async () => {
  await using receiver = await startReceiver();
  await using server = await startWebhookServer(database.url);
  const { uuid, id, secret: old } = await server.addWebhook(receiver.url);
  const { secret } = await server.webhooks.service.rotateWebhookSecret({ webhookId: id, secret: null });
  await addModels(server, ['one']);
  const [overlapping] = await receiver.count(1);
  expect([verifies(secret, overlapping!), verifies(old, overlapping!)]).toEqual([true, true]);

  const [{ left } = { left: 0 }] = await server.query<{ left: number }>(
    'SELECT extract(epoch FROM previous_secret_until - now())::float8 AS left FROM webhooks',
  );
  expect(left / 3600).toBeCloseTo(24, 1);
  await server.query(
    `WITH past AS (UPDATE webhooks SET previous_secret_until = now() - interval '1 second') SELECT 1 AS done`,
  );
  await addModels(server, ['two']);
  const [, alone] = await receiver.count(2);
  expect([verifies(secret, alone!), verifies(old, alone!)]).toEqual([true, false]);
  await deliveriesWhen(server.query, uuid, (all) => all.length === 2 && allSettled(all));
});

test('a receiver that hangs holds back itself alone', async () => {
  await using hanging = await startReceiver(() => undefined);
  await using quick = await startReceiver();
  await using server = await startWebhookServer(database.url);
  const { uuid: stuck } = await server.addWebhook(hanging.url);
  const { uuid } = await server.addWebhook(quick.url);
  await addModels(
    server,
    Array.from({ length: 20 }, (_, i) => `model ${i}`),
  );
  expect(await deliveriesWhen(server.query, uuid, (all) => all.length === 20 && allSettled(all))).toHaveLength(20);
  await hanging.count(4);
  expect(hanging.received).toHaveLength(4);
  // The last quick one is written down a moment before it no longer counts.
  await expect.poll(() => server.webhooks.dispatcher.inFlight).toBe(4);
  const attempted = await deliveriesWhen(server.query, stuck, () => true);
  expect(attempted.filter(({ attempts }) => attempts.length > 0)).toHaveLength(4);
});

test('a secret that another server sealed is not replaced by none: nothing is sent, and the log says why', async () => {
  await using receiver = await startReceiver();
  let uuid: string;
  {
    await using other = await startWebhookServer(database.url, { serverSecret: randomBytes(32) });
    ({ uuid } = await other.addWebhook(receiver.url));
  }
  await using server = await startWebhookServer(database.url);
  await addModels(server, ['one']);
  const [delivery] = await deliveriesWhen(server.query, uuid, ([first]) => first?.failures === 1);
  expect(delivery!.attempts).toEqual([{ number: 1, statusCode: null, failure: 'SECRET_UNREADABLE' }]);
  expect(receiver.received).toEqual([]);
});

test('a claim that ran out while its attempt went on: the late outcome is written down, and decides nothing', async () => {
  const answers: (() => void)[] = [];
  await using receiver = await startReceiver((response, _request, index) => {
    answers.push(() => response.writeHead(index === 0 ? 500 : 200).end());
  });
  await using slow = await startWebhookServer(database.url);
  const { uuid } = await slow.addWebhook(receiver.url);
  await addModels(slow, ['one']);
  await receiver.count(1);
  await using other = await startWebhookServer(database.url);
  await passTime(other.query);
  await receiver.count(2);
  answers[1]!();
  await deliveriesWhen(other.query, uuid, allSettled);
  answers[0]!();
  const [delivery] = await deliveriesWhen(other.query, uuid, ([first]) => first?.attempts[0]?.failure !== null);
  expect(delivery).toMatchObject({
    state: 'DELIVERED',
    failures: 0,
    attempts: [
      { number: 1, statusCode: 500, failure: 'REFUSED' },
      { number: 2, statusCode: 200, failure: null },
    ],
  });
});
