import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ProjectEventKind } from '../activity/project-event.js';
import { ProjectEventKindEnum } from '../activity/project-event-kind.type.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { DisabledReason, WebhookRow } from './webhook.reads.js';
import { WebhookDeliveryType } from './webhook-delivery.type.js';

const DisabledReasonEnum = { BY_USER: 'BY_USER', GONE: 'GONE', FAILING: 'FAILING' } as const satisfies Record<
  DisabledReason,
  DisabledReason
>;

registerEnumType(DisabledReasonEnum, {
  name: 'WebhookDisabledReason',
  description: 'Why a webhook is disabled.',
  valuesConfig: {
    BY_USER: { description: 'A user disabled it.' },
    GONE: { description: 'The receiver answered 410 (Gone).' },
    FAILING: { description: 'Every attempt has failed for five days.' },
  },
});

@ObjectType('Webhook', {
  description: 'A URL that events of a project are sent to, signed; see docs/webhooks.md.',
  implements: Node,
  simpleResolvers: true,
})
export class WebhookType extends Node {
  /** The row's id, for resolvers; not part of the graph. */
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;

  @Field(() => String, { description: "Where events are POSTed, in the URL standard's normal form." })
  url!: string;

  @Field(() => String, { description: 'What the webhook is for; empty without a description.' })
  description!: string;

  @Field(() => [ProjectEventKindEnum], { description: 'The kinds of events that are sent.' })
  events!: readonly ProjectEventKind[];

  @Field(() => [RunStatusEnum], {
    nullable: true,
    description: 'Of events that have a status, only those with one of these are sent; null: all.',
  })
  statuses!: readonly RunStatus[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Of events about an experiment, or about the model that one gave, only those of experiments with one of these tags are sent; null: all.',
  })
  experimentTags!: readonly string[] | null;

  @Field(() => Boolean, { description: 'Whether events are sent.' })
  enabled!: boolean;

  @Field(() => DisabledReasonEnum, {
    nullable: true,
    description: 'Why the webhook is disabled; null when it is enabled.',
  })
  disabledReason!: DisabledReason | null;

  @Field(() => Int, { description: 'Failed attempts, of any delivery, since the last success.' })
  consecutiveFailures!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when every attempt has failed; null when the last attempt succeeded, or none was made.',
  })
  failingSince!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when the webhook also signs with the secret before the last rotation; null when it does not.',
  })
  previousSecretUntil!: Date | null;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;
}

export const webhooks = connectionOf('Webhook', 'webhooks', WebhookType);

@ObjectType('WebhookSecret', { description: 'A webhook, and the secret that it signs with.', simpleResolvers: true })
export class WebhookSecretType {
  projectUuid!: string;

  @Field(() => WebhookType, { description: 'The webhook.' })
  webhook!: WebhookType;

  @Field(() => String, {
    nullable: true,
    description:
      'The secret. Only this answer shows it; null when this call repeats an earlier one (rotate the secret if the first answer was lost).',
  })
  secret!: string | null;
}

@ObjectType('DeletedWebhook', { description: 'A webhook that was removed.', simpleResolvers: true })
export class DeletedWebhookType {
  projectUuid!: string;

  @Field(() => ID, { description: 'The id that the webhook had.' })
  webhookId!: string;
}

export const createWebhookResult = resultUnion(
  'CreateWebhookResult',
  'The webhook with its secret; or why it was not created.',
  WebhookSecretType,
);
export const updateWebhookResult = resultUnion(
  'UpdateWebhookResult',
  'The changed webhook; or why nothing was changed.',
  WebhookType,
);
export const deleteWebhookResult = resultUnion(
  'DeleteWebhookResult',
  'The removed webhook; or why it was not removed.',
  DeletedWebhookType,
);
export const rotateWebhookSecretResult = resultUnion(
  'RotateWebhookSecretResult',
  'The webhook with its new secret; or why the secret was not rotated.',
  WebhookSecretType,
);
export const testWebhookResult = resultUnion(
  'TestWebhookResult',
  'The ping with its outcome; or why none was sent.',
  WebhookDeliveryType,
);
export const redeliverWebhookResult = resultUnion(
  'RedeliverWebhookResult',
  'The delivery, pending again; or why it was not sent again.',
  WebhookDeliveryType,
);

export function toWebhookType({ id, projectId, createdBy, ...row }: WebhookRow): WebhookType {
  return Object.assign(new WebhookType(), row, {
    id: globalId('Webhook', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    enabled: row.disabledReason === null,
  });
}
