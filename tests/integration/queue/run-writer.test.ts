import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../../gpu-worker/queue/connection.js';
import { createRunWriter, type RunWriter } from '../../../gpu-worker/telemetry/run-writer.js';
import { channels } from '../../../src/protocol/channels.js';
import { claimTraining, lossAt } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';
import { eventsOf, lossPoints } from '../../support/run-state.js';

let rows: RunRows;
let pool: pg.Pool;
beforeAll(async () => {
  rows = await createRunRows();
  pool = createPool(rows.database.url, () => undefined);
});
afterAll(async () => {
  await pool?.end();
  await rows?.close();
});

/** A run that a worker has, and the worker's writer. `committed` resolves when so many reports are committed. */
async function writing(): Promise<{
  readonly runId: string;
  readonly writer: RunWriter;
  report(step: number): void;
  committed(reports: number): Promise<void>;
}> {
  await rows.addRun();
  const { job, runId } = await claimTraining(rows);
  const waiting: { readonly reports: number; readonly resolve: () => void }[] = [];
  let done = 0;
  const writer = createRunWriter({
    pool,
    store: createDigestStore().store,
    job: { id: job.id, attempt: job.attempt },
    runId,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    onCommitted: (reports) => {
      done = reports;
      for (const each of waiting) if (each.reports <= done) each.resolve();
    },
    onFailed: () => undefined,
  });
  return {
    runId,
    writer,
    report: (step) => writer.push({ kind: 'events', jobId: job.id, events: [lossAt(step)] }),
    committed: (reports) =>
      new Promise((resolve) => {
        if (reports <= done) resolve();
        else waiting.push({ reports, resolve });
      }),
  };
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

test('each report is written once, in order, however often the server ends the connections', async () => {
  const { runId, writer, report, committed } = await writing();
  for (let round = 0; round < 6; round += 1) {
    for (const step of upTo(400)) report(400 * round + step);
    // While the writes of this round are under way.
    await rows.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'attune worker'`,
    );
    await committed(400 * round + 1);
  }
  await writer.drain();

  const events = await eventsOf(rows.query, runId);
  expect(events.map(({ seq }) => seq)).toEqual(upTo(2402));
  const recorded = events.flatMap(({ event }) => (event.kind === 'metricsRecorded' ? [event.step] : []));
  expect(recorded).toEqual(upTo(2400));
  expect((await lossPoints(rows.query, runId)).map(({ step }) => step)).toEqual(upTo(2400));
});

test('listeners are told of events when they are committed', async () => {
  const { runId, writer, report } = await writing();
  const listener = new pg.Client({ connectionString: rows.database.url });
  await listener.connect();
  try {
    const found = new Promise<{ told: string | undefined; there: number }>((resolve, reject) => {
      listener.on('notification', ({ payload }) => {
        eventsOf(rows.query, runId).then((events) => resolve({ told: payload, there: events.length }), reject);
      });
    });
    await listener.query(`LISTEN ${channels.runEvents}`);
    report(1);
    await writer.drain();
    // Two events came before: the run was queued, then claimed.
    expect(await found).toEqual({ told: `${runId}:3`, there: 3 });
  } finally {
    await listener.end();
  }
});

test('runs are written at the same time: a writer does not wait for the transaction of another run', async () => {
  const [held, free] = [await writing(), await writing()];
  const client = await rows.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT FROM runs WHERE id = $1 FOR UPDATE', [held.runId]);
    held.report(1);
    free.report(1);
    await free.committed(1);
    await free.writer.drain();
    expect(await lossPoints(rows.query, free.runId)).toEqual([{ attempt: 1, step: 1 }]);
    expect(await lossPoints(rows.query, held.runId)).toEqual([]);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
  await held.writer.drain();
  expect(await lossPoints(rows.query, held.runId)).toHaveLength(1);
});
