import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Query } from '../../../src/protocol/sql/query.js';
import { queueMetrics } from '../../../src/workers/queue-metrics.js';
import { createWorkerReads } from '../../../src/workers/worker.reads.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';
import { parseSamples, type Sample, sampleOf } from '../../support/scrape.js';

/** What a scrape tells of the queue where the database is slow, or refuses. */

let rows: RunRows;
let statements: string[];
let unread: string[];
let time: number;
let scrape: () => Promise<Sample[]>;
beforeAll(async () => {
  rows = await createRunRows();
  await rows.addRun();
  await rows.addWorker();
});
afterAll(() => rows?.close());
beforeEach(() => {
  [statements, unread, time] = [[], [], 0];
  const query: Query = (sql, parameters) => {
    statements.push(/FROM (jobs|workers)/.exec(sql)![1]!);
    return rows.query(sql, parameters);
  };
  const registry = new Registry();
  queueMetrics(
    registry,
    query,
    createWorkerReads(query, 30),
    (what) => unread.push(what),
    () => time,
  );
  scrape = async () => parseSamples(await registry.metrics());
});

const queued = (samples: readonly Sample[]) => sampleOf(samples, 'attune_jobs', { state: 'queued' });
const oldest = (samples: readonly Sample[]) =>
  sampleOf(samples, 'attune_job_oldest_queued_seconds', { lane: 'training' });
const online = (samples: readonly Sample[]) => sampleOf(samples, 'attune_workers_online');
const failures = (samples: readonly Sample[], of: string) =>
  sampleOf(samples, 'attune_queue_read_failures_total', { of });

test('jobs and workers are asked for once in two seconds, however many scrape', async () => {
  for (const samples of await Promise.all([scrape(), scrape(), scrape()])) {
    expect([queued(samples), online(samples)]).toEqual([1, 1]);
  }
  time += 1_999;
  await scrape();
  expect(statements.sort()).toEqual(['jobs', 'workers']);
  time += 1;
  await scrape();
  expect(statements.sort()).toEqual(['jobs', 'jobs', 'workers', 'workers']);
});

test('a read that waits for a lock leaves its metric out, is not sent twice, and leaves the others in', async () => {
  const holder = await rows.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE workers');
    const during = await scrape();
    expect([queued(during), online(during)]).toEqual([1, null]);
    time += 2_000;
    const still = await scrape();
    expect([online(still), failures(still, 'workers'), failures(still, 'jobs')]).toEqual([null, 1, 0]);
    expect(unread).toEqual(['workers', 'workers']);
    expect(statements.filter((table) => table === 'workers')).toHaveLength(1);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  await expect
    .poll(async () => {
      time += 2_000;
      return online(await scrape());
    })
    .toBe(1);
});

test('a read that fails leaves its metrics out, and the next that succeeds has them', async () => {
  expect(queued(await scrape())).toBe(1);
  await rows.query('ALTER TABLE jobs RENAME TO jobs_elsewhere');
  time += 2_000;
  try {
    const samples = await scrape();
    expect([queued(samples), oldest(samples), online(samples)]).toEqual([null, null, 1]);
    expect(unread).toEqual(['jobs']);
  } finally {
    await rows.query('ALTER TABLE jobs_elsewhere RENAME TO jobs');
  }
  time += 2_000;
  const samples = await scrape();
  expect([queued(samples), failures(samples, 'jobs')]).toEqual([1, 1]);
  expect(oldest(samples)).toBeGreaterThan(0);
});
