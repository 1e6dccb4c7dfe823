import { setTimeout as wait } from 'node:timers/promises';
import { endable } from '../events/endable.js';
import { retryRead } from '../events/retry-read.js';
import type { Query } from '../protocol/sql/query.js';

/** A running experiment that has got further since it was last looked at. */
export interface ExperimentProgress {
  readonly projectId: string;
  readonly experimentId: string;
  readonly runId: string;
  /** The seq of the run's newest event. */
  readonly lastSeq: number;
  readonly isRunning: boolean;
  readonly at: Date;
}

declare module '../access/context.js' {
  interface LiveFeeds {
    /** What has become of a project's running experiments, looked up every so often; ends with its consumer. */
    experimentProgress(projectId: string, everyMs: number): AsyncIterable<ExperimentProgress>;
  }
}

/**
 * The experiments that a worker has, and those of `runIds`, which it had. A partial index of `jobs` has the claimed
 * jobs alone, so the statement costs the same whatever number of experiments a project has.
 */
function readProgress(
  query: Query,
  projectId: string,
  runIds: readonly string[],
): Promise<readonly ExperimentProgress[]> {
  return query(
    `SELECT j.project_id AS "projectId", r.experiment_id AS "experimentId", r.id AS "runId", r.last_seq::float8 AS "lastSeq",
            j.state = 'claimed' AS "isRunning", now() AS at
       FROM jobs j JOIN runs r ON r.id = j.run_id
      WHERE j.project_id = $1
        AND ((j.lane = 'training' AND j.state = 'claimed') OR j.run_id = ANY($2::uuid[]))
      ORDER BY r.id`,
    [projectId, runIds],
  );
}

/**
 * Looks at a project's running experiments every `everyMs`, and gives those whose log has grown: however fast they
 * train, a consumer gets each at most once in that time. An experiment that a worker no longer has is given once more.
 */
export function followProgress(
  query: Query,
  projectId: string,
  everyMs: number,
  log: (message: string) => void,
): AsyncGenerator<ExperimentProgress, void, undefined> {
  return endable(async function* (signal) {
    const seen = new Map<string, number>();
    while (!signal.aborted) {
      const read = () => readProgress(query, projectId, [...seen.keys()]);
      for (const row of (await retryRead(read, { signal, what: 'progress', log })) ?? []) {
        if (signal.aborted) return;
        if (seen.get(row.runId) !== row.lastSeq) yield row;
        if (row.isRunning) seen.set(row.runId, row.lastSeq);
        else seen.delete(row.runId);
      }
      await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }, []);
}
