import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Browser } from '../../support/browser.js';
import { passProvider, startTestProvider } from '../../support/openid-provider.js';
import { clientOf, sessionIn, startTestSignIn } from '../../support/sign-in.js';

const ada = { email: 'ada@example.com', email_verified: true, name: 'Ada' };
const document = '.well-known/openid-configuration';

/** Signs Ada in at a provider whose issuer has this path; `named` makes OIDC_ISSUER of the provider's origin. */
async function signInAt(path: string, named: (origin: string) => string) {
  await using provider = await startTestProvider({ ada }, path);
  await using signIn = await startTestSignIn({
    people: {},
    provider,
    settings: { issuer: named(new URL(provider.issuer).origin), signUp: { kind: 'anyone' } },
  });
  provider.open([clientOf(signIn.api.url, null)]);
  const visit = await signIn.signIn(new Browser(), 'ada');
  return { visit, issuer: provider.issuer, log: signIn.api.log.map((line) => JSON.stringify(line)).join('\n') };
}

describe('an issuer', () => {
  test.each([
    ['ends in a slash, given by the address of its document', '/o/app/', `/o/app/${document}`],
    ['ends in a slash, given itself', '/o/app/', '/o/app/'],
    ['has a path, given by the address of its document', '/o/app', `/o/app/${document}`],
    ['has a path, given itself', '/o/app', '/o/app'],
    ['is an origin, given by the address of its document', '', `/${document}`],
    ['is an origin, given with a slash', '', '/'],
  ])('that %s: people sign in', async (_, path, given) => {
    const { visit } = await signInAt(path, (origin) => `${origin}${given}`);
    expect(sessionIn(visit)).toMatchObject({ signedIn: true, email: 'ada@example.com' });
  });

  test.each([
    ['/o/app/', '/o/app'],
    ['/o/app', '/o/app/'],
  ])('%s, given as %s: the log names both, and what to set', async (path, given) => {
    const { visit, issuer, log } = await signInAt(path, (origin) => `${origin}${given}`);
    expect(visit.status).toBe(503);
    expect(log).toContain(JSON.stringify(JSON.stringify(issuer)).slice(1, -1));
    expect(log).toContain(JSON.stringify(JSON.stringify(new URL(given, issuer).href)).slice(1, -1));
    expect(log).toContain('set OIDC_ISSUER to exactly that');
  });

  test('that an ID token does not name: the log names both', async () => {
    await using signIn = await startTestSignIn({ people: { ada } });
    signIn.provider.rewriteIdToken = (_token, claims, sign) => sign({ ...claims, iss: `${String(claims.iss)}/` });
    const visit = await signIn.signIn(new Browser(), 'ada');
    expect(visit.status).toBe(502);
    const { issuer } = signIn.provider;
    expect(String(signIn.api.log.at(-1)?.msg)).toContain(`"${issuer}/" is not "${issuer}"`);
  });
});

test('the trial provider of the documentation signs people in, whatever Node this is', async () => {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  await using signIn = await startTestSignIn({
    people: {},
    shut: true,
    settings: { issuer, signUp: { kind: 'anyone' } },
  });
  const script = spawn(process.execPath, ['scripts/openid-provider.mjs', String(port), signIn.api.url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(script.stdout, 'data');
    const browser = new Browser();
    const begun = await browser.get(`${signIn.api.url}/auth/sign-in?returnTo=/auth/session`);
    const visit = await passProvider(browser, begun, issuer, 'ada@example.com');
    expect(sessionIn(visit)).toMatchObject({ signedIn: true, email: 'ada@example.com' });
  } finally {
    script.kill();
    await once(script, 'exit');
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
