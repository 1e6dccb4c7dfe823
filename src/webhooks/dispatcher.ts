import type { Wake } from '../events/wake.js';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { type ClaimedDelivery, claimDueDeliveries } from './claim-deliveries.js';
import type { Deliver } from './deliver.js';

const maxInFlight = 64;
const maxInFlightPerWebhook = 4;
/**
 * How long running attempts may take when the server stops; then they are interrupted, and another server repeats them.
 */
const defaultCloseGraceMs = 2_000;

/** Makes the deliveries that are due. Any number of servers may do so at once. */
export interface Dispatcher {
  /** How many attempts are running. */
  readonly inFlight: number;
  /** Claims no more deliveries, and waits for running attempts. */
  close(): Promise<void>;
}

export function startDispatcher(options: {
  readonly query: Query;
  readonly deliver: Deliver;
  /** Fired when deliveries may have become due. */
  readonly due: Wake;
  /** How long a retry that became due, or a lost notification, can go unnoticed. */
  readonly pollIntervalMs: number;
  readonly leaseSeconds: number;
  readonly closeGraceMs?: number;
  readonly log: (message: string) => void;
}): Dispatcher {
  const { query, deliver, due, pollIntervalMs, leaseSeconds, closeGraceMs = defaultCloseGraceMs, log } = options;
  const underWay = new Set<Promise<void>>();
  const inFlight = new Map<string, number>();
  const closing = new AbortController();
  const breakingOff = new AbortController();
  const timer = setInterval(() => due.all(), pollIntervalMs);
  timer.unref();

  const start = (delivery: ClaimedDelivery): void => {
    const { webhookId } = delivery;
    inFlight.set(webhookId, (inFlight.get(webhookId) ?? 0) + 1);
    const attempt = deliver(delivery, breakingOff.signal)
      .catch((error: unknown) => log(`A delivery of a webhook could not be recorded: ${messageOf(error)}`))
      .finally(() => {
        underWay.delete(attempt);
        const left = inFlight.get(webhookId)! - 1;
        if (left === 0) inFlight.delete(webhookId);
        else inFlight.set(webhookId, left);
        due.all();
      });
    underWay.add(attempt);
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // Registered before the claim, so that deliveries which become due during the claim are not missed.
      const next = due.next(closing.signal);
      const limit = maxInFlight - underWay.size;
      if (limit > 0) {
        try {
          const claimed = await claimDueDeliveries(query, {
            leaseSeconds,
            limit,
            perWebhook: maxInFlightPerWebhook,
            inFlight,
          });
          for (const delivery of claimed) start(delivery);
        } catch (error) {
          log(`Claiming deliveries of webhooks failed: ${messageOf(error)}`);
        }
      }
      await next;
    }
  };
  const running = run();

  return {
    get inFlight() {
      return underWay.size;
    },
    async close() {
      clearInterval(timer);
      closing.abort();
      await running;
      const grace = setTimeout(() => breakingOff.abort(), closeGraceMs);
      await Promise.all(underWay);
      clearTimeout(grace);
    },
  };
}
