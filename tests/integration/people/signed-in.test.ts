import { once } from 'node:events';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { insertKey, insertSession } from '../../support/access.js';
import { Browser } from '../../support/browser.js';
import { createTestExperiment } from '../../support/runs.js';
import { startTestSignIn, type TestSignIn } from '../../support/sign-in.js';

// On an address that others reach: nothing works without a credential.
let signIn: TestSignIn;
let url: string;
let adaId: string;
beforeAll(async () => {
  const person = (email: string) => ({ email, email_verified: true, name: email.split('@')[0]! });
  signIn = await startTestSignIn({
    people: { ada: person('ada@example.com'), bob: person('bob@example.com') },
    host: '0.0.0.0',
  });
  url = signIn.api.url;
  adaId = await signIn.invite('ada@example.com');
  const bobId = await signIn.invite('bob@example.com');
  for (const userId of [adaId, bobId]) {
    await signIn.api.dataSource.query(`INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, 'VIEWER')`, [
      signIn.api.projectId,
      userId,
    ]);
  }
});
afterAll(() => signIn?.[Symbol.asyncDispose]());

async function signedIn(login: string): Promise<string> {
  const browser = new Browser();
  await signIn.signIn(browser, login);
  return browser.cookiesFor(new URL(url));
}

async function send<Data>(cookie: string, query: string, headers: Record<string, string> = {}): Promise<Data> {
  const { body } = await request(url)
    .post('/graphql')
    .set({ cookie, ...headers })
    .send({ query });
  return body;
}

const listed = '{ viewer { name email credential sessions(first: 10) { totalCount nodes { id current userAgent } } } }';
interface Listed {
  readonly data: {
    readonly viewer: { readonly sessions: { readonly nodes: { id: string; current: boolean; userAgent: string }[] } };
  };
}

test('whoever signed in asks as that user, sees the sessions, and ends them', async () => {
  const first = await signedIn('ada');
  signIn.clock.now = new Date(signIn.clock.now.getTime() + 1);
  const second = await signedIn('ada');
  const answer = await send<Listed>(second, listed);
  expect(answer).toEqual({
    data: {
      viewer: {
        name: 'ada',
        email: 'ada@example.com',
        credential: 'SESSION',
        sessions: {
          totalCount: 2,
          nodes: [
            { id: expect.any(String), current: true, userAgent: 'node' },
            { id: expect.any(String), current: false, userAgent: 'node' },
          ],
        },
      },
    },
  });
  const { id } = answer.data.viewer.sessions.nodes[1]!;
  const end = `mutation { endSession(input: { sessionId: "${id}" }) {
    ... on Session { id current } ... on Problems { problems { path code } } } }`;
  const notFound = { data: { endSession: { problems: [{ path: ['sessionId'], code: 'NOT_FOUND' }] } } };

  // It is nobody else's.
  const bob = await signedIn('bob');
  expect(await send(bob, end)).toEqual(notFound);
  expect(await send(bob, `{ node(id: "${id}") { id } }`)).toEqual({ data: { node: null } });
  expect(await send(first, `{ node(id: "${id}") { id } }`)).toEqual({ data: { node: { id } } });

  expect(await send(second, end)).toEqual({ data: { endSession: { id, current: false } } });
  expect(await send(second, end)).toEqual(notFound);
  expect(await send(first, listed)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const [entry] = await signIn.api.dataSource.query(
    `SELECT user_id AS "userId", credential, outcome FROM audit_log WHERE action = 'endSession' AND outcome = 'DONE'`,
  );
  expect(entry).toEqual({ userId: adaId, credential: 'SESSION', outcome: 'DONE' });
});

test('a key ends sessions of its user only when it administers', async () => {
  const end = async (key: { secret: string }): Promise<unknown> => {
    const sessionId = Buffer.from(`Session:${await insertSession(signIn.api.dataSource, adaId)}`).toString('base64');
    return send('', `mutation { endSession(input: { sessionId: "${sessionId}" }) { __typename } }`, {
      authorization: `Bearer ${key.secret}`,
    });
  };
  const { dataSource, projectId } = signIn.api;
  expect(await end(await insertKey(dataSource, adaId, { scopes: ['READ', 'TRAIN'] }))).toEqual({
    data: { endSession: { __typename: 'Problems' } },
  });
  expect(await end(await insertKey(dataSource, adaId, { projectId }))).toEqual({
    data: { endSession: { __typename: 'Problems' } },
  });
  expect(await end(await insertKey(dataSource, adaId))).toEqual({ data: { endSession: { __typename: 'Session' } } });
});

describe('a page elsewhere, in the browser of somebody who is signed in,', () => {
  test('sends no operation, neither as JSON from its origin nor as a form', async () => {
    const cookie = await signedIn('ada');
    const post = () => request(url).post('/graphql').set('cookie', cookie);
    const query = '{ viewer { id } }';
    expect((await post().set('origin', 'https://evil.example').send({ query })).status).toBe(403);
    expect((await post().set('content-type', 'text/plain').send(JSON.stringify({ query }))).status).toBe(400);
    expect((await request(url).get('/graphql').set('cookie', cookie).query({ query })).status).toBe(400);
  });

  test('opens no WebSocket', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { cookie: await signedIn('ada'), origin: 'https://evil.example' },
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('403');
  });

  test('signs nobody out', async () => {
    const cookie = await signedIn('ada');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      {},
    ]) {
      expect(
        (
          await request(url)
            .post('/auth/sign-out')
            .set({ cookie, ...headers })
        ).status,
      ).toBe(403);
    }
    expect(await send(cookie, '{ viewer { name } }')).toEqual({ data: { viewer: { name: 'ada' } } });
  });
});

