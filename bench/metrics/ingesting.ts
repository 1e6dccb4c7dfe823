import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import pino from 'pino';
import { createPool, queryOf } from '../../gpu-worker/queue/connection.js';
import { createRunWriter } from '../../gpu-worker/telemetry/run-writer.js';
import { createDigestStore } from '../../tests/support/memory-store.js';
import { addExperiments, metricsOfStep, recordedAt } from './rows.js';
import type { Scale } from './scale.js';

/** What workers wrote by their own path, at the same time and as fast as it went. */
export interface Ingested {
  readonly writers: number;
  readonly points: number;
  readonly seconds: number;
  /** Seconds of a processor: of this process, and of the server's processes that served the writers. */
  readonly workerSeconds: number;
  readonly serverSeconds: number;
}

/** As a training thread has them at most on the way to the database. */
const mostAhead = 2_000;
/** Linux counts processor time of processes in these. */
const ticksPerSecond = 100;

export async function measureIngesting(
  client: pg.Client,
  databaseUrl: string,
  { ingestings }: Scale,
): Promise<readonly Ingested[]> {
  const measured: Ingested[] = [];
  for (const { writers, steps } of ingestings) measured.push(await ingest(client, databaseUrl, writers, steps));
  return measured;
}

async function ingest(client: pg.Client, databaseUrl: string, writers: number, steps: number): Promise<Ingested> {
  const runs = await addExperiments(queryOf(client), writers);
  const fail = (error: Error): never => {
    throw error;
  };
  const pools = runs.map(() => createPool(databaseUrl, fail));
  try {
    const started = performance.now();
    const own = process.cpuUsage();
    await Promise.all(runs.map(({ runId }, i) => report(pools[i]!, runId, steps)));
    const { user, system } = process.cpuUsage(own);
    const seconds = (performance.now() - started) / 1000;
    const points = writers * steps * metricsOfStep;
    const serverSeconds = await secondsOfServer(client);
    return { writers, points, seconds, workerSeconds: (user + system) / 1e6, serverSeconds };
  } finally {
    for (const pool of pools) await pool.end();
  }
}

/** Reports steps as a thread does, each by itself, and resolves when they are committed. */
async function report(pool: pg.Pool, runId: string, steps: number): Promise<void> {
  const jobId = randomUUID();
  let committed = 0;
  let wake: () => void = () => undefined;
  const writer = createRunWriter({
    pool,
    store: createDigestStore([]).store,
    job: { id: jobId, attempt: 1 },
    runId,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    onCommitted: (messages) => {
      committed = messages;
      wake();
    },
    // drain() rejects with it.
    onFailed: () => {
      committed = Number.POSITIVE_INFINITY;
      wake();
    },
  });
  for (let step = 1; step <= steps; step += 1) {
    while (step - committed > mostAhead) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    writer.push({ kind: 'events', jobId, events: [recordedAt(step)] });
  }
  await writer.drain();
}

/** Processor time of the server's processes that serve workers now. */
async function secondsOfServer(client: pg.Client): Promise<number> {
  const rows = await queryOf(client)<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'attune worker'`,
  );
  return rows.reduce((sum, { pid }) => sum + secondsOf(pid), 0);
}

function secondsOf(pid: number): number {
  // Fields 14 and 15 of proc(5): the third one follows the name, which is in parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
