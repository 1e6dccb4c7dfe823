import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Env, readEnv } from '../../../src/env.js';
import { describeFault } from '../../../src/people/sign-in/faults.js';
import { safeReturnTo } from '../../../src/people/sign-in/return-to.js';
import { isFromOwnPage } from '../../../src/people/sign-in/same-origin.js';
import { randomToken, seal, unseal } from '../../../src/people/sign-in/token.js';
import { EnvironmentError } from '../../../src/protocol/environment.js';

const provider = { OIDC_ISSUER: 'https://login.example.com/realms/staff', OIDC_CLIENT_ID: 'attune' };
const read = (source: Record<string, string>): Env => readEnv({ ...provider, ...source });
const refusal = (source: Record<string, string>): string => {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof EnvironmentError) return `${error.message} ${inspect(error)}`;
    throw error;
  }
  throw new Error('The environment was accepted.');
};

describe('settings', () => {
  test('without an issuer, nobody signs in', () => {
    expect(readEnv({})).toMatchObject({ signIn: null, publicUrl: null });
  });

  test('issuer and client id are enough on this machine', () => {
    expect(read({}).signIn).toEqual({
      issuer: 'https://login.example.com/realms/staff',
      clientId: 'attune',
      clientSecret: null,
      scopes: 'openid email profile',
      signUp: { kind: 'invited' },
      administrators: new Set(),
      trustEmails: false,
    });
  });

  test('all of them', () => {
    const env = read({
      HOST: '0.0.0.0',
      ATTUNE_PUBLIC_URL: 'https://attune.example.com/',
      OIDC_ISSUER: 'https://login.example.com/realms/staff/.well-known/openid-configuration',
      OIDC_CLIENT_SECRET: 's3cret',
      OIDC_SCOPES: 'openid email',
      OIDC_SIGN_UP: 'Example.com, example.org',
      OIDC_ADMINISTRATORS: 'Root@example.com',
      OIDC_TRUST_EMAILS: 'true',
    });
    expect(env.publicUrl).toBe('https://attune.example.com');
    expect(env.signIn).toEqual({
      issuer: 'https://login.example.com/realms/staff/.well-known/openid-configuration',
      clientId: 'attune',
      clientSecret: 's3cret',
      scopes: 'openid email',
      signUp: { kind: 'domains', domains: new Set(['example.com', 'example.org']) },
      administrators: new Set(['root@example.com']),
      trustEmails: true,
    });
  });

  test.each([
    [{}, true],
    [{ ATTUNE_PUBLIC_URL: 'http://localhost:4000' }, true],
    [{ ATTUNE_PUBLIC_URL: 'https://attune.example.com' }, false],
    [{ ATTUNE_LOCAL_ACCESS: 'none' }, false],
  ])('%j: requests of this machine need no credential: %s', (source, trusted) => {
    expect(readEnv(source).trustLocal).toBe(trusted);
  });

  test.each([
    [{ OIDC_ISSUER: 'https://login.example.com' }, 'OIDC_CLIENT_ID is not set'],
    [{ OIDC_CLIENT_ID: 'attune' }, 'OIDC_ISSUER is not set'],
    [{ ...provider, HOST: '0.0.0.0' }, 'ATTUNE_PUBLIC_URL is not set'],
    [{ ...provider, OIDC_ISSUER: 'http://login.example.com' }, 'OIDC_ISSUER=http://login.example.com is not allowed'],
    [{ ...provider, OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER=login.example.com is not allowed'],
    [{ ATTUNE_PUBLIC_URL: 'http://attune.example.com' }, 'ATTUNE_PUBLIC_URL=http://attune.example.com is not allowed'],
    [
      { ATTUNE_PUBLIC_URL: 'https://example.com/attune' },
      'ATTUNE_PUBLIC_URL=https://example.com/attune is not allowed',
    ],
    [{ ...provider, OIDC_SCOPES: 'email' }, 'OIDC_SCOPES=email is not allowed'],
    [{ ...provider, OIDC_SIGN_UP: 'everybody' }, 'OIDC_SIGN_UP=everybody is not allowed'],
    [{ ...provider, OIDC_ADMINISTRATORS: 'root' }, 'OIDC_ADMINISTRATORS=root is not allowed'],
    [{ ...provider, OIDC_TRUST_EMAILS: 'yes' }, 'OIDC_TRUST_EMAILS=yes is not allowed'],
  ])('%j: %s', (source, told) => {
    expect(refusal(source)).toContain(told);
  });

  test('a refusal does not tell the secret', () => {
    expect(refusal({ OIDC_CLIENT_SECRET: 's3cret', OIDC_SCOPES: 'email' })).not.toContain('s3cret');
    expect(refusal({ OIDC_CLIENT_SECRET: 's3cret' })).not.toContain('s3cret');
  });
});

describe('where to go after signing in', () => {
  test.each(['/', '/experiments/7?tab=metrics#loss', '/auth/session', '/a//b', '/%2F/evil.example'])(
    '%s is kept',
    (path) => {
      expect(safeReturnTo(path)).toBe(path);
    },
  );

  test.each([
    undefined,
    ['/a'],
    '',
    'a',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/auth/sign-in?returnTo=/',
    '/auth/callback',
    `/${'a'.repeat(2000)}`,
  ])('%j is not', (path) => {
    expect(safeReturnTo(path)).toBe('/');
  });
});

describe('who asks to sign out', () => {
  const ours = 'https://attune.example.com';
  test.each([
    [{ 'sec-fetch-site': 'same-origin', origin: ours }, true],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: ours }, true],
    [{ origin: 'null' }, false],
    [{ origin: 'http://attune.example.com' }, false],
    [{ origin: `${ours}.evil.example` }, false],
    [{}, false],
  ])('%j: %s', (headers, own) => {
    expect(isFromOwnPage({ host: 'attune.example.com', ...headers }, ours)).toBe(own);
  });

  test('without a public URL, the page is of the host that was asked', () => {
    expect(isFromOwnPage({ host: 'localhost:4000', origin: 'http://localhost:4000' }, null)).toBe(true);
    expect(isFromOwnPage({ host: 'localhost:4000', origin: 'http://localhost:3000' }, null)).toBe(false);
  });
});

test('what is sealed opens with the same token, unchanged, and with no other', () => {
  const token = randomToken();
  const sealed = seal('an id token', token);
  expect(unseal(sealed, token)).toBe('an id token');
  expect(sealed.toString('latin1')).not.toContain('id token');
  expect(() => unseal(sealed, randomToken())).toThrow();
  for (const at of [0, 12, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => unseal(changed, token)).toThrow();
  }
});

test('a fault is told on one line, with its causes, without what is secret', () => {
  const cause = Object.assign(new Error('the code c0de\nwas used by s3cret'), { code: 'E_USED' });
  const error = new Error('refused', { cause });
  expect(describeFault(error, ['c0de', 's3cret', null, ''])).toBe('refused: the code … was used by … (E_USED)');
  expect(describeFault('c0de', [])).toBe('unknown');
});
