import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import type { Claim } from '../../../gpu-worker/queue/claim.js';
import { queryOf } from '../../../gpu-worker/queue/connection.js';
import { writeGenerated } from '../../../gpu-worker/queue/generation-row.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { fail, stop, succeed } from '../../../gpu-worker/queue/settle.js';
import { createGenerationWriter } from '../../../gpu-worker/telemetry/generation-writer.js';
import { addGeneration, claimShort, logOf, said, started } from '../../support/generations.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, expireLease, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

async function claimNext(): Promise<Claim> {
  const claimed = await claimShort(rows);
  if (claimed === null) throw new Error('There is nothing to claim.');
  return claimed;
}

async function stateOf(id: string) {
  const [row] = await rows.query(
    `SELECT g.status, g.times, g.problem ->> 'code' AS problem, j.state AS job, g.finished_at IS NOT NULL AS finished
       FROM generations g JOIN jobs j ON j.generation_id = g.id WHERE g.id = $1`,
    [id],
  );
  return row;
}

const write = (id: string, { job }: Claim, batch: number, events: Parameters<typeof writeGenerated>[3]) =>
  writeGenerated(rows.query, job.id, id, events, { attempt: job.attempt, batch });

const times = { firstTokenMs: 12.5, loadMs: 3, tokenCount: 2, generatingMs: 20 };
const done = { kind: 'finished', result: { kind: 'generate', times }, model: null } as const;
const { store } = createDigestStore([]);

test('its log holds every event once, in order, and ends with how it ended', async () => {
  const id = await addGeneration(rows);
  const claim = await claimNext();
  expect(await stateOf(id)).toMatchObject({ status: 'RUNNING', job: 'claimed' });
  await write(id, claim, 1, [started]);
  for (let call = 1; call <= 2; call += 1) await write(id, claim, 2, [said(0, 'a\0'), said(1, '\ud800b')]);
  for (let call = 1; call <= 2; call += 1) {
    await rows.transaction((query) => succeed(query, store, claim.job, done));
  }
  expect(await stateOf(id)).toMatchObject({ status: 'SUCCEEDED', job: 'succeeded', times, finished: true });
  // What PostgreSQL can not store is replaced.
  expect(await logOf(rows.query, id)).toMatchObject([
    started,
    { kind: 'tokens', text: 'a␀', tokens: [{ text: 'a␀' }] },
    { kind: 'tokens', text: '\ufffdb' },
    { kind: 'ended', status: 'SUCCEEDED', problem: null },
  ]);
  await expect(write(id, claim, 3, [said(2, 'late')])).rejects.toThrow(AttemptOver);
});

test('a lost worker’s successor begins anew, and the lost one writes nothing more', async () => {
  const id = await addGeneration(rows);
  const lost = await claimNext();
  await write(id, lost, 1, [started, said(0, 'a')]);
  await expireLease(rows.query, lost.job.id);
  const next = await claimNext();
  expect(next.job).toMatchObject({ id: lost.job.id, attempt: 2 });
  await expect(write(id, lost, 2, [said(1, 'b')])).rejects.toThrow(AttemptOver);
  await write(id, next, 1, [started, said(0, 'a', 'b')]);
  const problem = { path: [], code: 'OUT_OF_MEMORY', message: 'too large', hint: null };
  await rows.transaction((query) => fail(query, next.job, problem));
  expect(await stateOf(id)).toMatchObject({ status: 'FAILED', job: 'failed', problem: 'OUT_OF_MEMORY' });
  expect((await logOf(rows.query, id)).map(({ kind }) => kind)).toEqual([
    'started',
    'tokens',
    'started',
    'tokens',
    'ended',
  ]);
});

test('one that kills its workers fails after three of them', async () => {
  const id = await addGeneration(rows);
  for (let attempt = 1; attempt <= 3; attempt += 1) await expireLease(rows.query, (await claimNext()).job.id);
  expect(await claimShort(rows)).toBeNull();
  expect(await stateOf(id)).toMatchObject({ status: 'FAILED', problem: 'WORKER_LOST' });
  expect(await logOf(rows.query, id)).toMatchObject([{ kind: 'ended', problem: { code: 'WORKER_LOST' } }]);
});

test('the worker learns that nobody listens any more, and the generation is canceled', async () => {
  const id = await addGeneration(rows, 1000);
  const { job } = await claimNext();
  expect(await heartbeat(rows.query, job, 30)).toBe('RUN');
  await rows.query(`UPDATE generations SET listened_until = now() - interval '1 second' WHERE id = $1`, [id]);
  expect(await heartbeat(rows.query, job, 30)).toBe('CANCEL');
  await rows.transaction((query) => stop(query, job));
  expect(await stateOf(id)).toMatchObject({ status: 'CANCELED', job: 'canceled', finished: true });
  expect(await logOf(rows.query, id)).toMatchObject([{ kind: 'ended', status: 'CANCELED' }]);
});

test('one that nobody listens to is not begun', async () => {
  const id = await addGeneration(rows, -1);
  expect(await claimShort(rows)).toBeNull();
  expect(await stateOf(id)).toMatchObject({ status: 'CANCELED', job: 'canceled' });
  expect(await logOf(rows.query, id)).toMatchObject([{ kind: 'ended', status: 'CANCELED' }]);
});

test('a worker that shuts down gives it back', async () => {
  const id = await addGeneration(rows);
  const first = await claimNext();
  await rows.transaction((query) => stop(query, first.job));
  expect(await stateOf(id)).toMatchObject({ status: 'QUEUED', job: 'queued', finished: false });
  const { job } = await claimNext();
  await rows.query(`UPDATE generations SET desired = 'CANCEL' WHERE id = $1`, [id]);
  expect(await heartbeat(rows.query, job, 30)).toBe('CANCEL');
  await rows.transaction((query) => stop(query, job));
  expect(await stateOf(id)).toMatchObject({ status: 'CANCELED' });
});

test('the writer joins what is said during a write, and writes it once though the connection is lost', async () => {
  const id = await addGeneration(rows);
  const { job } = await claimNext();
  const failures: Error[] = [];
  const writer = createGenerationWriter({
    pool: rows.pool,
    job,
    generationId: id,
    signal: new AbortController().signal,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    onFailed: (error) => failures.push(error),
  });
  // Nothing can be written until this transaction ends.
  const client = await rows.pool.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM generations WHERE id = $1 FOR UPDATE', [id]);
  writer.push([started]);
  writer.push([said(0, 'a')]);
  writer.push([said(1, 'b', 'c')]);
  await expect
    .poll(() =>
      queryOf(rows.pool)(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE generations%' AND datname = current_database()`,
      ),
    )
    .toHaveLength(1);
  await client.query('COMMIT');
  client.release();
  await writer.drain();
  expect(failures).toEqual([]);
  expect(await logOf(rows.query, id)).toEqual([started, said(0, 'a', 'b', 'c')]);
  await rows.transaction((query) => stop(query, job));
  writer.push([said(3, 'd')]);
  await expect(writer.drain()).rejects.toThrow(AttemptOver);
  expect(failures).toHaveLength(1);
});
