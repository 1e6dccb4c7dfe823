import type { DataSource } from 'typeorm';
import { poolQuery } from '../database/transaction.js';
import type { Wake } from '../events/wake.js';
import { createNetworkRules, type PrivateAllowance } from '../outbound/network-rules.js';
import { createDeliver } from './deliver.js';
import { type Dispatcher, startDispatcher } from './dispatcher.js';
import { retryDelaysSeconds } from './retries.js';
import { createSealedSecrets } from './sealed-secrets.js';
import { createWebhookSender, sendTimeoutMs } from './send.js';
import { createWebhookService, type WebhookService } from './webhook.service.js';

const defaultPollIntervalMs = 1_000;
/** Time for recording an attempt, in addition to the time that its request may take. */
const recordingSeconds = 20;

/** The webhooks of one API process: the service for its mutations, and the dispatcher of deliveries. */
export interface Webhooks {
  readonly service: WebhookService;
  readonly dispatcher: Pick<Dispatcher, 'inFlight'>;
  close(): Promise<void>;
}

export function startWebhooks(options: {
  readonly dataSource: DataSource;
  readonly due: Wake;
  readonly serverSecret: Buffer;
  readonly allowPrivate: PrivateAllowance;
  readonly version: string;
  readonly log: (message: string) => void;
  readonly pollIntervalMs?: number;
  readonly retryDelaysSeconds?: readonly number[];
  readonly timeoutMs?: number;
  readonly closeGraceMs?: number;
  readonly lookup?: NonNullable<Parameters<typeof createWebhookSender>[0]['lookup']>;
  readonly random?: () => number;
}): Webhooks {
  const { dataSource, due, log } = options;
  const query = poolQuery(dataSource);
  const rules = createNetworkRules(options.allowPrivate);
  const secrets = createSealedSecrets(options.serverSecret);
  const timeoutMs = options.timeoutMs ?? sendTimeoutMs;
  const leaseSeconds = timeoutMs / 1000 + recordingSeconds;
  const stopping = new AbortController();
  const sender = createWebhookSender({
    rules,
    timeoutMs,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  const deliver = createDeliver({
    dataSource,
    sender,
    secrets,
    retryDelaysSeconds: options.retryDelaysSeconds ?? retryDelaysSeconds,
    userAgent: `Attune/${options.version}`,
    random: options.random ?? Math.random,
    now: () => new Date(),
  });
  const dispatcher = startDispatcher({
    query,
    deliver,
    due,
    pollIntervalMs: options.pollIntervalMs ?? defaultPollIntervalMs,
    leaseSeconds,
    ...(options.closeGraceMs === undefined ? {} : { closeGraceMs: options.closeGraceMs }),
    log,
  });
  return {
    service: createWebhookService({
      dataSource,
      query,
      rules,
      secrets,
      deliver,
      leaseSeconds,
      stopping: stopping.signal,
    }),
    dispatcher,
    async close() {
      stopping.abort();
      await dispatcher.close();
      await sender.close();
    },
  };
}
