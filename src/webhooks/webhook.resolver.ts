import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { type ProjectEventType, ProjectEventUnion } from '../activity/project-event.type.js';
import { toProjectEventType } from '../activity/to-project-event-type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { ProjectType } from '../projects/project.type.js';
import {
  CreateWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookInput,
  WebhookActionInput,
  WebhookDeliveryActionInput,
} from './webhook.input.js';
import { shownAttempts } from './webhook.loaders.js';
import { type DeliveryState, isInState } from './webhook.reads.js';
import type { WebhookService } from './webhook.service.js';
import {
  createWebhookResult,
  DeletedWebhookType,
  deleteWebhookResult,
  redeliverWebhookResult,
  rotateWebhookSecretResult,
  testWebhookResult,
  toWebhookType,
  updateWebhookResult,
  WebhookSecretType,
  WebhookType,
  webhooks,
} from './webhook.type.js';
import {
  DeliveryStatusEnum,
  toWebhookAttemptType,
  toWebhookDeliveryType,
  WebhookAttemptType,
  WebhookDeliveryType,
  webhookDeliveries,
} from './webhook-delivery.type.js';

@Resolver(() => ProjectType)
export class ProjectWebhooksResolver {
  @FieldResolver(() => webhooks.Connection, {
    nullable: true,
    description:
      "The project's webhooks, newest first; null, beside an error, for viewers who may not administer the project.",
    complexity: pageComplexity,
  })
  webhooks(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.webhooks.ofProject,
      parent: project.uuid,
      page,
      toNode: toWebhookType,
      toConnection: webhooks.toConnection,
    });
  }
}

@Resolver(() => WebhookDeliveryType)
export class WebhookDeliveryResolver {
  @FieldResolver(() => WebhookType, { description: 'The webhook that the delivery is sent to.' })
  async webhook(@Root() delivery: WebhookDeliveryType, @Ctx() { loaders }: GraphQLContext): Promise<WebhookType> {
    return toWebhookType(await existing(loaders.webhooks.byId, delivery.webhookUuid));
  }

  @FieldResolver(() => ProjectEventUnion, {
    nullable: true,
    description: 'The event that the delivery reports; null for a ping.',
  })
  async event(
    @Root() delivery: WebhookDeliveryType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ProjectEventType | null> {
    const row = await loaders.webhooks.events.load(delivery.uuid);
    return row === null ? null : toProjectEventType(row.event);
  }

  @FieldResolver(() => [WebhookAttemptType], {
    description: `The attempts, the earliest first; at most the latest ${shownAttempts}.`,
  })
  async attempts(
    @Root() delivery: WebhookDeliveryType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<WebhookAttemptType[]> {
    const rows = await loaders.webhooks.attempts.load(delivery.uuid);
    return rows.map((row) => toWebhookAttemptType(delivery.projectUuid, row));
  }
}

@Resolver(() => WebhookType)
export class WebhookResolver {
  constructor(private readonly service: WebhookService) {}

  @FieldResolver(() => webhookDeliveries.Connection, {
    description: 'Deliveries to this webhook, sent or pending, newest first.',
    complexity: pageComplexity,
  })
  deliveries(
    @Root() webhook: WebhookType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => [DeliveryStatusEnum], {
      nullable: true,
      description: 'Only deliveries in one of these states.',
    })
    status: DeliveryState[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.webhooks.deliveries,
      parent: webhook.uuid,
      page,
      listing: { where: status == null ? [] : [isInState(status)] },
      toNode: toWebhookDeliveryType,
      toConnection: webhookDeliveries.toConnection,
    });
  }

  @Mutation(() => createWebhookResult, {
    description:
      'Creates a webhook, which sends events of a project to a URL from now on. Only this answer shows the secret to verify them with.',
  })
  createWebhook(
    @Arg('input', () => CreateWebhookInput, { description: 'Where to send which events.' }) input: CreateWebhookInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { id, secret } = await this.service.createWebhook(input);
      return withSecret(toWebhookType(await loaded(loaders.webhooks.byId, id)), secret);
    });
  }

  @Mutation(() => updateWebhookResult, { description: 'Changes a webhook, disables it, or enables it again.' })
  updateWebhook(
    @Arg('input', () => UpdateWebhookInput, { description: 'The webhook, and what to change.' })
    input: UpdateWebhookInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toWebhookType(await loaded(loaders.webhooks.byId, await this.service.updateWebhook(input))),
    );
  }

  @Mutation(() => deleteWebhookResult, {
    description:
      'Removes a webhook together with the log of its deliveries. Deliveries that are being sent may still arrive.',
  })
  deleteWebhook(@Arg('input', () => WebhookActionInput, { description: 'Which one.' }) input: WebhookActionInput) {
    return orProblems(async () => {
      const { projectId } = await this.service.deleteWebhook(input);
      return Object.assign(new DeletedWebhookType(), { projectUuid: projectId, webhookId: input.webhookId });
    });
  }

  @Mutation(() => rotateWebhookSecretResult, {
    description:
      'Gives a webhook a new secret. For 24 hours it also signs with the present one. Only this answer shows the new secret.',
  })
  rotateWebhookSecret(
    @Arg('input', () => RotateWebhookSecretInput, { description: 'Which one.' }) input: RotateWebhookSecretInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { id, secret } = await this.service.rotateWebhookSecret(input);
      return withSecret(toWebhookType(await loaded(loaders.webhooks.byId, id)), secret);
    });
  }

  @Mutation(() => testWebhookResult, {
    description:
      'Sends a ping at once, even to a disabled webhook, and waits for the outcome. A failed ping is not repeated.',
  })
  testWebhook(
    @Arg('input', () => WebhookActionInput, { description: 'Which one.' }) input: WebhookActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toWebhookDeliveryType(await loaded(loaders.webhooks.deliveryById, await this.service.testWebhook(input))),
    );
  }

  @Mutation(() => redeliverWebhookResult, {
    description:
      "Sends a settled delivery again, with the same webhook-id and body, all retries included, to the webhook's present URL.",
  })
  redeliverWebhook(
    @Arg('input', () => WebhookDeliveryActionInput, { description: 'Which one.' }) input: WebhookDeliveryActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toWebhookDeliveryType(await loaded(loaders.webhooks.deliveryById, await this.service.redeliverWebhook(input))),
    );
  }
}

function withSecret(webhook: WebhookType, secret: string | null): WebhookSecretType {
  return Object.assign(new WebhookSecretType(), { projectUuid: webhook.projectUuid, webhook, secret });
}
