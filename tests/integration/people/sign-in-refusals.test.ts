import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Browser, type Visit } from '../../support/browser.js';
import type { Person } from '../../support/openid-provider.js';
import { sessionIn, startTestSignIn, type TestSignIn } from '../../support/sign-in.js';

const person = (email: string, more: Partial<Person> = {}): Person => ({
  email,
  email_verified: true,
  name: email,
  ...more,
});

let signIn: TestSignIn;
beforeAll(async () => {
  signIn = await startTestSignIn({
    people: {
      ada: person('ada@example.com'),
      eve: person('eve@elsewhere.example'),
      unverified: person('ada@example.com', { email_verified: false }),
      unsaid: { email: 'ada@example.com' },
      nobody: { name: 'No Address' },
    },
  });
  await signIn.invite('ada@example.com');
});
afterAll(() => signIn?.[Symbol.asyncDispose]());
afterEach(() => {
  signIn.provider.rewriteIdToken = null;
});

const sessions = async (): Promise<number> => {
  const [{ count }] = await signIn.api.dataSource.query('SELECT count(*)::int AS count FROM sign_in_sessions');
  return count;
};

/** The callback's address as the provider gave it, before the browser goes there. */
async function callbackFor(browser: Browser, login = 'ada'): Promise<URL> {
  const begun = await browser.get(`${signIn.api.url}/auth/sign-in?returnTo=/auth/session`);
  // Once through; then once more, when the provider knows the browser and sends it back at once.
  let visit: Visit = begun;
  while (visit.url.origin === signIn.provider.issuer) {
    visit = await browser.submit(visit, visit.text.includes('value="login"') ? { login, password: 'any' } : {});
  }
  await browser.post(`${signIn.api.url}/auth/sign-out`, {});
  const to = await fetch(`${signIn.api.url}/auth/sign-in?returnTo=/auth/session`, {
    redirect: 'manual',
    headers: { cookie: browser.cookiesFor(new URL(signIn.api.url)) },
  });
  const authorization = new URL(to.headers.get('location')!);
  const answer = await fetch(authorization, {
    redirect: 'manual',
    headers: { cookie: browser.cookiesFor(authorization) },
  });
  return new URL(answer.headers.get('location')!);
}

