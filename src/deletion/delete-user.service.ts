import type { DataSource } from 'typeorm';
import { markRepeated } from '../access/acting-viewer.js';
import type { Viewer } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import type { ObjectKind } from '../graphql/object-kinds.js';
import { refuseNeeded } from '../people/user.service.js';
import { appendFeedbackEvents } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import type { DeleteUserInput } from './deletion.input.js';
import type { Deletion } from './deletion.js';
import { notThere } from './refusals.js';

/** The name of all users whose personal data were deleted. */
const nobody = 'Deleted user';
const path = ['userId'];

export interface DeleteUserService {
  /** Throws ProblemsError NOT_FOUND and CONFLICT. */
  delete(viewer: Viewer, input: DeleteUserInput): Promise<Deletion>;
}

export function createDeleteUserService({ dataSource }: { readonly dataSource: DataSource }): DeleteUserService {
  return {
    async delete(viewer, { userId, dryRun }) {
      const id = rowId('User', userId, path);
      refuseNeeded(viewer, id);
      if (dryRun) markRepeated();
      return inTransaction(dataSource, async ({ query }) => {
        const [user] = await query<{ name: string; email: string | null; isDeleted: boolean }>(
          'SELECT name, email, deleted_at IS NOT NULL AS "isDeleted" FROM users WHERE id = $1 FOR UPDATE',
          [id],
        );
        if (user === undefined) throw notThere('User', path);
        if (user.isDeleted) markRepeated();
        const counts = await countsOf(query, id);
        if (!dryRun && !user.isDeleted) await forget(query, id, user.email);
        const objects = [{ kind: 'User' as const, id }];
        return { kind: 'User' as const, id, name: user.name, isDryRun: dryRun, counts, freedBytes: 0, objects };
      });
    },
  };
}

async function countsOf(query: Query, userId: string): Promise<Partial<Record<ObjectKind, number>>> {
  const rows = await query<{ kind: ObjectKind; count: number }>(
    `SELECT kind, count FROM (
       SELECT 'User' AS kind, 1 AS count
       UNION ALL SELECT 'Member', count(*)::int FROM members WHERE user_id = $1
       UNION ALL SELECT 'ApiKey', count(*)::int FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL
       UNION ALL SELECT 'Session', count(*)::int FROM sign_in_sessions WHERE user_id = $1
     ) AS counted WHERE count > 0`,
    [userId],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Items that a user holds go to others; what the user said of flagged ones stays, as of items that were skipped. */
async function giveBack(query: Query, userId: string): Promise<void> {
  await query(`DELETE FROM feedback_claims WHERE user_id = $1 AND state = 'CLAIMED' AND flagged_at IS NULL`, [userId]);
  const skipped = await query<{ id: string; taskId: string; itemId: string; reason: string }>(
    `UPDATE feedback_claims SET state = 'SKIPPED', skip_reason = flag_reason, ended_at = clock_timestamp()
      WHERE user_id = $1 AND state = 'CLAIMED'
  RETURNING id, task_id AS "taskId", item_id AS "itemId", skip_reason AS reason`,
    [userId],
  );
  // Every transaction locks tasks in the same order.
  const inOrder = [...skipped].sort((a, b) => (a.taskId < b.taskId ? -1 : a.taskId > b.taskId ? 1 : 0));
  for (const { id, taskId, itemId, reason } of inOrder) {
    const event = { kind: 'itemSkipped' as const, itemId, claimId: id, userId, reason };
    await appendFeedbackEvents(query, taskId, [event], { skips: 1 });
  }
}

/** Deletes what says who a user is, in the caller's transaction. The row stays, for what the user made. */
async function forget(query: Query, userId: string, email: string | null): Promise<void> {
  await query(
    `UPDATE users SET name = $2, email = NULL, issuer = NULL, subject = NULL, administrator = false,
            deactivated_at = coalesce(deactivated_at, now()), deleted_at = now() WHERE id = $1`,
    [userId, nobody],
  );
  // People call keys after themselves and their machines.
  await query(`UPDATE api_keys SET name = $2, revoked_at = coalesce(revoked_at, now()) WHERE user_id = $1`, [
    userId,
    nobody,
  ]);
  // What people wrote to models, and what these answered.
  await query('DELETE FROM generations WHERE created_by = $1', [userId]);
  // What people said in feedback tasks stays, as the answers of a deleted user; what they hold goes back.
  await giveBack(query, userId);
  await query('DELETE FROM sign_in_sessions WHERE user_id = $1', [userId]);
  await query('DELETE FROM idempotency_keys WHERE owner_id = $1', [userId]);
  // What was refused has no target that would be the user or the key.
  await query(
    `UPDATE audit_log SET target_name = NULL, details = (details::jsonb - 'email' - 'name')::json
      WHERE (target_type = 'User' AND target_id = $1)
         OR (target_type = 'ApiKey' AND target_id IN (SELECT id FROM api_keys WHERE user_id = $1))
         OR (action = 'createApiKey' AND outcome = 'REFUSED' AND user_id = $1)
         OR lower(trim(details ->> 'email')) = lower($2)`,
    [userId, email],
  );
  // The log of a project, and what webhooks were sent of it, name those who joined and left.
  const events = await query<{ projectId: string; seq: string }>(
    `UPDATE project_events SET payload = jsonb_set(payload, '{userName}', to_jsonb($2::text))
      WHERE kind = 'member.changed' AND payload ->> 'userId' = $1::text
  RETURNING project_id AS "projectId", seq`,
    [userId, nobody],
  );
  await query(
    `UPDATE webhook_deliveries d SET body = NULL
       FROM unnest($1::uuid[], $2::bigint[]) AS told(project_id, seq), webhooks w
      WHERE w.project_id = told.project_id AND d.webhook_id = w.id AND d.event_seq = told.seq`,
    [events.map(({ projectId }) => projectId), events.map(({ seq }) => seq)],
  );
  await query('DELETE FROM members WHERE user_id = $1', [userId]);
}
