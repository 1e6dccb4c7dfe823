import type { ChildList } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import type { StoredRunEvent } from '../protocol/run-event.js';
import { RunEvent } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import type { StoredEngineChoice } from '../workers/engine-choice.js';

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
  readonly projectId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly step: number;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly best: boolean;
  readonly createdAt: Date;
  readonly prunedAt: Date | null;
}

const checkpointColumns = `c.id, e.project_id AS "projectId", c.run_id AS "runId", c.attempt, c.step, c.digest, c.size_bytes::float8 AS "sizeBytes",
  c.best, c.created_at AS "createdAt", c.pruned_at AS "prunedAt"`;
const checkpoints = 'checkpoints c JOIN runs r ON r.id = c.run_id JOIN experiments e ON e.id = r.experiment_id';

export function checkpointsOfRuns(query: Query, runIds: readonly string[]): Promise<CheckpointRow[]> {
  return query(
    `SELECT ${checkpointColumns} FROM ${checkpoints} WHERE c.run_id = ANY($1::uuid[]) ORDER BY c.run_id, c.step, c.attempt`,
    [runIds],
  );
}

export function checkpointsByIds(query: Query, ids: readonly string[]): Promise<CheckpointRow[]> {
  return query(`SELECT ${checkpointColumns} FROM ${checkpoints} WHERE c.id = ANY($1::uuid[])`, [ids]);
}

export interface RunEventRow {
  readonly runId: string;
  readonly seq: number;
  readonly attempt: number;
  readonly at: Date;
  readonly payload: unknown;
}

/** The event logs of runs, oldest first: continued after a seq. */
export const eventsOfRun: ChildList = {
  select: 'v.run_id AS "runId", v.seq::float8 AS seq, v.attempt, v.at, v.payload',
  from: 'run_events v',
  parent: { column: 'v.run_id', type: 'uuid' },
  sort: [{ column: 'v.seq', type: 'int' }],
  direction: 'ASC',
};

export function isOfKinds(kinds: readonly string[]): Sql {
  return sql`v.payload ->> 'kind' = ANY(${kinds}::text[])`;
}

export function toStoredRunEvent({ payload, ...row }: RunEventRow): StoredRunEvent {
  return { ...row, event: RunEvent.parse(payload) };
}
