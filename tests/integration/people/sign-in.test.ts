import { expect, test } from 'vitest';
import { startTestApi } from '../../support/api.js';
import { Browser } from '../../support/browser.js';
import { createTestDatabase } from '../../support/database.js';
import { passProvider } from '../../support/openid-provider.js';
import { clientOf, sessionIn, startTestSignIn } from '../../support/sign-in.js';

const ada = { email: 'Ada@Example.com', email_verified: true, name: 'Ada Lovelace' };

test('somebody who was invited signs in and out', async () => {
  await using signIn = await startTestSignIn({ people: { ada } });
  const { api, provider } = signIn;
  const userId = await signIn.invite('ada@example.com');
  const browser = new Browser();

  const visit = await signIn.signIn(browser, 'ada');
  expect(visit.url.href).toBe(`${api.url}/auth/session`);
  expect(sessionIn(visit)).toEqual({
    signedIn: true,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    expiresAt: new Date(signIn.clock.now.getTime() + 8 * 3_600_000).toISOString(),
  });
  expect(await signIn.users()).toEqual([
    { id: userId, name: 'Ada Lovelace', email: 'ada@example.com', subject: 'ada', administrator: false },
  ]);

  const asked = await browser.get(`${api.url}/auth/sign-out`);
  expect(asked.text).toContain('You are signed in as ada@example.com.');
  // Under `no-referrer` browsers hide where the form is from, and it would be refused.
  expect(asked.headers.get('referrer-policy')).toBe('same-origin');
  const out = await browser.submit(asked);
  expect(out.text).toContain('You are signed out here');
  expect(sessionIn(await browser.get(`${api.url}/auth/session`))).toEqual({
    signedIn: false,
    signInUrl: '/auth/sign-in',
  });

  // The page leads on to the provider, which asks once more, ends its own session, and sends the browser back.
  const leadsTo = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(out.text)![1]!.replaceAll('&amp;', '&');
  const confirm = await browser.get(leadsTo);
  expect(confirm.url.origin).toBe(provider.issuer);
  const back = await browser.submit(confirm, { logout: 'yes' });
  expect(back.url.href).toBe(`${api.url}/auth/sign-out`);
  expect(back.text).toContain('You are signed out');
  expect((await browser.get(`${api.url}/auth/sign-in`)).text).toContain('value="login"');
});

test('the cookie is out of reach of scripts and other sites; pages are kept nowhere', async () => {
  await using signIn = await startTestSignIn({ people: { ada } });
  await signIn.invite('ada@example.com');
  const browser = new Browser();
  const begun = await browser.get(`${signIn.api.url}/auth/sign-in`);
  const before = browser.copy();
  const consent = await browser.submit(begun, { login: 'ada', password: 'any' });
  await browser.submit(consent);

  const again = before.copy();
  await again.get(`${signIn.api.url}/auth/sign-in`);
  const response = await fetch(`${signIn.api.url}/auth/sign-in`, { redirect: 'manual' });
  expect(response.status).toBe(303);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^attune-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
  ]);
  const to = new URL(response.headers.get('location')!);
  expect(Object.fromEntries(to.searchParams)).toEqual({
    client_id: 'attune',
    response_type: 'code',
    redirect_uri: `${signIn.api.url}/auth/callback`,
    scope: 'openid email profile',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  const [session] = await signIn.api.dataSource.query('SELECT * FROM sign_in_sessions');
  const token = /attune=([\w-]{43})/.exec(browser.cookiesFor(new URL(signIn.api.url)))![1]!;
  expect(JSON.stringify(session)).not.toContain(token);
  expect(Buffer.from(session.sealed_id_token).toString('latin1')).not.toContain('eyJ');
});

