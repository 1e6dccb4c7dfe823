import { Gauge, type Registry } from 'prom-client';
import { JobLane } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import type { WorkerReads } from './worker.reads.js';

/** Several scrapers, or a hasty one, ask the database once in this time. */
const freshForMs = 2_000;

interface QueuedJobs {
  readonly lane: JobLane;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'lost';
  readonly count: number;
  readonly oldestSeconds: number;
}

/**
 * The queue and its workers, read from the database when somebody scrapes. Every API process reports the same figures,
 * because all share one queue: take `max`, not `sum`, over them.
 */
export function queueMetrics(
  registry: Registry,
  query: Query,
  workers: Pick<WorkerReads, 'online'>,
  now: () => number = () => performance.now(),
): void {
  const read = once(() => readQueue(query), now);
  new Gauge({
    name: 'attune_jobs',
    help: 'Jobs that have not ended, by their kind: queued, running, or lost with their worker.',
    labelNames: ['lane', 'kind', 'state'],
    registers: [registry],
    async collect() {
      const rows = await read();
      this.reset();
      for (const { lane, kind, state, count } of rows) this.set({ lane, kind, state }, count);
    },
  });
  new Gauge({
    name: 'attune_job_oldest_queued_seconds',
    help: 'How long the oldest queued job of a lane has waited; 0 where none waits.',
    labelNames: ['lane'],
    registers: [registry],
    async collect() {
      const queued = (await read()).filter(({ state }) => state === 'queued');
      for (const lane of JobLane.options) {
        const ages = queued.filter((each) => each.lane === lane).map(({ oldestSeconds }) => oldestSeconds);
        this.set({ lane }, Math.max(0, ...ages));
      }
    },
  });
  new Gauge({
    name: 'attune_workers_online',
    help: 'Workers whose heartbeat is younger than a lease.',
    registers: [registry],
    async collect() {
      this.set((await workers.online()).length);
    },
  });
}

/** Reads the partial index of jobs that have not ended: as many entries as there are such jobs. */
function readQueue(query: Query): Promise<readonly QueuedJobs[]> {
  return query<QueuedJobs>(
    `SELECT lane, kind,
            CASE WHEN state = 'queued' THEN 'queued' WHEN lease_until < now() THEN 'lost' ELSE 'running' END AS state,
            count(*)::int AS count,
            extract(epoch FROM now() - min(created_at))::float8 AS "oldestSeconds"
       FROM jobs
      WHERE state IN ('queued', 'claimed')
      GROUP BY 1, 2, 3`,
  );
}

function once<Result>(read: () => Promise<Result>, now: () => number): () => Promise<Result> {
  let last: { readonly at: number; readonly result: Promise<Result> } | null = null;
  return () => {
    if (last !== null && now() - last.at < freshForMs) return last.result;
    const result = read();
    last = { at: now(), result };
    result.catch(() => {
      if (last?.result === result) last = null;
    });
    return result;
  };
}
