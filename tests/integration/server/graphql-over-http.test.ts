import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
