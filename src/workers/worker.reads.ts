import type { Query } from '../protocol/sql/query.js';
import type { MachineSpeed } from '../protocol/training-time/machine-speed.js';
import type { StoredEngineChoice } from './engine-choice.js';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  readonly engine: StoredEngineChoice;
  /** Null: a worker of an older release. */
  readonly memoryBytes: number | null;
  /** Null until it is measured. */
  readonly trainingSpeed: (MachineSpeed & { readonly measuredAt: string }) | null;
  readonly status: 'ONLINE' | 'LOST' | 'STOPPED';
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly stoppedAt: Date | null;
}

export interface WorkerReads {
  byIds(ids: readonly string[]): Promise<WorkerRow[]>;
  online(): Promise<WorkerRow[]>;
  /** The workers that started last, in any status. */
  recent(limit: number): Promise<WorkerRow[]>;
  anyOnline(): Promise<boolean>;
}

/** Reads of workers. A worker whose heartbeat is older than `leaseSeconds` has lost its jobs, and counts as lost. */
export function createWorkerReads(query: Query, leaseSeconds: number): WorkerReads {
  // The database's clock decides, as it does for leases: hosts need not agree on the time.
  const isOnline = 'w.stopped_at IS NULL AND w.last_seen_at > now() - make_interval(secs => $1)';
  const columns = `w.id, w.host, w.process_id AS "processId", w.engine, w.memory_bytes::float8 AS "memoryBytes",
    w.training_speed AS "trainingSpeed",
    CASE WHEN w.stopped_at IS NOT NULL THEN 'STOPPED' WHEN ${isOnline} THEN 'ONLINE' ELSE 'LOST' END AS status,
    w.started_at AS "startedAt", w.last_seen_at AS "lastSeenAt", w.stopped_at AS "stoppedAt"`;
  return {
    byIds: (ids) => query(`SELECT ${columns} FROM workers w WHERE w.id = ANY($2::uuid[])`, [leaseSeconds, ids]),
    online: () =>
      query(`SELECT ${columns} FROM workers w WHERE ${isOnline} ORDER BY w.started_at, w.id`, [leaseSeconds]),
    recent: (limit) =>
      query(`SELECT ${columns} FROM workers w ORDER BY w.started_at DESC, w.id LIMIT $2`, [leaseSeconds, limit]),
    async anyOnline() {
      const [row] = await query<{ online: boolean }>(
        `SELECT EXISTS (SELECT FROM workers w WHERE ${isOnline}) AS online`,
        [leaseSeconds],
      );
      return row?.online === true;
    },
  };
}
