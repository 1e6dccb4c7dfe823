import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { keyOfSecret, signatureHeaders } from '../outbound/signature.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import { eventBody, pingBody } from './delivery-body.js';
import { recordAttempt } from './record-attempt.js';
import type { SealedSecrets } from './sealed-secrets.js';
import type { AttemptOutcome, WebhookSender } from './send.js';

/**
 * Makes one attempt at a claimed delivery and records it. Throws when the attempt can't be recorded: then it is
 * repeated when the claim has expired.
 */
export type Deliver = (delivery: ClaimedDelivery, signal: AbortSignal) => Promise<void>;

export function createDeliver(options: {
  readonly dataSource: DataSource;
  readonly sender: Pick<WebhookSender, 'send'>;
  readonly secrets: SealedSecrets;
  readonly retryDelaysSeconds: readonly number[];
  readonly userAgent: string;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  readonly now: () => Date;
}): Deliver {
  const { dataSource, sender, secrets, retryDelaysSeconds, userAgent, random, now } = options;

  const attempt = async (delivery: ClaimedDelivery, body: string, signal: AbortSignal): Promise<AttemptOutcome> => {
    const { webhookId, url, secret, previousSecret } = delivery;
    const keys = [secret, ...(previousSecret === null ? [] : [previousSecret])].map((box) => {
      const opened = secrets.open(webhookId, box);
      return opened === null ? null : keyOfSecret(opened);
    });
    const usable = keys.filter((key) => key !== null);
    if (usable.length < keys.length) return unreadableSecret;
    const timestampSeconds = Math.floor(now().getTime() / 1000);
    const signed = signatureHeaders({ id: delivery.id, timestampSeconds, body }, usable);
    const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': userAgent, ...signed };
    return sender.send({ url, headers, body }, signal);
  };

  return async (delivery, signal) => {
    const body = delivery.body ?? bodyOf(delivery);
    const outcome = await attempt(delivery, body, signal);
    const sent = outcome.failure === 'SECRET_UNREADABLE' ? null : body;
    await inTransaction(dataSource, ({ query }) =>
      recordAttempt(query, { delivery, body: sent, outcome, retryDelaysSeconds, random: random() }),
    );
  };
}

function bodyOf({ id, webhookId, projectSlug, createdAt, event }: ClaimedDelivery): string {
  const message = { id, projectSlug };
  return event === null ? pingBody(message, createdAt, webhookId) : eventBody(message, event);
}

const unreadableSecret: AttemptOutcome = {
  failure: 'SECRET_UNREADABLE',
  message: 'The secret was sealed by a server with another ATTUNE_SECRET: rotate it, or give this server the same one.',
  durationMs: 0,
  statusCode: null,
  responseExcerpt: null,
};
