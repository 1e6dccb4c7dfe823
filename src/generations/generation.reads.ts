import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import {
  type GenerationSettings,
  type GenerationTimes,
  LoggedGenerationEvent,
  type Prompt,
} from '../protocol/generation.js';
import type { TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

export interface GenerationRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly baseModelId: string;
  readonly prompts: readonly Prompt[];
  readonly settings: GenerationSettings;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  /** The end of its log; 0: the log is empty. */
  readonly lastSeq: number;
  readonly times: GenerationTimes | null;
  readonly problem: Problem | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** An event of a generation's log. */
export interface StoredGenerationEvent {
  readonly seq: number;
  readonly at: Date;
  readonly event: LoggedGenerationEvent;
}

const columns = `g.id, g.project_id AS "projectId", g.created_by AS "createdBy", g.base_model_id AS "baseModelId",
  g.prompts, g.settings, g.status, g.desired = 'CANCEL' AND g.status IN ('QUEUED', 'RUNNING') AS canceling,
  g.last_seq::float8 AS "lastSeq", g.times, g.problem, g.created_at AS "createdAt", g.started_at AS "startedAt",
  g.finished_at AS "finishedAt"`;

export function generationsByIds(query: Query, ids: readonly string[]): Promise<GenerationRow[]> {
  return query(`SELECT ${columns} FROM generations g WHERE g.id = ANY($1::uuid[])`, [ids]);
}

export const generationsOfProject: ChildList = {
  ...newestFirst('g'),
  key: 'g.id',
  select: columns,
  from: 'generations g',
  parent: { column: 'g.project_id', type: 'uuid' },
};

/** An event as a list of them reads it. */
export interface GenerationEventRow {
  readonly seq: number;
  readonly at: Date;
  readonly payload: unknown;
}

export const eventsOfGeneration: ChildList = {
  select: 'v.seq::float8 AS seq, v.at, v.payload',
  from: 'generation_events v',
  parent: { column: 'v.generation_id', type: 'uuid' },
  sort: [{ column: 'v.seq', type: 'bigint' }],
  direction: 'ASC',
};

export function toStoredGenerationEvent({ seq, at, payload }: GenerationEventRow): StoredGenerationEvent {
  return { seq, at, event: LoggedGenerationEvent.parse(payload) };
}

/** One page of a generation's log, in order of seq, starting after `afterSeq`. */
export async function readGenerationEvents(
  query: Query,
  generationId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredGenerationEvent[]> {
  const rows = await query<GenerationEventRow>(
    `SELECT seq::float8 AS seq, at, payload FROM generation_events
      WHERE generation_id = $1 AND seq > $2
      ORDER BY seq LIMIT $3`,
    [generationId, afterSeq, limit],
  );
  return rows.map(toStoredGenerationEvent);
}

/** The ends of generations' logs. One statement for any number of them. */
export function readGenerationEnds(
  query: Query,
  generationIds: readonly string[],
): Promise<readonly { readonly ownerId: string; readonly lastSeq: number; readonly closed: boolean }[]> {
  return query(
    `SELECT id AS "ownerId", last_seq::float8 AS "lastSeq", status NOT IN ('QUEUED', 'RUNNING') AS closed
       FROM generations WHERE id = ANY($1)`,
    [generationIds],
  );
}

/** Whole logs, by generation. */
export function logsOfGenerations(
  query: Query,
  generationIds: readonly string[],
): Promise<readonly { readonly generationId: string; readonly payload: unknown }[]> {
  return query(
    `SELECT generation_id AS "generationId", payload FROM generation_events
      WHERE generation_id = ANY($1::uuid[]) ORDER BY generation_id, seq`,
    [generationIds],
  );
}
