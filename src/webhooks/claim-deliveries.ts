import type { StoredProjectEvent } from '../activity/project-event.js';
import { type ProjectEventRow, toStoredProjectEvent } from '../activity/project-event.reads.js';
import type { Query } from '../protocol/sql/query.js';

/** A delivery claimed for one attempt, with everything the attempt needs. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly kind: string;
  /** Number of the attempt, which is the fencing token. */
  readonly attempt: number;
  /** The body that an earlier attempt sent; null before the first attempt. */
  readonly body: string | null;
  readonly createdAt: Date;
  readonly url: string;
  readonly secret: Buffer;
  /** The secret before a rotation, while it is still valid. */
  readonly previousSecret: Buffer | null;
  readonly projectSlug: string;
  /** Null for a ping. */
  readonly event: StoredProjectEvent | null;
}

type Row = Omit<ClaimedDelivery, 'event'> & { readonly event: (Omit<ProjectEventRow, 'at'> & { at: string }) | null };

/** Opens an attempt for each delivery in `chosen (id)`, whose rows are locked. */
const claim = `
  claimed AS (
    UPDATE webhook_deliveries d
       SET attempt = attempt + 1, claimed_until = clock_timestamp() + make_interval(secs => $1)
      FROM chosen WHERE d.id = chosen.id
    RETURNING d.*
  ), opened AS (
    INSERT INTO webhook_attempts (delivery_id, number) SELECT id, attempt FROM claimed
  )
  SELECT c.id, c.webhook_id AS "webhookId", c.kind, c.attempt, c.body, c.created_at AS "createdAt", w.url, w.secret,
         CASE WHEN w.previous_secret_until > now() THEN w.previous_secret END AS "previousSecret", p.slug AS "projectSlug",
         CASE WHEN v.seq IS NOT NULL THEN
           json_build_object('projectId', v.project_id, 'seq', v.seq, 'at', v.at, 'kind', v.kind, 'payload', v.payload)
         END AS event
    FROM claimed c
    JOIN webhooks w ON w.id = c.webhook_id
    JOIN projects p ON p.id = w.project_id
    LEFT JOIN project_events v ON v.project_id = w.project_id AND v.seq = c.event_seq
   ORDER BY c.next_attempt_at, c.event_seq`;

/**
 * Claims due deliveries for `leaseSeconds`; deliveries that another server claims at the same moment are skipped. A
 * webhook gets at most `perWebhook` attempts at a time, and only one while its last attempt failed: a slow or absent
 * receiver holds back only itself.
 *
 * @param inFlight running attempts of this process, by webhook
 */
export async function claimDueDeliveries(
  query: Query,
  options: {
    readonly leaseSeconds: number;
    readonly limit: number;
    readonly perWebhook: number;
    readonly inFlight: ReadonlyMap<string, number>;
  },
): Promise<readonly ClaimedDelivery[]> {
  const { leaseSeconds, limit, perWebhook, inFlight } = options;
  const rows = await query<Row>(
    `WITH chosen AS (
       SELECT due.id
         FROM webhooks w
         CROSS JOIN LATERAL (
           SELECT d.id, d.next_attempt_at
             FROM webhook_deliveries d
            WHERE d.webhook_id = w.id AND d.state = 'PENDING' AND d.next_attempt_at <= now()
              AND (d.claimed_until IS NULL OR d.claimed_until < now())
            ORDER BY d.next_attempt_at, d.event_seq
            LIMIT greatest(0, CASE WHEN w.failures_in_a_row > 0 THEN 1 ELSE $3 END - coalesce(($4::jsonb ->> w.id::text)::int, 0))
              FOR UPDATE SKIP LOCKED
         ) due
        ORDER BY due.next_attempt_at
        LIMIT $2
     ), ${claim}`,
    [leaseSeconds, limit, perWebhook, JSON.stringify(Object.fromEntries(inFlight))],
  );
  return rows.map(toClaimed);
}

/** Queues a ping and claims it at once, so that this server sends it. */
export async function claimPing(
  query: Query,
  ping: { readonly id: string; readonly webhookId: string; readonly leaseSeconds: number },
): Promise<ClaimedDelivery> {
  await query(`INSERT INTO webhook_deliveries (id, webhook_id, kind) VALUES ($1, $2, 'ping')`, [
    ping.id,
    ping.webhookId,
  ]);
  const rows = await query<Row>(
    `WITH chosen AS (SELECT id FROM webhook_deliveries WHERE id = $2 FOR UPDATE), ${claim}`,
    [ping.leaseSeconds, ping.id],
  );
  return toClaimed(rows[0]!);
}

function toClaimed({ event, ...row }: Row): ClaimedDelivery {
  return {
    ...row,
    event: event === null ? null : toStoredProjectEvent({ ...event, at: new Date(event.at) }),
  };
}
