import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { type Admission, admit } from '../../../src/people/sign-in/admit.js';
import { type Identity, identityOf } from '../../../src/people/sign-in/identity.js';
import type { SignUp } from '../../../src/people/sign-in/settings.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const issuer = 'https://login.example.com';
const identity = (subject: string, email: string, more: Partial<Identity> = {}): Identity => ({
  issuer,
  subject,
  email,
  emailVerified: true,
  name: subject,
  ...more,
});
const come = (who: Identity, signUp: SignUp = { kind: 'invited' }, administrators: string[] = []): Promise<Admission> =>
  admit(dataSource, who, { signUp, administrators: new Set(administrators) });
const invite = async (email: string): Promise<string> => {
  const id = randomUUID();
  await dataSource.query('INSERT INTO users (id, name, email) VALUES ($1, $2, $2)', [id, email]);
  return id;
};
const userOf = async (id: string) =>
  (await dataSource.query('SELECT name, email, issuer, subject, administrator FROM users WHERE id = $1', [id]))[0];

test('a user keeps to the subject: a new name and a new address are taken over, another subject with the old one is not', async () => {
  const userId = await invite('ada@example.com');
  expect(await come(identity('1', 'ada@example.com'))).toEqual({ kind: 'admitted', userId });
  // Her address goes to somebody else before she signs in again.
  expect(await come(identity('2', 'ada@example.com'))).toEqual({ kind: 'emailOfAnother' });
  expect(await come(identity('1', 'lovelace@example.com', { name: 'Lady Lovelace' }))).toEqual({
    kind: 'admitted',
    userId,
  });
  expect(await userOf(userId)).toMatchObject({ name: 'Lady Lovelace', email: 'lovelace@example.com', subject: '1' });
  // An address that another user has, and one that is not verified, leave it as it is.
  await invite('taken@example.com');
  await come(identity('1', 'taken@example.com'));
  await come(identity('1', 'unverified@example.com', { emailVerified: false }));
  expect(await userOf(userId)).toMatchObject({ email: 'lovelace@example.com' });
});

test('after a change of provider, a user is taken over by verified address', async () => {
  const userId = await invite('kept@example.com');
  await come(identity('old', 'kept@example.com', { issuer: 'https://old.example.com' }));
  const moved = identity('new', 'kept@example.com');
  expect(await come({ ...moved, emailVerified: false })).toEqual({ kind: 'emailNotVerified' });
  expect(await come(moved)).toEqual({ kind: 'admitted', userId });
  expect(await userOf(userId)).toMatchObject({ issuer, subject: 'new' });
});

test('a deactivated user does not come in', async () => {
  const userId = await invite('gone@example.com');
  await dataSource.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [userId]);
  expect(await come(identity('gone', 'gone@example.com'))).toEqual({ kind: 'deactivated' });
});

describe('who was not invited', () => {
  const domains: SignUp = { kind: 'domains', domains: new Set(['example.org']) };

  test.each([
    [{ kind: 'invited' } as SignUp, 'a@example.org', 'notInvited'],
    [{ kind: 'anyone' } as SignUp, 'b@example.org', 'admitted'],
    [domains, 'c@example.org', 'admitted'],
    [domains, 'd@sub.example.org', 'notInvited'],
    [domains, 'e@example.org.evil.example', 'notInvited'],
    [domains, 'f@evil.example', 'notInvited'],
  ])('under %j, %s is %s', async (signUp, email, kind) => {
    expect(await come(identity(email, email), signUp)).toMatchObject({ kind });
  });

  test('needs a verified address even where anyone may sign up', async () => {
    const who = identity('g', 'g@example.org', { emailVerified: false });
    expect(await come(who, { kind: 'anyone' })).toEqual({ kind: 'emailNotVerified' });
  });

  test('becomes one user, however many browsers sign in at once', async () => {
    const who = identity('many', 'many@example.org');
    const admissions = await Promise.all(Array.from({ length: 8 }, () => come(who, { kind: 'anyone' })));
    expect(new Set(admissions.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(admissions[0]).toMatchObject({ kind: 'admitted' });
  });
});

test('the settings make administrators, by verified address; nothing but another administrator unmakes them', async () => {
  const named = ['root@example.com', 'known@example.com'];
  const administrator = async (admission: Admission): Promise<boolean> => {
    if (admission.kind !== 'admitted') throw new Error(admission.kind);
    return (await userOf(admission.userId)).administrator;
  };
  const unverified = identity('not-root', 'root@example.com', { emailVerified: false });
  expect(await come(unverified, { kind: 'anyone' }, named)).toEqual({ kind: 'emailNotVerified' });
  const root = identity('root', 'root@example.com');
  expect(await administrator(await come(root, { kind: 'invited' }, named))).toBe(true);
  expect(await administrator(await come(root))).toBe(true);

  await invite('known@example.com');
  const known = identity('known', 'known@example.com');
  expect(await administrator(await come(known))).toBe(false);
  expect(await administrator(await come(known, { kind: 'invited' }, named))).toBe(true);
});

describe('claims', () => {
  const base = { iss: issuer, sub: '1' };

  test.each([
    [{ email: 'A@B.example', email_verified: true }, false, ['a@b.example', true]],
    [{ email: 'a@b.example', email_verified: 'true' }, false, ['a@b.example', true]],
    [{ email: 'a@b.example', email_verified: false }, true, ['a@b.example', false]],
    [{ email: 'a@b.example', email_verified: 'false' }, true, ['a@b.example', false]],
    [{ email: 'a@b.example' }, false, ['a@b.example', false]],
    [{ email: 'a@b.example' }, true, ['a@b.example', true]],
    [{ email: 'no address', email_verified: true }, true, [null, false]],
    [{ email: ['a@b.example'], email_verified: true }, true, [null, false]],
  ])('%j, addresses trusted: %s', (claims, trust, [email, emailVerified] = []) => {
    expect(identityOf({ ...base, ...claims }, trust)).toMatchObject({ email, emailVerified });
  });

  test.each([
    [{ name: ' Ada\n\u0007Lovelace ' }, 'Ada Lovelace'],
    [{ given_name: 'Ada', family_name: 'Lovelace' }, 'Ada Lovelace'],
    [{ name: 7, preferred_username: 'ada' }, 'ada'],
    [{ email: 'ada@example.com' }, 'ada@example.com'],
    [{}, 'somebody'],
    [{ name: 'x'.repeat(1000) }, 'x'.repeat(200)],
  ])('%j give a name', (claims, name) => {
    expect(identityOf({ ...base, ...claims }, false).name).toBe(name);
  });
});
