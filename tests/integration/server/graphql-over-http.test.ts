import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphqlPath } from '../../../src/server/http-app.js';
import { startTestApi, type TestApi } from '../../support/api.js';

/**
 * The audits of graphql-http, each held against the running server: what the specification of GraphQL over HTTP says a
 * server MUST, SHOULD and MAY do.
 */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

/**
 * What a server MAY do and ours does not: a GET that any page can make the browser send, such as an image's, is
 * refused. With a header that a page can't set, it is answered (below).
 */
const refusedAsForgery = new Set(['5A70', 'D6D5', '6A70']);

const audits = serverAudits({ url: () => `${api.url}${graphqlPath}` });

test.each(audits.filter(({ id }) => !refusedAsForgery.has(id)))('$id $name', async ({ fn }) => {
  expect(await fn()).toMatchObject({ status: 'ok' });
});

const optional = serverAudits({
  url: () => `${api.url}${graphqlPath}`,
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } }),
});

test.each(optional.filter(({ id }) => refusedAsForgery.has(id)))(
  '$id $name, with a header that no form sends',
  async ({ id, fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
    const bare = audits.find((audit) => audit.id === id);
    expect(await bare?.fn()).toMatchObject({ status: 'notice', response: { status: 400 } });
  },
);

describe('a request as for a proxy, with a whole URL as its target', () => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    request(api.url, { path: path.replace('http://host', api.url), headers: { connection: 'close', ...headers } });
  const answerTo = async (path: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
    const asked = ask(path, headers).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return [response.statusCode!, await text(response)];
  };
  const headers = { 'apollo-require-preflight': 'true' };
  const query = `query=${encodeURIComponent('{ __typename }')}`;

  test('is answered as one with its path', async () => {
    expect(await answerTo(`http://host/graphql?${query}`, headers)).toEqual([200, '{"data":{"__typename":"Query"}}\n']);
    const [status, events] = await answerTo(`http://host/graphql?${query}`, { accept: 'text/event-stream' });
    expect([status, events]).toEqual([200, expect.stringContaining('data: {"data":{"__typename":"Query"}}')]);
    expect((await answerTo('http://host/health/live'))[0]).toBe((await answerTo('/health/live'))[0]);
    expect((await answerTo('http://host'))[0]).toBe((await answerTo('/'))[0]);
    expect((await answerTo('http://host/nowhere'))[0]).toBe(404);
  });

  test('may ask for a WebSocket', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': `${'A'.repeat(22)}==`,
      'sec-websocket-protocol': 'graphql-transport-ws',
    };
    const asked = ask('http://host/graphql', upgrade).end();
    const [response, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, { destroy(): void }];
    expect(response.statusCode).toBe(101);
    socket.destroy();
  });
});
