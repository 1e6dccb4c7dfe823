import { createHmac, hkdfSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { openServiceReward } from '../../../gpu-worker/rewards/service-reward.js';
import { RunStopped } from '../../../gpu-worker/run-stopped.js';
import { checkOfKey, rewardKeyOf, serviceKey } from '../../../src/outbound/reward-secret.js';
import type { RewardSource } from '../../../src/protocol/rewards/reward-spec.js';
import type { Completion } from '../../../src/protocol/rewards/scored-completion.js';
import { startReceiver } from '../../support/receiver.js';

const rewardKey = rewardKeyOf(Buffer.alloc(32, 7));
const services = { rewardKey: rewardKey.toString('base64'), allowPrivate: '127.0.0.1' };
const tools = { services, beat: () => undefined };
const soon = { firstMs: 1, mostMs: 5 };

function service(url: string, changes: Partial<RewardSource & { kind: 'service' }> = {}) {
  return {
    kind: 'service',
    url,
    projectId: '7c0d4d9e-31de-4df5-bd4e-0f1f67a0f2a8',
    secretNumber: 1,
    keyCheck: checkOfKey(rewardKey),
    timeoutMs: 2_000,
    retries: 2,
    batchSize: 2,
    ...changes,
  } as const;
}

const completions: Completion[] = ['a', 'bb', 'ccc'].map((text, i) => ({
  prompt: i === 0 ? { kind: 'messages', messages: [{ role: 'user', content: 'say' }] } : { kind: 'text', text: 'say' },
  text,
  tokenCount: i + 1,
  row: { gold: i === 1 ? null : 'g' },
}));

interface Asked {
  readonly completions: readonly { readonly completion: string }[];
}
const byLength = (body: string) => ({
  rewards: (JSON.parse(body) as Asked).completions.map(({ completion }) =>
    completion === 'bb' ? null : completion.length,
  ),
});

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: { problem?: { code: string; message: string } }) => error.problem ?? error,
  );

test('a service is asked batch after batch, by requests that it can verify', async () => {
  await using receiver = await startReceiver((response, { body }) => response.end(JSON.stringify(byLength(body))));
  const source = openServiceReward(service(receiver.url), tools);
  expect([...(await source.score(completions))]).toEqual([1, Number.NaN, 3]);
  await source.release();
  expect(receiver.received).toHaveLength(2);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  expect(JSON.parse(body)).toEqual({
    version: 1,
    type: 'reward',
    id: headers['webhook-id'],
    completions: [
      {
        prompt: null,
        messages: [{ role: 'user', content: 'say' }],
        completion: 'a',
        tokenCount: 1,
        row: { gold: 'g' },
      },
      { prompt: 'say', messages: null, completion: 'bb', tokenCount: 2, row: { gold: null } },
    ],
  });
  // Standard Webhooks, written again.
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(
    hkdfSync('sha256', rewardKey, '7c0d4d9e-31de-4df5-bd4e-0f1f67a0f2a8', `1 ${receiver.url}`, 32),
  );
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
});

test('another project, URL or number has another secret', () => {
  const place = { projectId: 'a', url: 'https://b.example/', secretNumber: 1 };
  const keys = [
    place,
    { ...place, projectId: 'b' },
    { ...place, url: 'https://c.example/' },
    { ...place, secretNumber: 2 },
  ];
  expect(new Set(keys.map((each) => serviceKey(rewardKey, each).toString('hex'))).size).toBe(4);
});

test('a service that is busy is asked again, with the same id', async () => {
  await using receiver = await startReceiver((response, { body }, index) =>
    index < 2 ? response.writeHead(index === 0 ? 503 : 429).end() : response.end(JSON.stringify(byLength(body))),
  );
  const source = openServiceReward(service(receiver.url), tools, soon);
  expect([...(await source.score(completions.slice(0, 1)))]).toEqual([1]);
  await source.release();
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(receiver.received).toHaveLength(3);
});