test('a client with a secret sends it as the provider says it takes it', async () => {
  const secret = 'a secret with / + : and %';
  const basic = await startTestSignIn({ people: { ada }, settings: { clientSecret: secret } });
  await using _basic = basic;
  await basic.invite('ada@example.com');
  expect(sessionIn(await basic.signIn(new Browser(), 'ada'))).toMatchObject({ signedIn: true });
  expect(basic.provider.tokenRequests).toHaveLength(1);
  expect(basic.provider.tokenRequests[0]!.authorization).toMatch(/^Basic /);
  expect(basic.provider.tokenRequests[0]!.body.get('client_secret')).toBeNull();

  await using post = await startTestSignIn({
    people: { ada },
    settings: { clientSecret: secret },
    client: { token_endpoint_auth_method: 'client_secret_post' },
    configuration: { clientAuthMethods: ['client_secret_post'] },
  });
  await post.invite('ada@example.com');
  expect(sessionIn(await post.signIn(new Browser(), 'ada'))).toMatchObject({ signedIn: true });
  expect(post.provider.tokenRequests[0]!.authorization).toBeUndefined();
});

test('a wrong client secret is an error of the server, and is in no log', async () => {
  await using signIn = await startTestSignIn({
    people: { ada },
    settings: { clientSecret: 'right-secret' },
    shut: true,
  });
  signIn.provider.open([
    {
      client_id: 'attune',
      client_secret: 'another-secret',
      redirect_uris: [`${signIn.api.url}/auth/callback`],
    },
  ]);
  const visit = await signIn.signIn(new Browser(), 'ada');
  expect(visit.status).toBe(502);
  expect(visit.text).toContain('could not be confirmed');
  const log = JSON.stringify(signIn.api.log);
  expect(log).toContain('invalid_client');
  expect(log).not.toMatch(/right-secret|another-secret/);
  expect(log).not.toContain(visit.way.at(-1)!.searchParams.get('code')!);
});

test('two API processes share sign-ins and sessions', async () => {
  await using database = await createTestDatabase();
  await using first = await startTestSignIn({ people: { ada }, database, shut: true });
  await using second = await startTestSignIn({ people: { ada }, database, provider: first.provider });
  first.provider.open([clientOf([first.api.url, second.api.url], null)]);
  await first.invite('ada@example.com');
  const browser = new Browser();

  // Begun at the first, finished at the second: as behind a load balancer.
  const begun = await browser.get(`${first.api.url}/auth/sign-in`);
  const consent = await browser.submit(begun, { login: 'ada', password: 'any' });
  const form = /<form[^>]* action="([^"]+)"/.exec(consent.text)![1]!;
  const resumed = await fetch(form, {
    method: 'POST',
    body: new URLSearchParams({ prompt: 'consent' }),
    headers: { cookie: browser.cookiesFor(new URL(form)) },
    redirect: 'manual',
  });
  const resume = new URL(resumed.headers.get('location')!);
  const sent = await fetch(resume, { headers: { cookie: browser.cookiesFor(resume) }, redirect: 'manual' });
  const callback = new URL(sent.headers.get('location')!);
  expect(callback.origin).toBe(first.api.url);
  callback.port = new URL(second.api.url).port;
  expect((await browser.get(callback)).status).toBe(200);
  for (const { api } of [first, second]) {
    expect(sessionIn(await browser.get(`${api.url}/auth/session`))).toMatchObject({ signedIn: true });
  }
  await browser.post(`${second.api.url}/auth/sign-out`, {});
  expect(sessionIn(await browser.get(`${first.api.url}/auth/session`))).toMatchObject({ signedIn: false });
});

test('a provider that is down does not keep the server from starting; when it is up, people sign in', async () => {
  await using signIn = await startTestSignIn({ people: { ada }, shut: true });
  await signIn.invite('ada@example.com');
  const down = await new Browser().get(`${signIn.api.url}/auth/sign-in`);
  expect(down.status).toBe(503);
  expect(down.headers.get('retry-after')).toBe('10');
  expect(down.text).toContain('Sign-in does not work right now');

  signIn.provider.open([clientOf(signIn.api.url, null)]);
  const browser = new Browser();
  const begun = await browser.get(`${signIn.api.url}/auth/sign-in?returnTo=/auth/session`);
  expect(begun.status).toBe(200);
  expect(sessionIn(await passProvider(browser, begun, signIn.provider.issuer, 'ada'))).toMatchObject({
    signedIn: true,
  });
});

test('where no provider is set, the page says so', async () => {
  await using api = await startTestApi();
  const visit = await new Browser().get(`${api.url}/auth/sign-in`);
  expect([visit.status, visit.text.includes('OIDC_ISSUER')]).toEqual([404, true]);
});
