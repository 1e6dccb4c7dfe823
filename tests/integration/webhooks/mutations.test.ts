import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePrivateAllowance } from '../../../src/outbound/network-rules.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { type Receiver, resolvingTo, startReceiver } from '../../support/receiver.js';
import { insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let receiver: Receiver;
let answer = 200;
beforeAll(async () => {
  receiver = await startReceiver((response) => response.writeHead(answer).end(`answer ${answer}`));
  api = await startTestApi({
    webhooks: { allowPrivate: parsePrivateAllowance('127.0.0.1')!, lookup: resolvingTo('10.0.0.1') },
  });
});
afterAll(async () => {
  await api?.close();
  await receiver?.[Symbol.asyncDispose]();
});

type Problems = { problems: { path: string[]; code: string; message: string }[] };
type Result = Record<string, unknown> & Partial<Problems>;

const problems = '... on Problems { problems { path code message } }';
const mutate = async (name: string, input: object, selection: string): Promise<Result> => {
  const type = name[0]!.toUpperCase() + name.slice(1);
  const inputType = ['DeleteWebhook', 'TestWebhook'].includes(type)
    ? 'WebhookActionInput'
    : type === 'RedeliverWebhook'
      ? 'WebhookDeliveryActionInput'
      : `${type}Input`;
  const data = await api.request<Record<string, Result>>(
    `mutation ($input: ${inputType}!) { ${name}(input: $input) { ${selection} ${problems} } }`,
    { input },
  );
  return data[name]!;
};
const created = '... on WebhookSecret { secret webhook { id url description events enabled disabledReason } }';
const webhook = '... on Webhook { id url description events enabled disabledReason }';
const delivery =
  '... on WebhookDelivery { id messageId type status nextAttemptAt requestBody event { ... on SequencedProjectEvent { seq } } attempts { number statusCode failure message responseExcerpt durationMs } webhook { url } }';

interface Created {
  readonly secret: string | null;
  readonly webhook: { readonly id: string };
}
const create = async (input: object = {}): Promise<Created> =>
  (await mutate(
    'createWebhook',
    { url: receiver.url, events: ['BASE_MODEL_REGISTERED'], ...input },
    created,
  )) as unknown as Created;

test('a webhook is created once, and its secret shown once', async () => {
  const input = { events: ['EVALUATION_FINISHED'], description: 'To the chat', idempotencyKey: 'once' };
  const first = await create(input);
  expect(first).toEqual({
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    webhook: {
      id: expect.any(String),
      url: receiver.url,
      description: 'To the chat',
      events: ['EVALUATION_FINISHED'],
      enabled: true,
      disabledReason: null,
    },
  });
  expect(await create(input)).toEqual({ ...first, secret: null });
  expect(await create({ ...input, description: 'Other' })).toMatchObject({
    problems: [{ path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' }],
  });
  const kept = await api.dataSource.query('SELECT secret FROM webhooks');
  expect(kept.some(({ secret }: { secret: Buffer }) => secret.toString('latin1').includes('whsec'))).toBe(false);
  expect(JSON.stringify(api.log)).not.toContain(first.secret!.slice('whsec_'.length));
});

test('what is wrong with an input is told by path', async () => {
  const wrong = await mutate(
    'createWebhook',
    { url: 'https://10.0.0.1/', events: [], description: 'x'.repeat(501), secret: 'whsec_short' },
    created,
  );
  expect(wrong.problems!.map(({ path, code }) => [path.join('.'), code])).toEqual([
    ['url', 'INVALID_VALUE'],
    ['events', 'REQUIRED'],
    ['description', 'TOO_LONG'],
    ['secret', 'INVALID_VALUE'],
  ]);
  expect(JSON.stringify(wrong)).not.toContain('whsec_short');
  const odd = await create({ url: 'https://Example.com/a\u0007b' });
  expect(odd).toMatchObject({ webhook: { url: 'https://example.com/a%07b' } });
  const elsewhere = await create({ projectSlug: 'nowhere' });
  expect(elsewhere).toMatchObject({ problems: [{ path: ['projectSlug'], code: 'NOT_FOUND' }] });
  const { project } = await api.request<{ project: { id: string } }>('{ project { id } }');
  for (const name of ['updateWebhook', 'deleteWebhook', 'testWebhook', 'rotateWebhookSecret']) {
    const { problems: found } = await mutate(name, { webhookId: project.id }, '__typename');
    expect(found, name).toMatchObject([{ path: ['webhookId'], code: 'NOT_FOUND' }]);
  }
});

test('the test button sends a signed ping at once and answers with how it went', async () => {
  const { secret, webhook: made } = await create();
  const before = receiver.received.length;
  const ping = await mutate('testWebhook', { webhookId: made.id }, delivery);
  expect(ping).toMatchObject({
    type: 'ping',
    status: 'DELIVERED',
    nextAttemptAt: null,
    event: null,
    attempts: [{ number: 1, statusCode: 200, failure: null, message: null, responseExcerpt: 'answer 200' }],
    webhook: { url: receiver.url },
  });
  const { body, headers } = receiver.received[before]!;
  expect(body).toBe(ping.requestBody);
  expect(headers['webhook-id']).toBe(ping.messageId);
  expect(new Webhook(secret!).verify(body, headers as Record<string, string>)).toMatchObject({
    version: 1,
    type: 'ping',
    projectSlug: 'default',
    data: { webhookId: made.id },
  });

  answer = 500;
  const refused = await mutate('testWebhook', { webhookId: made.id }, delivery);
  answer = 200;
  expect(refused).toMatchObject({
    status: 'FAILED',
    attempts: [
      { statusCode: 500, failure: 'REFUSED', message: 'The response was 500.', responseExcerpt: 'answer 500' },
    ],
  });
  expect(await mutate('redeliverWebhook', { deliveryId: refused.id }, delivery)).toMatchObject({
    problems: [{ path: ['deliveryId'], code: 'CONFLICT' }],
  });
});

test('a name that leads into a private network is refused at the attempt, a literal address at once', async () => {
  const { webhook: made } = await create({ url: 'https://hooks.example/' });
  expect(await mutate('testWebhook', { webhookId: made.id }, delivery)).toMatchObject({
    status: 'FAILED',
    attempts: [
      {
        statusCode: null,
        failure: 'BLOCKED',
        message:
          'hooks.example has an address in a private network, and webhooks are not delivered to private networks.',
      },
    ],
  });
  const { problems: found } = await mutate('updateWebhook', { webhookId: made.id, url: 'https://127.0.0.2/' }, webhook);
  expect(found).toMatchObject([{ path: ['url'], code: 'INVALID_VALUE' }]);
});

test('the log of deliveries: filtered, with the event, and sent again', async () => {
  const { webhook: made } = await create();
  await insertBaseModel(api.dataSource, api.projectId, { name: 'logged' });
  const log = /* GraphQL */ `
    query ($id: ID!, $status: [WebhookDeliveryStatus!]) {
      node(id: $id) { ... on Webhook { consecutiveFailures failingSince deliveries(first: 10, status: $status) {
        totalCount nodes { id type status requestBody event { ... on BaseModelRegistered { name } } attempts { statusCode } } } } }
    }
  `;
  type Log = { node: { deliveries: { totalCount: number; nodes: Result[] } } };
  const read = async (status: string[] | null) =>
    (await api.request<Log>(log, { id: made.id, status })).node.deliveries;
  let found = await read(['DELIVERED']);
  // Its count may be a moment newer than its nodes.
  while (found.nodes.length === 0) found = await read(['DELIVERED']);
  expect(found.nodes).toMatchObject([
    { type: 'base_model.registered', status: 'DELIVERED', event: { name: 'logged' }, attempts: [{ statusCode: 200 }] },
  ]);
  expect(await read(['PENDING', 'FAILED'])).toEqual({ totalCount: 0, nodes: [] });

  const before = receiver.received.length;
  const again = await mutate('redeliverWebhook', { deliveryId: found.nodes[0]!.id }, delivery);
  expect(again).toMatchObject({ id: found.nodes[0]!.id });
  await receiver.count(before + 1);
  expect(receiver.received[before]!.body).toBe(found.nodes[0]!.requestBody);
});

test('a webhook is changed, disabled, enabled and deleted', async () => {
  const { webhook: made } = await create();
  const { id } = made;
  expect(await mutate('updateWebhook', { webhookId: id, events: ['EXPERIMENT_CREATED'] }, webhook)).toMatchObject({
    id,
    url: receiver.url,
    events: ['EXPERIMENT_CREATED'],
    enabled: true,
  });
  const disabled = await mutate('updateWebhook', { webhookId: id, enabled: false, description: 'Off' }, webhook);
  expect(disabled).toMatchObject({ description: 'Off', enabled: false, disabledReason: 'BY_USER' });
  expect(await mutate('updateWebhook', { webhookId: id, enabled: true }, webhook)).toMatchObject({
    enabled: true,
    disabledReason: null,
  });
  const rotated = await mutate('rotateWebhookSecret', { webhookId: id }, created);
  expect(rotated.secret).toMatch(/^whsec_/);
  const listed = '{ project { webhooks(first: 100) { nodes { id } } } }';
  type Listed = { project: { webhooks: { nodes: { id: string }[] } } };
  const ids = async () => (await api.request<Listed>(listed)).project.webhooks.nodes.map((node) => node.id);
  expect(await ids()).toContain(id);
  expect(await mutate('deleteWebhook', { webhookId: id }, '... on DeletedWebhook { webhookId }')).toEqual({
    webhookId: id,
  });
  expect(await ids()).not.toContain(id);
  expect(await api.request('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
});

test('a project has at most 50 webhooks', async () => {
  const [{ count }] = await api.dataSource.query('SELECT count(*)::int AS count FROM webhooks');
  const results = await Promise.all(Array.from({ length: 52 - count }, () => create()));
  const refused = results.filter((result) => 'problems' in result);
  expect(refused).toMatchObject([
    { problems: [{ code: 'QUOTA_EXCEEDED', message: 'A project has at most 50 webhooks.' }] },
    { problems: [{ code: 'QUOTA_EXCEEDED' }] },
  ]);
});
