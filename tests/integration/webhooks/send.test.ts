import type { lookup } from 'node:dns';
import { expect, test } from 'vitest';
import { createNetworkRules, parsePrivateAllowance } from '../../../src/outbound/network-rules.js';
import { createWebhookSender } from '../../../src/webhooks/send.js';
import { resolvingTo, startReceiver } from '../../support/receiver.js';

function sender(options: { allowed?: string; timeoutMs?: number; lookup?: typeof lookup } = {}) {
  const { allowed = '', ...rest } = options;
  const made = createWebhookSender({ rules: createNetworkRules(parsePrivateAllowance(allowed)!), ...rest });
  return Object.assign(made, { [Symbol.asyncDispose]: () => made.close() });
}

const never = new AbortController().signal;
const post = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' });

test('a 2xx response is a delivery', async () => {
  await using receiver = await startReceiver((response) => response.writeHead(202).end('thanks'));
  await using to = sender({ allowed: '127.0.0.1' });
  expect(await to.send(post(receiver.url), never)).toEqual({
    failure: null,
    message: null,
    durationMs: expect.any(Number),
    statusCode: 202,
    responseExcerpt: 'thanks',
  });
  expect(receiver.received).toMatchObject([{ method: 'POST', path: '/hook', body: '{"a":1}' }]);
});

test('a private address is not connected to, neither as it is nor as what a name resolves to', async () => {
  await using receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  const blocked = { failure: 'BLOCKED', statusCode: null, responseExcerpt: null };
  for (const host of ['127.0.0.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]']) {
    await using to = sender();
    expect(await to.send(post(`http://${host}:${port}/`), never), host).toMatchObject(blocked);
  }
  for (const addresses of [['127.0.0.1'], ['::1'], ['93.184.216.34', '127.0.0.1'], ['169.254.169.254'], ['10.0.0.1']]) {
    await using to = sender({ lookup: resolvingTo(...addresses) });
    const outcome = await to.send(post(`http://public.example:${port}/`), never);
    expect(outcome).toMatchObject({
      ...blocked,
      message:
        'public.example has an address in a private network, and webhooks are not delivered to private networks.',
    });
  }
  // The system's own resolver.
  await using to = sender();
  expect(await to.send(post(`http://localhost:${port}/`), never)).toMatchObject(blocked);
  expect(receiver.received).toEqual([]);
});

test('what is allowed is connected to: by range, and by name', async () => {
  await using receiver = await startReceiver();
  const url = `http://hooks.internal:${new URL(receiver.url).port}/`;
  for (const allowed of ['127.0.0.0/8', 'hooks.internal', '*.internal', '*']) {
    await using to = sender({ allowed, lookup: resolvingTo('127.0.0.1') });
    expect(await to.send(post(url), never), allowed).toMatchObject({ failure: null, statusCode: 204 });
  }
  await using to = sender({ allowed: 'other.internal', lookup: resolvingTo('127.0.0.1') });
  expect(await to.send(post(url), never)).toMatchObject({ failure: 'BLOCKED' });
});

test('a redirect is refused, not followed', async () => {
  await using target = await startReceiver();
  await using receiver = await startReceiver((response) => response.writeHead(307, { location: target.url }).end());
  await using to = sender({ allowed: '127.0.0.1' });
  expect(await to.send(post(receiver.url), never)).toMatchObject({
    failure: 'REFUSED',
    message: 'The response was 307: redirects are not followed.',
    statusCode: 307,
  });
  expect(target.received).toEqual([]);
});

test('of a response 4 KiB are kept, as text that the database can hold', async () => {
  await using receiver = await startReceiver((response) => {
    // No end: whoever wants all of it waits for ever.
    response.writeHead(500).write(`a\0b${'é'.repeat(10_000)}`);
  });
  await using to = sender({ allowed: '127.0.0.1' });
  const { failure, statusCode, responseExcerpt } = await to.send(post(receiver.url), never);
  expect({ failure, statusCode }).toEqual({ failure: 'REFUSED', statusCode: 500 });
  expect(responseExcerpt!.slice(0, 4)).toBe('a\uFFFDbé');
  // 3 bytes, 2,046 letters of 2 bytes, and one of which only half was kept.
  expect(responseExcerpt).toHaveLength(3 + 2_046 + 1);
});

test('a receiver that does not answer is timed out, one that is not there unreachable', async () => {
  await using receiver = await startReceiver(() => undefined);
  await using to = sender({ allowed: '127.0.0.1', timeoutMs: 50 });
  expect(await to.send(post(receiver.url), never)).toMatchObject({
    failure: 'TIMED_OUT',
    message: 'No response came within 50 ms.',
  });

  const gone = await startReceiver();
  await gone[Symbol.asyncDispose]();
  await using patient = sender({ allowed: '127.0.0.1' });
  expect(await patient.send(post(gone.url), never)).toMatchObject({
    failure: 'UNREACHABLE',
    message: 'The host refused the connection.',
  });
});

test('an attempt that is broken off says so', async () => {
  await using receiver = await startReceiver(() => undefined);
  await using to = sender({ allowed: '127.0.0.1' });
  const abort = new AbortController();
  const sending = to.send(post(receiver.url), abort.signal);
  await receiver.count(1);
  abort.abort();
  expect(await sending).toMatchObject({ failure: 'INTERRUPTED', statusCode: null });
});
