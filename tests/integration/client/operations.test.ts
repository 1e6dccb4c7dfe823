import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CancelExperiment,
  CloneExperiment,
  CreateExperiment,
  ListExperiments,
  WhoAmI,
} from '../../../clients/command-line/generated/operations.js';
import {
  allNodes,
  ConnectionError,
  createClient,
  isProblems,
  orThrow,
  ProblemsError,
  RefusedError,
} from '../../../clients/typescript/node.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { freePort } from '../../support/free-port.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

// Queries and mutations over HTTP, on a line that breaks.

const quick = { maxRetries: 4, shortestMs: 10, longestMs: 40 };

let api: TestApi;
let proxy: TcpProxy;
beforeAll(async () => {
  api = await startTestApi();
  proxy = await startTcpProxy(api.url);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await api?.close();
});

async function experimentInput(name: string) {
  const baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: `model of ${name}` });
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: `data of ${name}` });
  return {
    name,
    baseModelId: ids.baseModel(baseModel),
    datasetVersionId: ids.version(versionIds[0]!),
    method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
  };
}

const named = async (name: string): Promise<number> => {
  const [{ count }] = await api.dataSource.query('SELECT count(*)::int AS count FROM experiments WHERE name = $1', [
    name,
  ]);
  return count;
};

test('a mutation is its object or its problems, and the compiler knows which', async () => {
  await using client = createClient({ url: api.url });
  const input = await experimentInput('told apart');
  const created = await client.mutate(CreateExperiment, input);
  if (isProblems(created)) throw new Error(created.problems[0]?.message);
  expect(created).toMatchObject({ name: 'told apart', status: 'QUEUED' });

  const refused = await client.mutate(CreateExperiment, {
    ...input,
    method: { supervised: { textColumn: 'text', labelColumn: 'lable' } },
  });
  expect(isProblems(refused) && refused.problems).toMatchObject([
    { path: ['method', 'supervised', 'labelColumn'], code: 'UNKNOWN_COLUMN', hint: expect.stringContaining('label') },
  ]);
  expect(() => orThrow(refused)).toThrow(ProblemsError);
  expect(orThrow(created).id).toBe(created.id);
});

test('a mutation whose answer is lost is sent again under its key, and done once', async () => {
  await using client = createClient({ url: proxy.url, retry: quick });
  const input = await experimentInput('answer lost');
  const lost = proxy.loseNextAnswer();
  const created = orThrow(await client.mutate(CreateExperiment, input));
  await lost;
  expect(created.name).toBe('answer lost');
  expect(await named('answer lost')).toBe(1);
});

test('a key of the caller counts, across clients', async () => {
  const source = await createTestExperiment(api, { name: 'source' });
  const input = { experimentId: source.id, name: 'clone', idempotencyKey: 'night of the clones' };
  const made = [];
  for (let i = 0; i < 2; i++) {
    await using client = createClient({ url: api.url });
    made.push(orThrow(await client.mutate(CloneExperiment, input)).id);
  }
  expect(made[0]).toBe(made[1]);
  expect(await named('clone')).toBe(1);
});

test('a mutation without a key is not sent again when its answer is lost', async () => {
  await using client = createClient({ url: proxy.url, retry: quick });
  const { id: experimentId } = await createTestExperiment(api, { name: 'cancelled once' });
  const lost = proxy.loseNextAnswer();
  await expect(client.mutate(CancelExperiment, { experimentId })).rejects.toThrow(ConnectionError);
  await lost;
});

test('a query is asked again, and gives up with what to do', async () => {
  await using client = createClient({ url: proxy.url, retry: quick });
  const lost = proxy.loseNextAnswer();
  expect((await client.query(WhoAmI, { projectSlug: null })).project?.slug).toBe('default');
  await lost;

  const before = proxy.opened;
  proxy.target = null;
  proxy.cut();
  try {
    const failure = await client.query(WhoAmI, { projectSlug: null }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({
      message: expect.stringContaining(proxy.url),
      hint: expect.stringContaining('try again'),
    });
    // The first attempt and four more.
    expect(proxy.opened - before).toBe(5);
  } finally {
    proxy.target = api.url;
  }
});

test('nobody at an address, and somebody else at one', async () => {
  await using nobody = createClient({ url: `http://127.0.0.1:${await freePort()}`, retry: { maxRetries: 0 } });
  await expect(nobody.query(WhoAmI, { projectSlug: null })).rejects.toMatchObject({
    name: 'ConnectionError',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  const other = createServer((_request, response) => response.end('<h1>Hello</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    await using client = createClient({ url: `http://127.0.0.1:${(other.address() as AddressInfo).port}` });
    await expect(client.query(WhoAmI, { projectSlug: null })).rejects.toMatchObject({
      code: 'NOT_GRAPHQL',
      status: 200,
    });
  } finally {
    other.close();
  }
});

test('what the server refuses is an error with its code, its request and its wait', async () => {
  await using guarded = await startTestApi({ host: '0.0.0.0', network: { rateLimit: 2 } });
  const url = guarded.url.replace('0.0.0.0', '127.0.0.1');
  await using client = createClient({ url, apiKey: 'attune_wrong', retry: { maxRetries: 0 } });
  const refusal = await client.query(WhoAmI, { projectSlug: null }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RefusedError);
  expect(refusal).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, requestId: expect.stringMatching(/./) });

  const { secret } = await insertKey(guarded.dataSource, await insertUser(guarded.dataSource, 'hurried'));
  await using hurried = createClient({ url, apiKey: secret, retry: { maxRetries: 0 } });
  const answers = [];
  for (let i = 0; i < 3; i++)
    answers.push(await hurried.query(WhoAmI, { projectSlug: null }).catch((error: unknown) => error));
  expect(answers.at(-1)).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfterSeconds: expect.any(Number) });
});

test('a signal ends a request and a wait at once, with its reason', async () => {
  await using client = createClient({ url: proxy.url, retry: { shortestMs: 60_000, longestMs: 60_000 } });
  proxy.target = null;
  proxy.cut();
  const stopped = new AbortController();
  const asked = client.query(WhoAmI, { projectSlug: null }, { signal: stopped.signal });
  const reason = new Error('enough');
  const aborting = setInterval(() => stopped.abort(reason), 20);
  await expect(asked).rejects.toBe(reason);
  clearInterval(aborting);
  proxy.target = api.url;
  await expect(client.query(WhoAmI, { projectSlug: null }, { signal: stopped.signal })).rejects.toBe(reason);
});

test('a list is read to its end, whatever the size of its pages', async () => {
  await using client = createClient({ url: api.url });
  for (let i = 0; i < 5; i++) await createTestExperiment(api, { name: `listed ${i}` });
  const filter = { text: 'listed' };
  const found: string[] = [];
  const list = allNodes(async (after) => {
    const variables = { projectSlug: null, first: 2, after, filter, orderBy: null, metrics: [] };
    return (await client.query(ListExperiments, variables)).project?.experiments;
  });
  for await (const { name } of list) found.push(name);
  expect(found.toSorted()).toEqual(['listed 0', 'listed 1', 'listed 2', 'listed 3', 'listed 4']);
});