test('one that stays away fails after its attempts, and one that refuses fails at once', async () => {
  await using away = await startReceiver((response) => response.writeHead(500).end());
  const source = openServiceReward(service(away.url), tools, soon);
  expect(await failure(source.score(completions))).toMatchObject({
    code: 'REWARD_SERVICE_FAILED',
    message: 'The reward service failed 3 times: its answer has the status 500.',
  });
  await source.release();
  expect(away.received).toHaveLength(3);
  await using refusing = await startReceiver((response) => response.writeHead(401).end());
  const other = openServiceReward(service(refusing.url), tools, soon);
  expect(await failure(other.score(completions))).toMatchObject({ code: 'REWARD_SERVICE_FAILED' });
  await other.release();
  expect(refusing.received).toHaveLength(1);
});

test('an answer that is none is a failure that says why', async () => {
  const said = [
    ['{"rewards": [1]}', 'it has 1 rewards for 2 completions'],
    ['{"rewards": [1, "2"]}', 'it has no list `rewards` of numbers'],
    ['{"rewards": [1, 1e999]}', 'it has no list `rewards` of numbers'],
    ['[1, 2]', 'it has no list `rewards` of numbers'],
    ['{"rewards": [1, NaN]}', 'it is no JSON'],
  ] as const;
  for (const [body, why] of said) {
    await using receiver = await startReceiver((response) => response.end(body));
    const source = openServiceReward(service(receiver.url), tools, soon);
    expect(await failure(source.score(completions.slice(0, 2)))).toMatchObject({
      code: 'REWARD_SERVICE_FAILED',
      message: `The service answers what are no rewards: ${why}.`,
    });
    await source.release();
    expect(receiver.received).toHaveLength(1);
  }
});

test('one that is too slow, or says too much, fails', async () => {
  await using slow = await startReceiver(() => undefined);
  const source = openServiceReward(service(slow.url, { timeoutMs: 100, retries: 1 }), tools, soon);
  expect(await failure(source.score(completions))).toMatchObject({
    message: 'The reward service failed 2 times: no answer came within 100 ms.',
  });
  await source.release();
  await using long = await startReceiver((response) => response.end(' '.repeat(2 ** 20 + 1)));
  const other = openServiceReward(service(long.url), tools, soon);
  expect(await failure(other.score(completions))).toMatchObject({
    message: 'The reward service failed: its answer is larger than 1048576 bytes.',
  });
  await other.release();
});

test('a private address that nobody allowed is not called, and redirects are not followed', async () => {
  await using receiver = await startReceiver((response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  );
  const blocked = openServiceReward(
    service(receiver.url),
    { ...tools, services: { ...services, allowPrivate: '' } },
    soon,
  );
  expect(await failure(blocked.score(completions))).toMatchObject({
    message: expect.stringContaining('has an address in a private network'),
  });
  await blocked.release();
  expect(receiver.received).toHaveLength(0);
  const redirected = openServiceReward(service(receiver.url), tools, soon);
  expect(await failure(redirected.score(completions))).toMatchObject({
    message: expect.stringContaining('redirects are not followed'),
  });
  await redirected.release();
});

test('a worker with another secret says so before it asks', () => {
  const other = service('http://127.0.0.1:9/', { keyCheck: '0011223344556677' });
  expect(() => openServiceReward(other, tools)).toThrow('another secret than the API');
});

test('a job that has to stop does not wait for a service', async () => {
  await using receiver = await startReceiver(() => undefined);
  let beats = 0;
  const beat = (): void => {
    beats++;
    throw new RunStopped('cancel');
  };
  const source = openServiceReward(service(receiver.url, { timeoutMs: 60_000 }), { services, beat });
  const error = await failure(source.score(completions));
  expect(error).toBeInstanceOf(RunStopped);
  expect(beats).toBe(1);
  await source.release();
});
