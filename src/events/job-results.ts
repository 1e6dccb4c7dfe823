import { Wake } from '../events/wake.js';
import { JobResult } from '../protocol/job.js';
import { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

/** How a job ended. */
type SettledJob =
  | { readonly state: 'succeeded'; readonly result: JobResult }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'canceled' };

export interface JobResults {
  /** The job's end, or null when it has not ended after `timeoutMs` or the signal was aborted. */
  wait(jobId: string, timeoutMs: number, signal?: AbortSignal): Promise<SettledJob | null>;
  /** Takes the id of a job that was settled; null when notifications may have been missed. */
  notified(jobId: string | null): void;
  close(): void;
}

export function createJobResults(options: { readonly query: Query; readonly pollIntervalMs: number }): JobResults {
  const { query } = options;
  const waits = new Map<string, { readonly settled: Wake; waiters: number }>();
  const closing = new AbortController();
  const wakeAll = (): void => {
    for (const { settled } of waits.values()) settled.all();
  };
  // Each waiter that is woken reads its job's row, which is cheap: few wait at a time, each for seconds.
  const timer = setInterval(wakeAll, options.pollIntervalMs);
  timer.unref();

  return {
    async wait(jobId, timeoutMs, signal) {
      const ended = AbortSignal.any([
        AbortSignal.timeout(timeoutMs),
        closing.signal,
        ...(signal === undefined ? [] : [signal]),
      ]);
      const entry = waits.get(jobId) ?? { settled: new Wake(), waiters: 0 };
      waits.set(jobId, entry);
      entry.waiters += 1;
      try {
        for (;;) {
          // The wake is asked for before the read, so that a job that settles during the read is not missed.
          const change = entry.settled.next(ended);
          const settled = await readSettledJob(query, jobId);
          if (settled !== null || ended.aborted) return settled;
          await change;
        }
      } finally {
        entry.waiters -= 1;
        if (entry.waiters === 0) waits.delete(jobId);
        entry.settled.all();
      }
    },
    notified(jobId) {
      if (jobId === null) wakeAll();
      else waits.get(jobId)?.settled.all();
    },
    close() {
      clearInterval(timer);
      closing.abort();
    },
  };
}

async function readSettledJob(query: Query, jobId: string): Promise<SettledJob | null> {
  const [row] = await query<{ state: string; result: unknown; problem: unknown }>(
    'SELECT state, result, problem FROM jobs WHERE id = $1',
    [jobId],
  );
  switch (row?.state) {
    case 'succeeded':
      return { state: 'succeeded', result: JobResult.parse(row.result) };
    case 'failed':
      return { state: 'failed', problem: Problem.parse(row.problem) };
    case 'canceled':
      return { state: 'canceled' };
    default:
      return null;
  }
}
