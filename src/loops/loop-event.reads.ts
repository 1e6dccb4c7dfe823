import type { ChildList } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import { LoggedLoopEvent } from './loop.js';

/** An event of a loop's log. */
export interface StoredLoopEvent {
  readonly seq: number;
  readonly at: Date;
  readonly event: LoggedLoopEvent;
}

/** An event as a list of them reads it. */
export interface LoopEventRow {
  readonly seq: number;
  readonly at: Date;
  readonly payload: unknown;
}

const columns = 'v.seq::float8 AS seq, v.at, v.payload';

export const eventsOfLoop: ChildList = {
  select: columns,
  from: 'feedback_loop_events v',
  parent: { column: 'v.loop_id', type: 'uuid' },
  sort: [{ column: 'v.seq', type: 'bigint' }],
  direction: 'ASC',
};

export function toStoredLoopEvent({ payload, ...row }: LoopEventRow): StoredLoopEvent {
  return { ...row, event: LoggedLoopEvent.parse(payload) };
}

/** One page of a loop's log, in order of seq, starting after `afterSeq`. */
export async function readLoopEvents(
  query: Query,
  loopId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredLoopEvent[]> {
  const rows = await query<LoopEventRow>(
    `SELECT ${columns} FROM feedback_loop_events v WHERE v.loop_id = $1 AND v.seq > $2 ORDER BY v.seq LIMIT $3`,
    [loopId, afterSeq, limit],
  );
  return rows.map(toStoredLoopEvent);
}

/** The ends of loops' logs, which are closed once the loop has ended. */
export function readLoopEnds(
  query: Query,
  loopIds: readonly string[],
): Promise<readonly { readonly ownerId: string; readonly lastSeq: number; readonly closed: boolean }[]> {
  return query(
    `SELECT id AS "ownerId", last_seq::float8 AS "lastSeq", status = 'ENDED' AS closed
       FROM feedback_loops WHERE id = ANY($1::uuid[])`,
    [loopIds],
  );
}
