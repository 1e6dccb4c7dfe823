import type pg from 'pg';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { followedClient } from '../../src/observability/followed-client.js';
import { sqlMetrics } from '../../src/observability/sql-metrics.js';
import type { JobKind, JobLane } from '../../src/protocol/job.js';
import type { ReportedEvent } from '../thread-protocol.js';

/** Jobs last from a prediction to a training of days. */
const jobBuckets = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];
const lagBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How a job ended for the worker; `returned`: another attempt goes on with it. */
export type JobEnd = 'finished' | 'failed' | 'stopped' | 'returned';

/** Follows one job of the worker. */
interface FollowedJob {
  /** A message of the run's thread arrived. */
  reported(events: readonly ReportedEvent[]): void;
  /** So many of the run's messages are in the database. */
  committed(messages: number): void;
  ended(how: JobEnd): void;
}

export interface WorkerMetrics {
  /** The class of database connections. */
  readonly Client: typeof pg.Client;
  readonly watchPool: (pool: pg.Pool) => void;
  started(lane: JobLane, kind: JobKind): FollowedJob;
  /** A heartbeat failed, which the lease bears some times. */
  heartbeatFailed(): void;
}

export function workerMetrics(registry: Registry): WorkerMetrics {
  const sql = sqlMetrics(registry);
  const running = new Gauge({
    name: 'attune_worker_jobs_running',
    help: 'Jobs that this worker has now.',
    labelNames: ['lane'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'attune_worker_job_duration_seconds',
    help: 'Time from the claim of a job to its end in this worker.',
    labelNames: ['kind', 'outcome'],
    buckets: jobBuckets,
    registers: [registry],
  });
  const steps = new Counter({
    name: 'attune_worker_training_steps_total',
    help: 'Optimizer steps that trainings reported.',
    registers: [registry],
  });
  const examplesPerSecond = new Gauge({
    name: 'attune_worker_training_examples_per_second',
    help: 'Examples a second of the training that runs now, by its last report; 0 while none runs.',
    registers: [registry],
  });
  const events = new Counter({
    name: 'attune_worker_run_events_total',
    help: 'Events of runs that reached this worker’s writer, by their kind.',
    labelNames: ['kind'],
    registers: [registry],
  });
  const points = new Counter({
    name: 'attune_worker_metric_points_total',
    help: 'Metric points of runs that reached this worker’s writer.',
    registers: [registry],
  });
  const lag = new Histogram({
    name: 'attune_worker_report_lag_seconds',
    help: 'Time from a report of the run’s thread to its COMMIT in the database.',
    buckets: lagBuckets,
    registers: [registry],
  });
  const heartbeats = new Counter({
    name: 'attune_worker_heartbeat_failures_total',
    help: 'Heartbeats that could not be written.',
    registers: [registry],
  });

  return {
    Client: followedClient(sql.onStatement),
    watchPool: sql.watch,
    heartbeatFailed: () => heartbeats.inc(),
    started(lane, kind) {
      const startedAt = performance.now();
      /** When the reports came that are not committed yet, oldest first. */
      const waiting: number[] = [];
      let committed = 0;
      let lastStep: number | null = null;
      running.inc({ lane });
      return {
        reported(reports) {
          waiting.push(performance.now());
          for (const event of reports) {
            events.inc({ kind: event.kind });
            if (event.kind === 'metricsRecorded') {
              points.inc(event.samples.length);
              // A resumed run begins at the step of its checkpoint.
              if (lastStep !== null && event.step > lastStep) steps.inc(event.step - lastStep);
              else if (lastStep === null && event.step > 0) steps.inc();
              lastStep = Math.max(lastStep ?? 0, event.step);
            }
            if (event.kind === 'progressMade') examplesPerSecond.set(event.examplesPerSecond ?? 0);
          }
        },
        committed(messages) {
          const now = performance.now();
          for (const at of waiting.splice(0, messages - committed)) lag.observe((now - at) / 1000);
          committed = messages;
        },
        ended(outcome) {
          running.dec({ lane });
          duration.observe({ kind, outcome }, (performance.now() - startedAt) / 1000);
          if (kind === 'train') examplesPerSecond.set(0);
        },
      };
    },
  };
}
