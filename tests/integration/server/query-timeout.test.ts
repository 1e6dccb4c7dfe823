import { request as httpRequest } from 'node:http';
import request from 'supertest';
import type { DataSource, QueryRunner } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let api: TestApi;
let observer: DataSource;
let locking: QueryRunner;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi({ database, network: { queryTimeoutMs: 500 } });
  observer = await createDataSource({ url: database.url, entities }).initialize();
});
afterAll(async () => {
  await api.close();
  await observer.destroy();
  await database.drop();
});

/** Nobody else can read datasets meanwhile. */
beforeEach(async () => {
  locking = observer.createQueryRunner();
  await locking.startTransaction();
  await locking.query('LOCK TABLE datasets IN ACCESS EXCLUSIVE MODE');
});
afterEach(async () => {
  await locking.rollbackTransaction();
  await locking.release();
});

/** The database can only be asked how it stands; a statement that waits does so for 500 ms. */
const patience = { interval: 20, timeout: 10_000 };

const slow = '{ project { datasets(first: 5) { nodes { name } } } }';
const waiting = async (): Promise<number> => {
  const [row] = await observer.query<{ count: string }[]>(
    `SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%datasets%'`,
  );
  return Number(row!.count);
};
/** So many statements wait for the lock; asks until that is so, or fails. */
const until = (count: number) => expect.poll(waiting, patience).toBe(count);

describe('over HTTP, a query whose statement waits', () => {
  test('ends with its time: one error, status 503, and nothing runs in the database', async () => {
    const { status, body } = await api.send(slow);
    expect([status, body]).toEqual([
      503,
      {
        errors: [
          {
            message: 'The operation took longer than 500 ms, and was ended. Ask for less, in several operations.',
            extensions: { code: 'OPERATION_TIMED_OUT' },
          },
        ],
      },
    ]);
    expect(await waiting()).toBe(0);
    expect(api.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  test('ends when its client goes', async () => {
    const client = httpRequest(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ query: slow }));
    await until(1);
    client.destroy();
    await until(0);
  });

  test('leaves the connections of the pool as good as before', async () => {
    await Promise.all(Array.from({ length: 15 }, () => api.send(slow)));
    expect(await waiting()).toBe(0);
    const answers = await Promise.all(Array.from({ length: 15 }, () => api.send('{ project { name } }')));
    expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(200));
  });
});

describe('over WebSocket, a query whose statement waits', () => {
  test('ends with its time', async () => {
    const { value } = await api.connect().iterate({ query: slow }).next();
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'OPERATION_TIMED_OUT' } }] });
    expect(await waiting()).toBe(0);
  });

  test('ends when its client says so, and when it goes', async () => {
    const client = api.connect();
    const asked = client.iterate({ query: slow });
    const answer = asked.next();
    await until(1);
    await asked.return?.();
    await answer;
    await until(0);

    const again = client
      .iterate({ query: slow })
      .next()
      .catch(() => null);
    await until(1);
    client.terminate();
    await again;
    await until(0);
  });
});

test('a change is done whole, whoever waits for it', async () => {
  const create = JSON.stringify({
    query: `mutation { createProject(input: { slug: "kept", name: "Kept" }) { ... on Project { slug } } }`,
  });
  await locking.query('LOCK TABLE projects IN ACCESS EXCLUSIVE MODE');
  const client = httpRequest(`${api.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  client.on('error', () => undefined);
  client.end(create);
  const blocked = () =>
    observer.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`);
  await expect.poll(blocked, patience).not.toEqual([]);
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.destroy();
  await closed;
  await locking.rollbackTransaction();
  await locking.startTransaction();
  const kept = () => observer.query(`SELECT slug FROM projects WHERE slug = 'kept'`);
  await expect.poll(kept, patience).toEqual([{ slug: 'kept' }]);
});

test('the limit is told', async () => {
  const { body } = await request(api.url)
    .post('/graphql')
    .send({ query: '{ serverInfo { limits { queryTimeoutMs } } }' });
  expect(body.data.serverInfo.limits).toEqual({ queryTimeoutMs: 500 });
});