test.each([
  [
    'signing out',
    async (cookie: string) => {
      const { body } = await request(url)
        .post('/auth/sign-out')
        .set({ cookie, origin: url, accept: 'application/json' });
      expect(body).toEqual({
        signedIn: false,
        providerSignOutUrl: expect.stringContaining(`${signIn.provider.issuer}/session/end?`),
      });
    },
  ],
  [
    'ending the session from another browser',
    async (cookie: string) => {
      const nodes = (await send<Listed>(cookie, listed)).data.viewer.sessions.nodes;
      const { id } = nodes.find(({ current }) => current)!;
      await send(await signedIn('bob'), `mutation { endSession(input: { sessionId: "${id}" }) { __typename } }`);
      await send(await signedIn('ada'), `mutation { endSession(input: { sessionId: "${id}" }) { __typename } }`);
    },
  ],
  [
    'deactivating the user',
    async () => {
      await signIn.api.dataSource.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [adaId]);
    },
  ],
])('%s closes what the session had open, at once', async (_, end) => {
  const cookie = await signedIn('ada');
  const experiment = await createTestExperiment(signIn.api, { name: `watched until ${_}` });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers: { cookie, origin: url },
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  const messages: { type: string }[] = [];
  const first = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString()));
      if (messages.at(-1)!.type === 'next') resolve();
    });
  });
  socket.send(JSON.stringify({ type: 'connection_init' }));
  const query = `subscription { experimentEvents(experimentId: "${experiment.id}") { ... on StatusChanged { to } } }`;
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  await first;

  await end(cookie);
  const [code] = await closed;
  expect(code).toBe(4403);
  expect(await send(cookie, listed)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  await signIn.api.dataSource.query('UPDATE users SET deactivated_at = NULL WHERE id = $1', [adaId]);
});

describe('the explorer', () => {
  test('sends a person who is not signed in to the sign-in, and is there afterwards', async () => {
    const browser = new Browser();
    const begun = await browser.get(`${url}/`, { accept: 'text/html,*/*;q=0.8' });
    expect(begun.way.map(({ origin, pathname }) => `${origin}${pathname}`).slice(0, 2)).toEqual([
      `${url}/`,
      `${url}/auth/sign-in`,
    ]);
    const consent = await browser.submit(begun, { login: 'ada', password: 'any' });
    const visit = await browser.submit(consent);
    expect([visit.url.href, visit.status]).toEqual([`${url}/`, 200]);
    expect(visit.text).toContain('Altair');
  });

  test('asks programs for a key', async () => {
    const { status, headers } = await request(url).get('/').set('accept', '*/*');
    expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('Basic')]);
  });
});
