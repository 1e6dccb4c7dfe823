import type { StoredEngineChoice } from '../experiments/engine-choice.js';
import { leaseSeconds } from '../protocol/channels.js';
import type { Query } from '../protocol/sql/query.js';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  readonly engine: StoredEngineChoice;
  readonly status: 'ONLINE' | 'LOST' | 'STOPPED';
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly stoppedAt: Date | null;
}

// On the database's clock, like the leases: hosts need not agree on the time.
const isOnline = `w.stopped_at IS NULL AND w.last_seen_at > now() - make_interval(secs => ${leaseSeconds})`;
const columns = `w.id, w.host, w.process_id AS "processId", w.engine,
  CASE WHEN w.stopped_at IS NOT NULL THEN 'STOPPED' WHEN ${isOnline} THEN 'ONLINE' ELSE 'LOST' END AS status,
  w.started_at AS "startedAt", w.last_seen_at AS "lastSeenAt", w.stopped_at AS "stoppedAt"`;

export function workersByIds(query: Query, ids: readonly string[]): Promise<WorkerRow[]> {
  return query(`SELECT ${columns} FROM workers w WHERE w.id = ANY($1::uuid[])`, [ids]);
}

export function onlineWorkers(query: Query): Promise<WorkerRow[]> {
  return query(`SELECT ${columns} FROM workers w WHERE ${isOnline} ORDER BY w.started_at, w.id`);
}

/** The newest workers, whatever their status. */
export function recentWorkers(query: Query, limit: number): Promise<WorkerRow[]> {
  return query(`SELECT ${columns} FROM workers w ORDER BY w.started_at DESC, w.id LIMIT $1`, [limit]);
}

export async function anyWorkerOnline(query: Query): Promise<boolean> {
  const rows = await query<{ online: boolean }>(`SELECT EXISTS (SELECT FROM workers w WHERE ${isOnline}) AS online`);
  return rows[0]?.online === true;
}