describe('what comes back from the provider', () => {
  test('works once: the same address again is refused', async () => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    const cookies = browser.copy();
    expect(sessionIn(await browser.get(callback))).toMatchObject({ signedIn: true });
    const replayed = await cookies.get(callback);
    expect([replayed.status, replayed.text.includes('can not be finished')]).toEqual([400, true]);
  });

  test('works in the browser that began, and in no other', async () => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    const other = new Browser();
    expect((await other.get(callback)).status).toBe(400);
    await other.get(`${signIn.api.url}/auth/sign-in`);
    expect((await other.get(callback)).status).toBe(400);
    // That did not use it up.
    expect(sessionIn(await browser.get(callback))).toMatchObject({ signedIn: true });
  });

  test('is too late after ten minutes', async () => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    const before = signIn.clock.now;
    signIn.clock.now = new Date(before.getTime() + 10 * 60_000 + 1);
    expect((await browser.get(callback)).status).toBe(400);
    signIn.clock.now = before;
  });

  test.each([
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['another state', (url: URL) => url.searchParams.set('state', 'a'.repeat(43))],
    ['two states', (url: URL) => url.searchParams.append('state', 'a'.repeat(43))],
  ])('with %s is refused', async (_, change) => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    change(callback);
    expect((await browser.get(callback)).status).toBe(400);
  });

  test.each([
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['another code', (url: URL) => url.searchParams.set('code', 'guessed-code')],
  ])('with %s is refused, and neither code nor state is logged', async (_, change) => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    change(callback);
    const before = await sessions();
    const visit = await browser.get(callback);
    expect([visit.status, visit.text.includes('could not be confirmed')]).toEqual([502, true]);
    expect(await sessions()).toBe(before);
    const log = JSON.stringify(signIn.api.log);
    expect(log).toContain('A sign-in failed');
    for (const name of ['code', 'state']) expect(log).not.toContain(callback.searchParams.get(name)!);
  });

  test('with the verifier of another sign-in is refused by the provider', async () => {
    const browser = new Browser();
    const callback = await callbackFor(browser);
    await signIn.api.dataSource.query(`UPDATE sign_in_attempts SET code_verifier = repeat('v', 43)`);
    const visit = await browser.get(callback);
    expect([visit.status, visit.text.includes('could not be confirmed')]).toEqual([502, true]);
    expect(JSON.stringify(signIn.api.log.at(-1))).toContain('invalid_grant');
  });

  test('an authorization request without PKCE gets nowhere at this provider', async () => {
    const started = await fetch(`${signIn.api.url}/auth/sign-in`, { redirect: 'manual' });
    const url = new URL(started.headers.get('location')!);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const answer = await fetch(url, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location')!);
    expect(back.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('an ID token', () => {
  const hour = 3600;
  const seconds = (): number => Math.floor(Date.now() / 1000);
  test.each([
    ['of another sign-in', { nonce: 'n'.repeat(43) }],
    ['without a nonce', { nonce: undefined }],
    ['for another client', { aud: 'another-client' }],
    ['for several, asked for by another', { aud: ['attune', 'another-client'], azp: 'another-client' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that has expired', { iat: seconds() - 2 * hour, exp: seconds() - hour }],
  ])('%s is refused, though the provider signed it', async (_, change) => {
    signIn.provider.rewriteIdToken = (_token, claims, sign) => sign({ ...claims, ...change });
    const visit = await signIn.signIn(new Browser(), 'ada');
    expect([visit.status, visit.text.includes('could not be confirmed')]).toEqual([502, true]);
  });

  test('signed anew without change is fine: what is refused above is refused for what was changed', async () => {
    signIn.provider.rewriteIdToken = (_token, claims, sign) => sign(claims);
    expect(sessionIn(await signIn.signIn(new Browser(), 'ada'))).toMatchObject({ signedIn: true });
  });

  test.each([
    [
      'with a changed claim under the old signature',
      (token: string, claims: Record<string, unknown>) => {
        const [header, , signature] = token.split('.');
        const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'owner' })).toString('base64url');
        return `${header}.${changed}.${signature}`;
      },
    ],
    [
      'without a signature',
      (_token: string, claims: Record<string, unknown>) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
    ],
  ])('%s is refused', async (_, rewrite) => {
    signIn.provider.rewriteIdToken = rewrite;
    const visit = await signIn.signIn(new Browser(), 'ada');
    expect([visit.status, visit.text.includes('could not be confirmed')]).toEqual([502, true]);
  });
});

describe('somebody the provider knows', () => {
  test('but who calls it off there, is told so', async () => {
    const browser = new Browser();
    const begun = await browser.get(`${signIn.api.url}/auth/sign-in`);
    const visit = await browser.get(`${begun.url.href}/abort`);
    expect([visit.status, visit.text.includes('access was denied')]).toEqual([403, true]);
  });

  test.each([
    ['eve', 'were not invited here'],
    ['unverified', 'Verify it there'],
    ['unsaid', 'Verify it there'],
    ['nobody', 'did not send your e-mail address'],
  ])('%s is not let in, and no user is made', async (login, told) => {
    const users = await signIn.users();
    const before = await sessions();
    const visit = await signIn.signIn(new Browser(), login);
    expect([visit.status, visit.text.includes(told)]).toEqual([403, true]);
    expect(await signIn.users()).toEqual(users);
    expect(await sessions()).toBe(before);
  });
});

describe('after signing in', () => {
  test.each([
    ['/auth/session?a=1#b', '/auth/session?a=1#b'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/.//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/%09/evil.example/', '/%09/evil.example/'],
    ['javascript:alert(1)', '/'],
  ])('the wish to go to %s leads to %s of this server', async (wish, path) => {
    const browser = new Browser();
    const visit = await signIn.signIn(browser, 'ada', `/auth/sign-in?returnTo=${encodeURIComponent(wish)}`);
    expect(visit.way.at(-1)!.href).toBe(`${signIn.api.url}${path}`);
    expect(visit.way.every(({ origin }) => [signIn.api.url, signIn.provider.issuer].includes(origin))).toBe(true);
  });
});

test('pages say nothing that came with the address, and run no scripts', async () => {
  const visit = await new Browser().get(
    `${signIn.api.url}/auth/callback?state=%3Cscript%3E&error=%3Cscript%3E&error_description=%3Cscript%3E`,
  );
  expect(visit.status).toBe(400);
  expect(visit.text).not.toContain('script');
  expect(visit.headers.get('content-security-policy')).toContain("script-src 'self'");
});

test('no more sign-ins are begun from one address than people do', async () => {
  await using other = await startTestSignIn({ people: { ada: person('ada@example.com') } });
  const begin = () => fetch(`${other.api.url}/auth/sign-in`, { redirect: 'manual' });
  for (let i = 0; i < 120; i++) expect((await begin()).status).toBe(303);
  const refused = await begin();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const [{ count }] = await other.api.dataSource.query('SELECT count(*)::int AS count FROM sign_in_attempts');
  expect(count).toBe(120);
});
