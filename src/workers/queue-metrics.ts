import { Counter, Gauge, type Registry } from 'prom-client';
import { JobLane } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import { readForScrapes } from './read-for-scrapes.js';
import type { WorkerReads } from './worker.reads.js';

interface QueuedJobs {
  readonly lane: JobLane;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'lost';
  readonly count: number;
  readonly oldestSeconds: number;
}

/**
 * The queue and its workers, read from the database when somebody scrapes. Every API process reports the same figures,
 * because all share one queue: take `max`, not `sum`, over them. What could not be read within a second is left out of
 * the scrape, which has all other metrics.
 * @param onUnread told what could not be read, and why
 */
export function queueMetrics(
  registry: Registry,
  query: Query,
  workers: Pick<WorkerReads, 'online'>,
  onUnread: (what: 'jobs' | 'workers', error: unknown) => void,
  now: () => number = () => performance.now(),
): void {
  const unread = new Counter({
    name: 'attune_queue_read_failures_total',
    help: 'Reads of the queue for scrapes that failed or took longer than a second; their metrics are left out.',
    labelNames: ['of'],
    registers: [registry],
  });
  const readOf = <Result>(of: 'jobs' | 'workers', read: () => Promise<Result>) => {
    unread.inc({ of }, 0);
    const onFailed = (error: unknown): void => {
      unread.inc({ of });
      onUnread(of, error);
    };
    return readForScrapes(read, onFailed, now);
  };
  const readJobs = readOf('jobs', () => readQueue(query));
  const readWorkers = readOf('workers', () => workers.online());
  new Gauge({
    name: 'attune_jobs',
    help: 'Jobs that have not ended, by their kind: queued, running, or lost with their worker.',
    labelNames: ['lane', 'kind', 'state'],
    registers: [registry],
    async collect() {
      const rows = await readJobs();
      this.reset();
      for (const { lane, kind, state, count } of rows ?? []) this.set({ lane, kind, state }, count);
    },
  });
  new Gauge({
    name: 'attune_job_oldest_queued_seconds',
    help: 'How long the oldest queued job of a lane has waited; 0 where none waits.',
    labelNames: ['lane'],
    registers: [registry],
    async collect() {
      const rows = await readJobs();
      this.reset();
      if (rows === null) return;
      for (const lane of JobLane.options) {
        const queued = rows.filter((each) => each.state === 'queued' && each.lane === lane);
        this.set({ lane }, Math.max(0, ...queued.map(({ oldestSeconds }) => oldestSeconds)));
      }
    },
  });
  new Gauge({
    name: 'attune_workers_online',
    help: 'Workers whose heartbeat is younger than a lease.',
    registers: [registry],
    async collect() {
      const online = await readWorkers();
      if (online === null) this.remove();
      else this.set(online.length);
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
