import type { DataSource } from 'typeorm';
import type { ProjectEventKind } from '../../src/activity/project-event.js';
import { entities } from '../../src/app/entities.js';
import { openEvents } from '../../src/app/open-events.js';
import { createDataSource } from '../../src/database/data-source.js';
import { poolQuery } from '../../src/database/transaction.js';
import { globalId } from '../../src/graphql/global-id.js';
import { parsePrivateAllowance } from '../../src/outbound/network-rules.js';
import { ensureDefaultProject } from '../../src/projects/default-project.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { startWebhooks, type Webhooks } from '../../src/webhooks/index.js';
import type { DeliveryState } from '../../src/webhooks/webhook.reads.js';
import type { TestWebhookOptions } from './api.js';

/** The webhooks of an API process, with connections of its own. It delivers to this machine. */
export interface WebhookServer extends AsyncDisposable {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly projectId: string;
  readonly webhooks: Webhooks;
  readonly log: readonly string[];
  /** Creates a webhook; returns its row id, its global id and its secret. */
  addWebhook(url: string, events?: ProjectEventKind[]): Promise<{ uuid: string; id: string; secret: string }>;
  /** Ends the database connections, as a killed process would: nothing is recorded afterwards. */
  kill(): Promise<void>;
}

const serverSecret = Buffer.alloc(32, 1);

export async function startWebhookServer(
  databaseUrl: string,
  options: TestWebhookOptions = {},
): Promise<WebhookServer> {
  const dataSource = await createDataSource({ url: databaseUrl, entities }).initialize();
  const projectId = await ensureDefaultProject(dataSource);
  const query = poolQuery(dataSource);
  const log: string[] = [];
  const note = (line: string): void => {
    log.push(line);
  };
  const events = openEvents({ databaseUrl, query, log: note });
  await events.ready;
  const webhooks = startWebhooks({
    serverSecret,
    allowPrivate: parsePrivateAllowance('127.0.0.0/8')!,
    closeGraceMs: 0,
    random: () => 0.5,
    ...options,
    dataSource,
    due: events.webhooksDue,
    version: '0.0.0-test',
    log: note,
  });
  return {
    dataSource,
    query,
    projectId,
    webhooks,
    log,
    async addWebhook(url, kinds = ['base_model.registered']) {
      const { id, secret } = await webhooks.service.createWebhook({
        projectSlug: 'default',
        url,
        events: kinds,
        description: '',
        secret: null,
        idempotencyKey: null,
      });
      return { uuid: id, id: globalId('Webhook', id), secret: secret! };
    },
    kill: () => dataSource.destroy(),
    async [Symbol.asyncDispose]() {
      await webhooks.close();
      await events.close();
      if (dataSource.isInitialized) await dataSource.destroy();
    },
  };
}

export interface DeliveryLog {
  readonly id: string;
  readonly state: DeliveryState;
  readonly failures: number;
  /** Seconds from the end of the last attempt to the next one. */
  readonly delaySeconds: number;
  readonly attempts: readonly { number: number; statusCode: number | null; failure: string | null }[];
}

/** The deliveries of a webhook, oldest first, once `accept` accepts them. */
export async function deliveriesWhen(
  query: Query,
  webhookId: string,
  accept: (deliveries: readonly DeliveryLog[]) => boolean,
): Promise<readonly DeliveryLog[]> {
  for (;;) {
    const found = await query<DeliveryLog>(
      `SELECT d.id, d.state, d.failures,
              (SELECT extract(epoch FROM d.next_attempt_at - max(a.at) - make_interval(secs => max(a.duration_ms) / 1000.0))::float8
                 FROM webhook_attempts a WHERE a.delivery_id = d.id AND a.number = d.attempt) AS "delaySeconds",
              (SELECT coalesce(json_agg(json_build_object('number', a.number, 'statusCode', a.status_code, 'failure', a.failure) ORDER BY a.number), '[]')
                 FROM webhook_attempts a WHERE a.delivery_id = d.id) AS attempts
         FROM webhook_deliveries d WHERE d.webhook_id = $1 ORDER BY d.created_at, d.event_seq`,
      [webhookId],
    );
    if (accept(found)) return found;
  }
}

export const allSettled = (deliveries: readonly DeliveryLog[]): boolean =>
  deliveries.length > 0 && deliveries.every(({ state }) => state !== 'PENDING');

/** Lets time pass, on the database's clock: waiting retries become due, and claims expire. */
export async function passTime(query: Query): Promise<void> {
  await query(
    `WITH due AS (UPDATE webhook_deliveries SET next_attempt_at = now(), claimed_until = now() - interval '1 second'
                   WHERE state = 'PENDING')
     SELECT pg_notify('attune_webhooks', '')`,
  );
}
