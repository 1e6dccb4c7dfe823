import { RunEvent, type StoredRunEvent } from '../../src/protocol/run-event.js';
import type { RunStatus } from '../../src/protocol/run-status.js';
import type { Query } from '../../src/protocol/sql/query.js';

export async function statusOf(query: Query, runId: string): Promise<RunStatus | undefined> {
  const [row] = await query<{ status: RunStatus }>('SELECT status FROM runs WHERE id = $1', [runId]);
  return row?.status;
}

/** The statuses that a run has passed through, according to its events. */
export async function statusPath(query: Query, runId: string): Promise<readonly RunStatus[]> {
  const events = await eventsOf(query, runId);
  return events.flatMap(({ event }) => (event.kind === 'statusChanged' ? [event.to] : []));
}

export async function eventsOf(
  query: Query,
  runId: string,
): Promise<readonly Pick<StoredRunEvent, 'seq' | 'attempt' | 'event'>[]> {
  const rows = await query<{ seq: string; attempt: number; payload: unknown }>(
    'SELECT seq, attempt, payload FROM run_events WHERE run_id = $1 ORDER BY seq',
    [runId],
  );
  return rows.map(({ seq, attempt, payload }) => ({ seq: Number(seq), attempt, event: RunEvent.parse(payload) }));
}

/** The steps at which the training loss was recorded, with their attempts. */
export async function lossPoints(query: Query, runId: string): Promise<readonly { attempt: number; step: number }[]> {
  return query(
    `SELECT attempt, step FROM recorded_points WHERE run_id = $1 AND key = 'train/loss' ORDER BY attempt, step`,
    [runId],
  );
}

export async function jobOf(
  query: Query,
  runId: string,
): Promise<{ id: string; state: string; attempt: number; fruitlessAttempts: number } | undefined> {
  const [row] = await query<{ id: string; state: string; attempt: number; fruitlessAttempts: number }>(
    'SELECT id, state, attempt, fruitless_attempts AS "fruitlessAttempts" FROM jobs WHERE run_id = $1',
    [runId],
  );
  return row;
}
