import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { checkTags, tidyTags } from '../organizing/names-and-tags.js';
import type { NetworkRules } from '../outbound/network-rules.js';
import { normalizedUrl } from '../outbound/outbound-url.js';
import { generateSecret, keyOfSecret, secretForm } from '../outbound/signature.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import { channels } from '../protocol/channels.js';
import type { Query } from '../protocol/sql/query.js';
import { claimPing } from './claim-deliveries.js';
import type { Deliver } from './deliver.js';
import { pingKind } from './delivery-body.js';
import { failPending } from './record-attempt.js';
import type { SealedSecrets } from './sealed-secrets.js';
import type {
  CreateWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookInput,
  WebhookActionInput,
  WebhookDeliveryActionInput,
} from './webhook.input.js';
import { deliveriesByIds, requireWebhook } from './webhook.reads.js';
import { checkWebhookUrl } from './webhook-url.js';

const maxWebhooksPerProject = 50;
const maxDescriptionLength = 500;
/**
 * How long a webhook also signs with its former secret after a rotation, so that the receiver can be given the new one.
 */
const secretOverlap = '24 hours';

/**
 * Webhooks, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface WebhookService {
  /** `secret` is null when the call repeats an earlier one. */
  createWebhook(input: CreateWebhookInput): Promise<{ readonly id: string; readonly secret: string | null }>;
  updateWebhook(input: UpdateWebhookInput): Promise<string>;
  deleteWebhook(input: WebhookActionInput): Promise<{ readonly projectId: string }>;
  rotateWebhookSecret(input: RotateWebhookSecretInput): Promise<{ readonly id: string; readonly secret: string }>;
  /** Returns the id of the ping's delivery once it is settled. */
  testWebhook(input: WebhookActionInput): Promise<string>;
  /** Returns the delivery's id. */
  redeliverWebhook(input: WebhookDeliveryActionInput): Promise<string>;
}

