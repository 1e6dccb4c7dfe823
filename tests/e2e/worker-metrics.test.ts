import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { startTestPlatform, startTestWorker } from '../support/platform.js';
import { sampleOf, scrape } from '../support/scrape.js';
import { allEvents, createTopics, startTopicRun } from '../support/training.js';

test('a worker shows the steps, points and lag of a run that it trained, and the API that nothing waits', async () => {
  await using database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-metrics-'));
  try {
    const env = { ATTUNE_METRICS_PORT: '0' };
    await using platform = await startTestPlatform({ home, databaseUrl: database.url, env });
    await using worker = startTestWorker({ databaseUrl: database.url, home, env });
    const said = /Metrics are at (127\.0\.0\.1:\d+\/metrics)/;
    const ofWorker = `http://${(await worker.printed(said))[1]}`;
    const ofApi = `http://${(await platform.process.printed(said))[1]}`;
    const topics = await createTopics(platform.client, 200);
    // 160 rows of training in batches of 8, twice: 40 steps.
    const run = await startTopicRun(platform.client, topics);
    const events = await allEvents(platform.client, run);
    expect(events.at(-1)).toMatchObject({ to: 'SUCCEEDED' });

    const ended = { kind: 'train', outcome: 'finished' };
    await expect
      .poll(async () => sampleOf(await scrape(ofWorker), 'attune_worker_job_duration_seconds_count', ended))
      .toBe(1);
    const samples = await scrape(ofWorker);
    expect(sampleOf(samples, 'attune_worker_training_steps_total')).toBe(40);
    const recorded = events.filter(({ __typename }) => __typename === 'MetricsRecorded').length;
    expect(sampleOf(samples, 'attune_worker_run_events_total', { kind: 'metricsRecorded' })).toBe(recorded);
    expect(sampleOf(samples, 'attune_worker_metric_points_total')).toBeGreaterThan(recorded);
    expect(sampleOf(samples, 'attune_worker_report_lag_seconds_count')).toBeGreaterThan(40);
    expect(sampleOf(samples, 'attune_worker_jobs_running', { lane: 'training' })).toBe(0);
    expect(sampleOf(samples, 'attune_worker_training_examples_per_second')).toBe(0);
    expect(sampleOf(samples, 'attune_sql_duration_seconds_count', { verb: 'commit' })).toBeGreaterThan(3);

    const waiting = await scrape(ofApi);
    expect(sampleOf(waiting, 'attune_workers_online')).toBe(1);
    expect(sampleOf(waiting, 'attune_job_oldest_queued_seconds', { lane: 'training' })).toBe(0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 300_000);
