import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { AttemptFailure } from './send.js';
import type { AttemptRow, DeliveryRow, DeliveryState } from './webhook.reads.js';

export const DeliveryStatusEnum = {
  PENDING: 'PENDING',
  DELIVERED: 'DELIVERED',
  FAILED: 'FAILED',
} as const satisfies Record<DeliveryState, DeliveryState>;

registerEnumType(DeliveryStatusEnum, {
  name: 'WebhookDeliveryStatus',
  description: 'The state of a delivery.',
  valuesConfig: {
    PENDING: { description: 'The delivery waits for its first attempt, or for another one.' },
    DELIVERED: { description: 'The receiver answered 2xx.' },
    FAILED: { description: 'The last attempt failed, or the webhook was disabled before.' },
  },
});

const AttemptFailureEnum = {
  BLOCKED: 'BLOCKED',
  UNREACHABLE: 'UNREACHABLE',
  TIMED_OUT: 'TIMED_OUT',
  REFUSED: 'REFUSED',
  INTERRUPTED: 'INTERRUPTED',
  SECRET_UNREADABLE: 'SECRET_UNREADABLE',
} as const satisfies Record<AttemptFailure, AttemptFailure>;

registerEnumType(AttemptFailureEnum, {
  name: 'WebhookAttemptFailure',
  description: 'Why an attempt failed.',
  valuesConfig: {
    BLOCKED: { description: 'The host has an address in a private network; nothing was sent.' },
    UNREACHABLE: { description: 'No connection, or one that broke off before a response came.' },
    TIMED_OUT: { description: 'No response came within 10 seconds.' },
    REFUSED: { description: 'The response was not 2xx. Redirects (3xx) are not followed.' },
    INTERRUPTED: {
      description: 'The server was stopped during the attempt. The attempt does not count, and is repeated.',
    },
    SECRET_UNREADABLE: {
      description: 'The secret to sign with can not be read, because ATTUNE_SECRET is another one. Rotate the secret.',
    },
  },
});

@ObjectType('WebhookAttempt', { description: 'One attempt at a delivery.', simpleResolvers: true })
export class WebhookAttemptType {
  projectUuid!: string;

  @Field(() => Int, { description: 'Counts from 1 within the delivery.' })
  number!: number;

  @Field(() => DateTime, { description: 'When the attempt began.' })
  at!: Date;

  @Field(() => Int, {
    nullable: true,
    description:
      'How long the attempt took, in milliseconds; null while it is running, and when the server died during it.',
  })
  durationMs!: number | null;

  @Field(() => Int, { nullable: true, description: 'HTTP status of the response; null when none came.' })
  statusCode!: number | null;

  @Field(() => AttemptFailureEnum, {
    nullable: true,
    description: 'Why the attempt failed; null when it succeeded, or is running.',
  })
  failure!: AttemptFailure | null;

  @Field(() => String, { nullable: true, description: 'The failure in words, in English.' })
  message!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The beginning of the body of the response, at most 4 KiB, as UTF-8; null when none came.',
  })
  responseExcerpt!: string | null;
}

@ObjectType('WebhookDelivery', {
  description: 'An event, or a ping, on its way to a webhook. Kept for 30 days after it was settled.',
  implements: Node,
  simpleResolvers: true,
})
export class WebhookDeliveryType extends Node {
  /** The row's id, for resolvers; not part of the graph. */
  uuid!: string;
  projectUuid!: string;
  webhookUuid!: string;

  @Field(() => String, {
    description: 'The header webhook-id. It is equal in all attempts, so that a receiver can recognize repetitions.',
  })
  messageId!: string;

  @Field(() => String, { description: 'The `type` in the body: the kind of the event, or `ping`.' })
  type!: string;

  @Field(() => DeliveryStatusEnum, { description: 'The state of the delivery.' })
  status!: DeliveryState;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the next attempt is due; null when the delivery is settled.',
  })
  nextAttemptAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The body of the request: JSON text, exactly the bytes that are signed; null before the first attempt.',
  })
  requestBody!: string | null;

  @Field(() => DateTime, { description: "When the delivery's event happened." })
  createdAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the delivery succeeded, or failed for good; null until then.',
  })
  settledAt!: Date | null;
}

export const webhookDeliveries = connectionOf('WebhookDelivery', 'deliveries', WebhookDeliveryType);

export function toWebhookDeliveryType(row: DeliveryRow): WebhookDeliveryType {
  return Object.assign(new WebhookDeliveryType(), {
    id: globalId('WebhookDelivery', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    webhookUuid: row.webhookId,
    messageId: row.id,
    type: row.kind,
    status: row.state,
    nextAttemptAt: row.nextAttemptAt,
    requestBody: row.body,
    createdAt: row.createdAt,
    settledAt: row.settledAt,
  });
}

export function toWebhookAttemptType(projectUuid: string, { deliveryId: _, ...row }: AttemptRow): WebhookAttemptType {
  return Object.assign(new WebhookAttemptType(), row, { projectUuid });
}
