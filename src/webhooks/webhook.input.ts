import { Field, ID, InputType } from 'type-graphql';
import type { ProjectEventKind } from '../activity/project-event.js';
import { ProjectEventKindEnum } from '../activity/project-event-kind.type.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import type { RunStatus } from '../protocol/run-status.js';

const urlDescription =
  'Where to POST: an https URL without credentials, on port 443, 80 or one from 1024 on. Private networks are refused unless the operator of the server allows them.';

const statusesDescription =
  'Of events that have a status, only those with one of these: EXPERIMENT_STATUS_CHANGED by the new status, the FINISHED kinds by how it ended. Events without a status are not narrowed.';
const tagsDescription =
  'Of events about an experiment, or about the model that one gave, only those of experiments that have one of these tags when it happens. Other events are not narrowed.';

@InputType({ description: 'A webhook to create: where to send which events of a project.' })
export class CreateWebhookInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: urlDescription })
  url!: string;

  @Field(() => [ProjectEventKindEnum], { description: 'The kinds of events to send, at least one.' })
  events!: ProjectEventKind[];

  @Field(() => [RunStatusEnum], { nullable: true, description: `${statusesDescription} Default: all.` })
  statuses?: RunStatus[] | null;

  @Field(() => [String], { nullable: true, description: `${tagsDescription} Default: all.` })
  experimentTags?: string[] | null;

  @Field(() => String, { defaultValue: '', description: 'What the webhook is for, at most 500 characters.' })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The secret to sign with: `whsec_` and the base64 of 24 to 64 random bytes. Default: a new one.',
  })
  secret!: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'What to change about a webhook. Fields that are left out stay as they are.' })
export class UpdateWebhookInput {
  @Field(() => ID, { description: 'The webhook.' })
  webhookId!: string;

  @Field(() => String, { nullable: true, description: urlDescription })
  url!: string | null;

  @Field(() => [ProjectEventKindEnum], { nullable: true, description: 'The kinds of events to send, at least one.' })
  events!: ProjectEventKind[] | null;

  @Field(() => [RunStatusEnum], { nullable: true, description: `${statusesDescription} Null: all from now on.` })
  statuses?: RunStatus[] | null;

  @Field(() => [String], { nullable: true, description: `${tagsDescription} Null: all from now on.` })
  experimentTags?: string[] | null;

  @Field(() => String, { nullable: true, description: 'What the webhook is for, at most 500 characters.' })
  description!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'False: nothing more is sent, and deliveries that are still pending fail. True: events are sent again, even after the webhook was disabled for failing; events of the time between are not sent.',
  })
  enabled!: boolean | null;
}

@InputType({ description: 'A webhook to act on.' })
export class WebhookActionInput {
  @Field(() => ID, { description: 'The webhook.' })
  webhookId!: string;
}

@InputType({ description: 'A webhook, and the secret that it signs with from now on.' })
export class RotateWebhookSecretInput {
  @Field(() => ID, { description: 'The webhook.' })
  webhookId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The new secret: `whsec_` and the base64 of 24 to 64 random bytes. Default: a new one.',
  })
  secret!: string | null;
}

@InputType({ description: 'A delivery to act on.' })
export class WebhookDeliveryActionInput {
  @Field(() => ID, { description: 'The delivery.' })
  deliveryId!: string;
}
