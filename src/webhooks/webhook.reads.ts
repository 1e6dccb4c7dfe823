import type { ProjectEventKind, StoredProjectEvent } from '../activity/project-event.js';
import { toStoredProjectEvent } from '../activity/project-event.reads.js';
import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import { type Sql, sql } from '../database/sql.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';
import type { AttemptFailure } from './send.js';

export type DisabledReason = 'BY_USER' | 'GONE' | 'FAILING';
export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED';

/** A webhook without its secrets, which are read only for signing. */
export interface WebhookRow {
  readonly id: string;
  readonly projectId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly ProjectEventKind[];
  /** Null: events of every status. */
  readonly statuses: readonly RunStatus[] | null;
  /** Null: events of every experiment. */
  readonly experimentTags: readonly string[] | null;
  readonly disabledReason: DisabledReason | null;
  readonly previousSecretUntil: Date | null;
  readonly consecutiveFailures: number;
  readonly failingSince: Date | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

export interface DeliveryRow {
  readonly id: string;
  readonly projectId: string;
  readonly webhookId: string;
  readonly kind: string;
  readonly eventSeq: number | null;
  readonly body: string | null;
  readonly state: DeliveryState;
  /** Null unless the state is PENDING. */
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export interface AttemptRow {
  readonly deliveryId: string;
  readonly number: number;
  readonly at: Date;
  readonly durationMs: number | null;
  readonly statusCode: number | null;
  readonly failure: AttemptFailure | null;
  readonly message: string | null;
  readonly responseExcerpt: string | null;
}

const webhookColumns = `w.id, w.project_id AS "projectId", w.url, w.description, w.events, w.statuses, w.experiment_tags AS "experimentTags",
  w.disabled_reason AS "disabledReason",
  CASE WHEN w.previous_secret_until > now() THEN w.previous_secret_until END AS "previousSecretUntil",
  w.failures_in_a_row AS "consecutiveFailures", w.failing_since AS "failingSince", w.created_by AS "createdBy", w.created_at AS "createdAt"`;
const deliveryColumns = `d.id, w.project_id AS "projectId", d.webhook_id AS "webhookId", d.kind, d.event_seq::float8 AS "eventSeq", d.body, d.state,
  CASE WHEN d.state = 'PENDING' THEN d.next_attempt_at END AS "nextAttemptAt", d.created_at AS "createdAt", d.settled_at AS "settledAt"`;
const deliveries = 'webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id';

export function webhooksByIds(query: Query, ids: readonly string[]): Promise<WebhookRow[]> {
  return query(`SELECT ${webhookColumns} FROM webhooks w WHERE w.id = ANY($1::uuid[])`, [ids]);
}

export function deliveriesByIds(query: Query, ids: readonly string[]): Promise<DeliveryRow[]> {
  return query(`SELECT ${deliveryColumns} FROM ${deliveries} WHERE d.id = ANY($1::uuid[])`, [ids]);
}

/** The webhook with this global id. Throws ProblemsError NOT_FOUND at `path`. */
export async function requireWebhook(query: Query, id: string, path: readonly string[]): Promise<WebhookRow> {
  const [webhook] = await webhooksByIds(query, [rowId('Webhook', id, path)]);
  if (webhook !== undefined) return webhook;
  throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no webhook with this id.')]);
}

/** The latest attempts of each delivery, the earliest first. */
export function attemptsOfDeliveries(
  query: Query,
  deliveryIds: readonly string[],
  limit: number,
): Promise<AttemptRow[]> {
  return query(
    `SELECT a.delivery_id AS "deliveryId", a.number, a.at, a.duration_ms AS "durationMs", a.status_code AS "statusCode",
            a.failure, a.message, a.response_excerpt AS "responseExcerpt"
       FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id
      WHERE a.delivery_id = ANY($1::uuid[]) AND a.number > d.attempt - $2::int
      ORDER BY a.delivery_id, a.number`,
    [deliveryIds, limit],
  );
}

/** The event of each delivery, by delivery id; a ping has none. */
export async function eventsOfDeliveries(
  query: Query,
  deliveryIds: readonly string[],
): Promise<readonly { readonly deliveryId: string; readonly event: StoredProjectEvent }[]> {
  const rows = await query<Parameters<typeof toStoredProjectEvent>[0] & { readonly deliveryId: string }>(
    `SELECT d.id AS "deliveryId", v.project_id AS "projectId", v.seq::float8 AS seq, v.at, v.kind, v.payload
       FROM ${deliveries} JOIN project_events v ON v.project_id = w.project_id AND v.seq = d.event_seq
      WHERE d.id = ANY($1::uuid[])`,
    [deliveryIds],
  );
  return rows.map(({ deliveryId, ...row }) => ({ deliveryId, event: toStoredProjectEvent(row) }));
}

export const webhooksOfProject: ChildList = {
  select: webhookColumns,
  from: 'webhooks w',
  parent: { column: 'w.project_id', type: 'uuid' },
  ...newestFirst('w'),
};

export const deliveriesOfWebhook: ChildList = {
  select: deliveryColumns,
  from: deliveries,
  parent: { column: 'd.webhook_id', type: 'uuid' },
  ...newestFirst('d'),
};

export function isInState(states: readonly DeliveryState[]): Sql {
  return sql`d.state = ANY(${states}::text[])`;
}
