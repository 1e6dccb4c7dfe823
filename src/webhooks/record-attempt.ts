import type { Query } from '../protocol/sql/query.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import { pingKind } from './delivery-body.js';
import { disableAfterFailures, disableAfterSeconds, retryDelay } from './retries.js';
import type { AttemptOutcome } from './send.js';

const gone = 410;

/**
 * Records the outcome of an attempt and its consequences for the delivery and the webhook, in the caller's transaction.
 * If a newer attempt has begun meanwhile (this server was taken for dead), the outcome is recorded without any
 * consequence. Locks the webhook first, as the removal of a webhook does.
 */
export async function recordAttempt(
  query: Query,
  attempted: {
    readonly delivery: Pick<ClaimedDelivery, 'id' | 'webhookId' | 'kind' | 'attempt'>;
    /** The body that was sent; null: none was sent. */
    readonly body: string | null;
    readonly outcome: AttemptOutcome;
    readonly retryDelaysSeconds: readonly number[];
    /** A number from 0 to 1, for the jitter. */
    readonly random: number;
  },
): Promise<void> {
  const { delivery, body, outcome } = attempted;
  const [webhook] = await query<{ enabled: boolean }>(
    'SELECT disabled_reason IS NULL AS enabled FROM webhooks WHERE id = $1 FOR NO KEY UPDATE',
    [delivery.webhookId],
  );
  if (webhook === undefined) return;
  await query(
    `UPDATE webhook_attempts SET duration_ms = $3, status_code = $4, failure = $5, message = $6, response_excerpt = $7
      WHERE delivery_id = $1 AND number = $2`,
    [
      delivery.id,
      delivery.attempt,
      outcome.durationMs,
      outcome.statusCode,
      outcome.failure,
      outcome.message,
      outcome.responseExcerpt,
    ],
  );
  const [current] = await query<{ failures: number }>(
    `SELECT failures FROM webhook_deliveries WHERE id = $1 AND attempt = $2 AND state = 'PENDING' FOR UPDATE`,
    [delivery.id, delivery.attempt],
  );
  if (current === undefined) return;
  await query('UPDATE webhook_deliveries SET body = coalesce(body, $2), claimed_until = NULL WHERE id = $1', [
    delivery.id,
    body,
  ]);
  if (outcome.failure === 'INTERRUPTED') {
    // An interruption is not the receiver's fault: the delivery is due at once, for another server or after the next
    // start.
    await query('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE id = $1', [delivery.id]);
    return;
  }
  const delivered = outcome.failure === null;
  const retries = webhook.enabled && delivery.kind !== pingKind && outcome.statusCode !== gone;
  const delay =
    delivered || !retries ? null : retryDelay(current.failures + 1, attempted.random, attempted.retryDelaysSeconds);
  await query(
    `UPDATE webhook_deliveries
        SET state = $2, failures = failures + $3, settled_at = CASE WHEN $2 <> 'PENDING' THEN now() END,
            next_attempt_at = CASE WHEN $2 = 'PENDING' THEN clock_timestamp() + make_interval(secs => $4) ELSE next_attempt_at END
      WHERE id = $1`,
    [delivery.id, delivered ? 'DELIVERED' : delay === null ? 'FAILED' : 'PENDING', delivered ? 0 : 1, delay ?? 0],
  );
  if (delivery.kind === pingKind) return;
  if (delivered) await recordSuccess(query, delivery.webhookId);
  else await recordFailure(query, delivery.webhookId, outcome.statusCode === gone);
}

async function recordSuccess(query: Query, webhookId: string): Promise<void> {
  await query(
    'UPDATE webhooks SET failures_in_a_row = 0, failing_since = NULL WHERE id = $1 AND failures_in_a_row > 0',
    [webhookId],
  );
}

/** Disables a webhook that has had no success for days, or whose receiver answered that it is gone. */
async function recordFailure(query: Query, webhookId: string, isGone: boolean): Promise<void> {
  const [webhook] = await query<{ disabled: boolean }>(
    `UPDATE webhooks
        SET failures_in_a_row = failures_in_a_row + 1, failing_since = coalesce(failing_since, now()),
            disabled_reason = CASE
              WHEN disabled_reason IS NOT NULL THEN disabled_reason
              WHEN $2 THEN 'GONE'
              WHEN failing_since <= now() - make_interval(secs => $3) AND failures_in_a_row + 1 >= $4 THEN 'FAILING'
            END
      WHERE id = $1
  RETURNING disabled_reason IS NOT NULL AS disabled`,
    [webhookId, isGone, disableAfterSeconds, disableAfterFailures],
  );
  if (webhook?.disabled === true) await failPending(query, webhookId);
}

/**
 * Marks the waiting deliveries of a disabled webhook as failed; each can be sent again. A delivery with a running
 * attempt fails when that attempt does.
 */
export async function failPending(query: Query, webhookId: string): Promise<void> {
  await query(
    `UPDATE webhook_deliveries SET state = 'FAILED', settled_at = now()
      WHERE webhook_id = $1 AND state = 'PENDING' AND (claimed_until IS NULL OR claimed_until < now())`,
    [webhookId],
  );
}
