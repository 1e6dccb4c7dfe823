import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { channels } from '../../src/protocol/channels.js';
import { createTestDatabase } from '../support/database.js';
import { startTestPlatform } from '../support/platform.js';

test('how a worker ended that the server started is noted, for the jobs that it was lost with', async () => {
  const database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-worker-endings-'));
  const connection = new pg.Client({ connectionString: database.url });
  try {
    await connection.connect();
    await connection.query(`LISTEN ${channels.workers}`);
    const workers = async () =>
      (await connection.query('SELECT process_id AS "processId", ending FROM workers ORDER BY started_at')).rows;
    const registered = once(connection, 'notification');
    await using _platform = await startTestPlatform({
      home,
      databaseUrl: database.url,
      env: { ATTUNE_WORKERS: '1' },
    });
    await registered;
    const [first] = await workers();
    expect(first.ending).toBeNull();
    const next = once(connection, 'notification');
    process.kill(first.processId, 'SIGKILL');
    await next;
    expect(await workers()).toMatchObject([
      { processId: first.processId, ending: { kind: 'signal', signal: 'SIGKILL' } },
      { ending: null },
    ]);
  } finally {
    await connection.end();
    await database.drop();
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
