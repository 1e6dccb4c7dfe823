import pg from 'pg';
import pino from 'pino';
import { expect, test } from 'vitest';
import { toLoggedError } from '../../../src/protocol/logged-error.js';
import { createTestDatabase } from '../../support/database.js';

test('what a log has of a statement that failed says what and where, and no value', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const insert = 'INSERT INTO users (id, name, email) VALUES (gen_random_uuid(), $1, $1)';
  await client.query(insert, ['secret@example.org']);
  const error: unknown = await client.query(insert, ['secret@example.org']).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ detail: expect.stringContaining('secret@example.org') });
  const lines: string[] = [];
  const log = pino({ serializers: { err: toLoggedError } }, { write: (line: string) => lines.push(line) });
  log.error({ err: new Error('It did not start', { cause: error }) }, 'A worker');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    err: { message: 'It did not start', cause: { code: '23505', message: expect.stringContaining('unique') } },
  });
  expect(lines[0]).not.toContain('secret');
  await client.end();
  await database.drop();
});
