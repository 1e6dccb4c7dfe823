import type { StoredRunEvent } from '../protocol/run-event.js';
import { RunEvent } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import type { StoredEngineChoice } from './engine-choice.js';

export interface RunAttemptRow {
  readonly runId: string;
  readonly attempt: number;
  readonly host: string;
  readonly engine: StoredEngineChoice | null;
  readonly resumedFromStep: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'PAUSED' | 'LOST' | 'RELEASED' | null;
}

export function attemptsOfRuns(query: Query, runIds: readonly string[]): Promise<RunAttemptRow[]> {
  return query(
    `SELECT a.run_id AS "runId", a.attempt, w.host, a.engine, a.resumed_from_step AS "resumedFromStep",
       a.started_at AS "startedAt", a.ended_at AS "endedAt", a.outcome
     FROM run_attempts a JOIN workers w ON w.id = a.worker_id
     WHERE a.run_id = ANY($1::uuid[]) ORDER BY a.run_id, a.attempt`,
    [runIds],
  );
}

export interface CheckpointRow {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly step: number;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly best: boolean;
  readonly createdAt: Date;
  readonly prunedAt: Date | null;
}

const checkpointColumns = `c.id, c.run_id AS "runId", c.attempt, c.step, c.digest, c.size_bytes::float8 AS "sizeBytes",
  c.best, c.created_at AS "createdAt", c.pruned_at AS "prunedAt"`;

export function checkpointsOfRuns(query: Query, runIds: readonly string[]): Promise<CheckpointRow[]> {
  return query(
    `SELECT ${checkpointColumns} FROM checkpoints c WHERE c.run_id = ANY($1::uuid[]) ORDER BY c.run_id, c.step, c.attempt`,
    [runIds],
  );
}

export function checkpointsByIds(query: Query, ids: readonly string[]): Promise<CheckpointRow[]> {
  return query(`SELECT ${checkpointColumns} FROM checkpoints c WHERE c.id = ANY($1::uuid[])`, [ids]);
}

export interface RunEventPage {
  readonly events: readonly StoredRunEvent[];
  readonly lastSeq: number;
  readonly hasMore: boolean;
}

/** At most `limit` events of a run after `afterSeq`, by seq. */
export async function eventsOfRun(query: Query, runId: string, afterSeq: number, limit: number): Promise<RunEventPage> {
  const rows = await query<{ seq: number; attempt: number; at: Date; payload: unknown }>(
    `SELECT seq::float8 AS seq, attempt, at, payload FROM run_events
     WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [runId, afterSeq, limit + 1],
  );
  const events = rows.slice(0, limit).map(({ payload, ...row }) => ({ runId, ...row, event: RunEvent.parse(payload) }));
  return { events, lastSeq: events.at(-1)?.seq ?? afterSeq, hasMore: rows.length > limit };
}
