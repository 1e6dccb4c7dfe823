import { RunEvent, type StoredRunEvent } from '../protocol/run-event.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';

/** One page of a run's events, in order of seq, starting after `afterSeq`. */
export async function readRunEvents(
  query: Query,
  runId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredRunEvent[]> {
  const rows = await query<{ seq: string; attempt: number; at: Date; payload: unknown }>(
    `SELECT seq, attempt, at, payload FROM run_events
      WHERE run_id = $1 AND seq > $2
      ORDER BY seq LIMIT $3`,
    [runId, afterSeq, limit],
  );
  return rows.map(({ seq, attempt, at, payload }) => ({
    runId,
    seq: Number(seq),
    attempt,
    at,
    event: RunEvent.parse(payload),
  }));
}

export interface RunEnd {
  readonly runId: string;
  readonly status: RunStatus;
  readonly lastSeq: number;
}

/** The ends of runs' logs. One statement for any number of runs. */
export async function readRunEnds(query: Query, runIds: readonly string[]): Promise<readonly RunEnd[]> {
  const rows = await query<{ id: string; status: RunStatus; lastSeq: string }>(
    'SELECT id, status, last_seq AS "lastSeq" FROM runs WHERE id = ANY($1)',
    [runIds],
  );
  return rows.map(({ id, status, lastSeq }) => ({ runId: id, status, lastSeq: Number(lastSeq) }));
}