export function createWebhookService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly rules: NetworkRules;
  readonly secrets: SealedSecrets;
  readonly deliver: Deliver;
  readonly leaseSeconds: number;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}): WebhookService {
  const { dataSource, query, rules, secrets, deliver, leaseSeconds, stopping } = options;
  return {
    async createWebhook(input) {
      const project = await requireProject(query, input.projectSlug);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: project.id,
        operation: 'createWebhook',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return { id: first, secret: null };
      refuse([
        ...checkWebhookUrl(input.url, rules, ['url']),
        ...checkEvents(input.events),
        ...checkNarrowing(input),
        ...checkDescription(input.description),
        ...checkSecret(input.secret),
      ]);
      const secret = input.secret ?? generateSecret();
      const newId = randomUUID();
      const id = await inTransaction(dataSource, async (transaction) => {
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        await checkRoom(transaction.query, project.id);
        const { description } = input;
        const url = normalizedUrl(input.url);
        await transaction.query(
          `INSERT INTO webhooks (id, project_id, url, description, events, secret, created_by, statuses, experiment_tags)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            newId,
            project.id,
            url,
            description,
            [...new Set(input.events)],
            secrets.seal(newId, secret),
            actorId(),
            input.statuses == null ? null : [...new Set(input.statuses)],
            input.experimentTags == null ? null : tidyTags(input.experimentTags),
          ],
        );
        return newId;
      });
      return { id, secret: id === newId ? secret : null };
    },

    async updateWebhook({ webhookId, url, events, description, enabled, statuses, experimentTags }) {
      const { id } = await requireWebhook(query, webhookId, ['webhookId']);
      refuse([
        ...(url == null ? [] : checkWebhookUrl(url, rules, ['url'])),
        ...(events == null ? [] : checkEvents(events)),
        ...checkNarrowing({ statuses, experimentTags }),
        ...(description == null ? [] : checkDescription(description)),
      ]);
      await inTransaction(dataSource, async (transaction) => {
        await transaction.query(
          `UPDATE webhooks
              SET url = coalesce($2, url), events = coalesce($3, events), description = coalesce($4, description),
                  statuses = CASE WHEN $6 THEN $7 ELSE statuses END,
                  experiment_tags = CASE WHEN $8 THEN $9 ELSE experiment_tags END,
                  disabled_reason = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN coalesce(disabled_reason, 'BY_USER') ELSE disabled_reason END,
                  failures_in_a_row = CASE WHEN $5 AND disabled_reason IS NOT NULL THEN 0 ELSE failures_in_a_row END,
                  failing_since = CASE WHEN $5 AND disabled_reason IS NOT NULL THEN NULL ELSE failing_since END
            WHERE id = $1`,
          [
            id,
            url == null ? null : normalizedUrl(url),
            events == null ? null : [...new Set(events)],
            description ?? null,
            enabled ?? null,
            statuses !== undefined,
            statuses == null ? null : [...new Set(statuses)],
            experimentTags !== undefined,
            experimentTags == null ? null : tidyTags(experimentTags),
          ],
        );
        if (enabled === false) await failPending(transaction.query, id);
      });
      return id;
    },

    async deleteWebhook({ webhookId }) {
      const { id, projectId } = await requireWebhook(query, webhookId, ['webhookId']);
      await inTransaction(dataSource, (transaction) => transaction.query('DELETE FROM webhooks WHERE id = $1', [id]));
      return { projectId };
    },

    async rotateWebhookSecret({ webhookId, secret: wanted }) {
      const { id } = await requireWebhook(query, webhookId, ['webhookId']);
      refuse(checkSecret(wanted));
      const secret = wanted ?? generateSecret();
      await inTransaction(dataSource, (transaction) =>
        transaction.query(
          `UPDATE webhooks SET previous_secret = secret, previous_secret_until = now() + $3::interval, secret = $2 WHERE id = $1`,
          [id, secrets.seal(id, secret), secretOverlap],
        ),
      );
      return { id, secret };
    },

    async testWebhook({ webhookId }) {
      const { id: webhook } = await requireWebhook(query, webhookId, ['webhookId']);
      const claimed = await inTransaction(dataSource, (transaction) =>
        claimPing(transaction.query, { id: randomUUID(), webhookId: webhook, leaseSeconds }),
      );
      await deliver(claimed, stopping);
      return claimed.id;
    },

    async redeliverWebhook({ deliveryId }) {
      const path = ['deliveryId'];
      const [delivery] = await deliveriesByIds(query, [rowId('WebhookDelivery', deliveryId, path)]);
      if (delivery === undefined) refuse([problem(path, 'NOT_FOUND', 'There is no delivery with this id.')]);
      await inTransaction(dataSource, async (transaction) => {
        const [row] = await transaction.query<{ state: string; kind: string; enabled: boolean }>(
          `SELECT d.state, d.kind, w.disabled_reason IS NULL AS enabled
             FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = $1 FOR UPDATE OF d`,
          [delivery.id],
        );
        refuse(checkRedelivery(row, path));
        await transaction.query(
          `UPDATE webhook_deliveries
              SET state = 'PENDING', failures = 0, settled_at = NULL, claimed_until = NULL, next_attempt_at = now() WHERE id = $1`,
          [delivery.id],
        );
        await transaction.query('SELECT pg_notify($1, $2)', [channels.webhooks, '']);
      });
      return delivery.id;
    },
  };
}

function refuse(problems: readonly [InputProblem, ...InputProblem[]]): never;
function refuse(problems: readonly InputProblem[]): void;
function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}

function checkEvents(events: readonly string[]): readonly InputProblem[] {
  return events.length === 0 ? [problem(['events'], 'REQUIRED', 'A webhook needs at least one kind of events.')] : [];
}

/** An empty list would send nothing, which is what `enabled: false` says. */
function checkNarrowing({
  statuses,
  experimentTags,
}: Pick<CreateWebhookInput, 'statuses' | 'experimentTags'>): readonly InputProblem[] {
  const empty = (field: string): InputProblem =>
    problem([field], 'REQUIRED', 'An empty list lets no event through.', 'Leave it out, or send null, for all.');
  return [
    ...(statuses?.length === 0 ? [empty('statuses')] : []),
    ...(experimentTags?.length === 0 ? [empty('experimentTags')] : []),
    ...checkTags(experimentTags ?? [], ['experimentTags']),
  ];
}

function checkDescription(description: string): readonly InputProblem[] {
  if (description.length <= maxDescriptionLength) return [];
  return [problem(['description'], 'TOO_LONG', `A description has at most ${maxDescriptionLength} characters.`)];
}

/** The problem does not repeat the value, which is secret. */
function checkSecret(secret: string | null | undefined): readonly InputProblem[] {
  if (secret == null || keyOfSecret(secret) !== null) return [];
  return [problem(['secret'], 'INVALID_VALUE', `A secret is ${secretForm}.`, 'Leave it out to get a new one.')];
}

async function checkRoom(query: Query, projectId: string): Promise<void> {
  // The project is locked first, so that of two simultaneous calls the second counts the webhook of the first.
  await query('SELECT 1 FROM projects WHERE id = $1 FOR NO KEY UPDATE', [projectId]);
  const [row] = await query<{ count: number }>('SELECT count(*)::int AS count FROM webhooks WHERE project_id = $1', [
    projectId,
  ]);
  if (row!.count < maxWebhooksPerProject) return;
  const message = `A project has at most ${maxWebhooksPerProject} webhooks.`;
  refuse([problem(['projectSlug'], 'QUOTA_EXCEEDED', message, 'Delete a webhook that is no longer needed.')]);
}

function checkRedelivery(
  delivery: { readonly state: string; readonly kind: string; readonly enabled: boolean } | undefined,
  path: readonly string[],
): readonly InputProblem[] {
  if (delivery === undefined) return [problem(path, 'NOT_FOUND', 'There is no delivery with this id.')];
  if (delivery.state === 'PENDING') return [problem(path, 'CONFLICT', 'This delivery is still pending.')];
  if (delivery.kind === pingKind)
    return [problem(path, 'CONFLICT', 'A ping can not be sent again.', 'Send a new ping.')];
  if (!delivery.enabled)
    return [problem(path, 'CONFLICT', 'The webhook of this delivery is disabled.', 'Enable the webhook first.')];
  return [];
}
