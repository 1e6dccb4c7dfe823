import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { cookie } from '../../../src/people/sign-in/cookies.js';
import { createSessions, type Sessions } from '../../../src/people/sign-in/sessions.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const start = new Date('2026-03-01T08:00:00Z');
const hours = (n: number): Date => new Date(start.getTime() + n * 3_600_000);

let database: TestDatabase;
let dataSource: DataSource;
let sessions: Sessions;
let now: Date;
let userId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  sessions = createSessions({ query: poolQuery(dataSource), cookie: cookie('attune', true), now: () => now });
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});
beforeEach(async () => {
  now = start;
  userId = randomUUID();
  await dataSource.query('INSERT INTO users (id, name) VALUES ($1, $2)', [userId, 'ada']);
});

const rows = (): Promise<{ id: string; lastUsedAt: Date }[]> =>
  dataSource.query('SELECT id, last_used_at AS "lastUsedAt" FROM sign_in_sessions WHERE user_id = $1', [userId]);

/** Begins a session; the Cookie header that its browser sends from then on. */
async function begin(cookieHeader?: string): Promise<string> {
  const setCookie = await sessions.begin(userId, { cookieHeader, userAgent: 'Browser/1.0', idToken: 'id.token' });
  return setCookie.split(';')[0]!;
}

test('over TLS, the cookie is of this very host', async () => {
  const setCookie = await sessions.begin(userId, { cookieHeader: undefined, userAgent: '', idToken: '' });
  expect(setCookie).toMatch(/^__Host-attune=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test('a session that is used lives on for eight hours each time, for a week in all', async () => {
  const header = await begin();
  expect(await sessions.find(header)).toMatchObject({ userId, expiresAt: hours(8) });
  for (let n = 7; n <= 7 * 24 - 7; n += 7) {
    now = hours(n);
    expect(await sessions.find(header)).toMatchObject({ userId, expiresAt: hours(Math.min(n + 8, 7 * 24)) });
  }
  now = new Date(hours(7 * 24).getTime() - 1);
  expect(await sessions.find(header)).toMatchObject({ expiresAt: hours(7 * 24) });
  now = hours(7 * 24);
  expect(await sessions.find(header)).toBeNull();
});

test('one that is not used for eight hours is over', async () => {
  const header = await begin();
  now = new Date(hours(8).getTime() - 1);
  const other = await begin();
  const found = await sessions.find(other);
  expect(found).toMatchObject({ userId, expiresAt: new Date(hours(16).getTime() - 1) });
  now = hours(8);
  expect(await sessions.find(header)).toBeNull();
  expect(await sessions.find(other)).toMatchObject({ sessionId: found!.sessionId });
});

test('its use is written down once a minute at most', async () => {
  const header = await begin();
  const lastUse = async (): Promise<Date> => (await rows())[0]!.lastUsedAt;
  now = new Date(start.getTime() + 59_999);
  // Eight hours from the last use that is known.
  expect(await sessions.find(header)).toMatchObject({ expiresAt: hours(8) });
  expect(await lastUse()).toEqual(start);
  now = new Date(start.getTime() + 60_000);
  await sessions.find(header);
  expect(await lastUse()).toEqual(now);
});

test.each([
  undefined,
  '',
  'attune=x',
  '__Host-attune=',
  '__Host-attune=short',
  `__Host-attune=${'a'.repeat(43)}`,
  '=;=;;',
])('the cookies %j are nobody', async (header) => {
  expect(await sessions.find(header)).toBeNull();
  expect((await sessions.end(header)).idToken).toBeNull();
});

test('it is found among other cookies', async () => {
  const header = await begin();
  expect(await sessions.find(`a=b; ${header}; c="d"`)).toMatchObject({ userId });
});

test('what ends is announced with its user, a use is not', async () => {
  const listener = new pg.Client({ connectionString: database.url });
  await listener.connect();
  try {
    const announced: string[] = [];
    listener.on('notification', ({ payload }) => announced.push(payload ?? ''));
    await listener.query('LISTEN attune_access');
    const header = await begin();
    now = hours(1);
    await sessions.find(header);
    // A notification arrives with the answer to a later query.
    await listener.query('SELECT 1');
    expect(announced).toEqual([]);
    expect(await sessions.end(header)).toEqual({
      setCookie: '__Host-attune=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
      idToken: 'id.token',
    });
    await listener.query('SELECT 1');
    expect(announced).toEqual([userId]);
  } finally {
    await listener.end();
  }
});

test('a sign-in ends the session that the browser had, and rows that are over go', async () => {
  const first = await begin();
  const found = await sessions.find(first);
  const second = await begin(first);
  expect(await sessions.find(first)).toBeNull();
  expect(await sessions.find(second)).not.toBeNull();
  expect(await sessions.stillOpen([found!.sessionId])).toEqual(new Set());
  now = hours(9);
  const third = await begin();
  const { sessionId } = (await sessions.find(third))!;
  expect((await rows()).map(({ id }) => id)).toEqual([sessionId]);
  expect(await sessions.stillOpen([sessionId, found!.sessionId])).toEqual(new Set([sessionId]));
});

test('sign-ins and sign-outs are in the audit log', async () => {
  const header = await begin();
  const { sessionId } = (await sessions.find(header))!;
  await sessions.end(header);
  await sessions.end(header);
  expect(
    await dataSource.query(
      `SELECT credential, action, outcome, target_type AS type, target_id AS target FROM audit_log WHERE user_id = $1 ORDER BY id`,
      [userId],
    ),
  ).toEqual(
    ['signIn', 'signOut'].map((action) => ({
      credential: 'SESSION',
      action,
      outcome: 'DONE',
      type: 'Session',
      target: sessionId,
    })),
  );
});
