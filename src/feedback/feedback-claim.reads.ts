import type { Query } from '../protocol/sql/query.js';

/** Why an item was picked: it was the next one, it was drawn, it is of gold, or it is asked again. */
export type PickedBy = 'ORDER' | 'RANDOM' | 'GOLD' | 'REPEAT';

/** An item that a person was given. */
export interface FeedbackClaimRow {
  readonly id: string;
  readonly taskId: string;
  readonly projectId: string;
  readonly itemId: string;
  readonly userId: string;
  /** 0: for the first time; 1: again. */
  readonly repetition: number;
  readonly state: 'CLAIMED' | 'ANSWERED' | 'SKIPPED';
  /** Keys of the answers in the order in which they are shown. */
  readonly shown: readonly string[];
  readonly instructionsVersion: number;
  readonly picked: PickedBy;
  /** The probability with which the item was picked, of those that could be. */
  readonly propensity: number;
  readonly claimedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly skipReason: string | null;
  readonly flaggedAt: Date | null;
  readonly flagReason: string | null;
  /** Whether its lease has ended before it was answered or skipped. */
  readonly isExpired: boolean;
}

const columns = `c.id, c.task_id AS "taskId", t.project_id AS "projectId", c.item_id AS "itemId", c.user_id AS "userId",
  c.repetition, c.state, c.shown, c.instructions_version AS "instructionsVersion", c.picked, c.propensity,
  c.claimed_at AS "claimedAt", c.expires_at AS "expiresAt", c.ended_at AS "endedAt", c.skip_reason AS "skipReason",
  c.flagged_at AS "flaggedAt", c.flag_reason AS "flagReason",
  c.state = 'CLAIMED' AND c.expires_at <= clock_timestamp() AS "isExpired"`;
const tables = 'feedback_claims c JOIN feedback_tasks t ON t.id = c.task_id';

export function feedbackClaimsByIds(query: Query, ids: readonly string[]): Promise<FeedbackClaimRow[]> {
  return query(`SELECT ${columns} FROM ${tables} WHERE c.id = ANY($1::uuid[])`, [ids]);
}

/** The lease that a person has in a task at this moment; null: none. */
export async function heldClaim(query: Query, taskId: string, userId: string): Promise<FeedbackClaimRow | null> {
  const [claim] = await query<FeedbackClaimRow>(
    `SELECT ${columns} FROM ${tables}
      WHERE c.task_id = $1 AND c.user_id = $2 AND c.state = 'CLAIMED' AND c.expires_at > clock_timestamp()
      ORDER BY c.claimed_at LIMIT 1`,
    [taskId, userId],
  );
  return claim ?? null;
}

/** How many leases are held in each of the tasks at this moment. */
export function leasesOfTasks(
  query: Query,
  taskIds: readonly string[],
): Promise<readonly { readonly taskId: string; readonly count: number }[]> {
  return query(
    `SELECT task_id AS "taskId", count(*)::int AS count FROM feedback_claims
      WHERE task_id = ANY($1::uuid[]) AND state = 'CLAIMED' AND expires_at > clock_timestamp() GROUP BY task_id`,
    [taskIds],
  );
}

/** How many items a person has answered in a task. */
export async function countAnsweredBy(query: Query, taskId: string, userId: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    `SELECT count(*)::int AS count FROM feedback_claims WHERE task_id = $1 AND user_id = $2 AND state = 'ANSWERED'`,
    [taskId, userId],
  );
  return row!.count;
}
