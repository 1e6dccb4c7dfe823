import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { PubSub } from 'type-graphql';
import { buildSchemaSync } from 'type-graphql';
import { authorResolvers } from '../access/author.resolver.js';
import { belongingResolvers } from '../access/belonging.resolver.js';
import { compilePolicies } from '../access/compile-policies.js';
import { policies } from '../access/policies.js';
import { ProjectActivityResolver } from '../activity/project-activity.resolver.js';
import { projectEventResolvers } from '../activity/project-event.resolver.js';
import { DatasetResolver } from '../datasets/dataset.resolver.js';
import { ColumnResolver, DatasetVersionResolver } from '../datasets/dataset-version.resolver.js';
import { EvaluationResolver } from '../evaluations/evaluation.resolver.js';
import { PredictionResolver } from '../evaluations/prediction.resolver.js';
import { ComparedEvaluationsResolver } from '../experiments/comparison/compared-evaluations.resolver.js';
import { ComparisonResolver } from '../experiments/comparison/comparison.resolver.js';
import { DiffConfigurationResolver, ExperimentDiffResolver } from '../experiments/comparison/diff.resolver.js';
import { ExperimentResolver } from '../experiments/experiment.resolver.js';
import { ExperimentCommandsResolver } from '../experiments/experiment-commands.resolver.js';
import { ExperimentEventsResolver } from '../experiments/experiment-events.resolver.js';
import { ExperimentMetricsResolver } from '../experiments/experiment-metrics.resolver.js';
import { ExperimentTagsResolver, OrganizingResolver } from '../experiments/organizing.resolver.js';
import { BaseModelResolver } from '../models/base-model.resolver.js';
import { TokenizationResolver, TokenizerResolver } from '../models/tokenizer.resolver.js';
import { ApiKeyResolver, ProjectApiKeysResolver, ViewerApiKeysResolver } from '../people/api-key.resolver.js';
import { AuditEntryResolver, ProjectAuditResolver } from '../people/audit.resolver.js';
import { MemberResolver, ProjectMembersResolver } from '../people/member.resolver.js';
import { SessionResolver, ViewerSessionsResolver } from '../people/sign-in/session.resolver.js';
import { UserResolver } from '../people/user.resolver.js';
import { ViewerResolver, ViewerUserResolver } from '../people/viewer.resolver.js';
import { ProjectResolver } from '../projects/project.resolver.js';
import { ProjectCommandsResolver } from '../projects/project-commands.resolver.js';
import { ProjectQuotaResolver, ProjectUsageResolver } from '../projects/quota.resolver.js';
import { ServerInfoResolver } from '../server/server-info.resolver.js';
import { ModelExportResolver } from '../transfers/model-export.resolver.js';
import { ModelImportResolver } from '../transfers/model-import.resolver.js';
import { ProjectWebhooksResolver, WebhookDeliveryResolver, WebhookResolver } from '../webhooks/webhook.resolver.js';
import { NodeResolver } from './node.resolver.js';

const resolverClasses = [
  NodeResolver,
  ProjectResolver,
  ProjectCommandsResolver,
  ProjectMembersResolver,
  ProjectApiKeysResolver,
  ProjectAuditResolver,
  ViewerResolver,
  ViewerUserResolver,
  ViewerApiKeysResolver,
  ViewerSessionsResolver,
  SessionResolver,
  MemberResolver,
  ApiKeyResolver,
  AuditEntryResolver,
  UserResolver,
  ...authorResolvers,
  ...belongingResolvers,
  ProjectQuotaResolver,
  ProjectUsageResolver,
  DatasetResolver,
  DatasetVersionResolver,
  ColumnResolver,
  BaseModelResolver,
  TokenizerResolver,
  TokenizationResolver,
  ExperimentResolver,
  ExperimentMetricsResolver,
  ComparisonResolver,
  ComparedEvaluationsResolver,
  ExperimentDiffResolver,
  DiffConfigurationResolver,
  ExperimentCommandsResolver,
  ExperimentEventsResolver,
  OrganizingResolver,
  ExperimentTagsResolver,
  EvaluationResolver,
  PredictionResolver,
  ModelImportResolver,
  ModelExportResolver,
  ProjectActivityResolver,
  ...projectEventResolvers,
  ProjectWebhooksResolver,
  WebhookResolver,
  WebhookDeliveryResolver,
  ServerInfoResolver,
] as const;

/** Those that need nothing but the operation's context. */
const withoutDependencies = [
  ProjectMembersResolver,
  ProjectApiKeysResolver,
  ProjectAuditResolver,
  ViewerResolver,
  ViewerUserResolver,
  ViewerApiKeysResolver,
  ViewerSessionsResolver,
  AuditEntryResolver,
  ...authorResolvers,
  ...belongingResolvers,
];

export type ResolverInstance = InstanceType<(typeof resolverClasses)[number]>;

const rootDescriptions = {
  Query: 'Reads. Nothing here changes anything.',
  Mutation: 'Changes. Each takes one input, and returns the changed object or typed problems.',
  Subscription: 'Live events, over WebSocket by the graphql-transport-ws protocol at the same path.',
};

/** The schema on these resolvers. Without any, it can be printed and validated against, but not executed. */
export function buildGraphQLSchema(resolvers: readonly ResolverInstance[]): GraphQLSchema {
  const instances = new Map<unknown, object>(
    [...withoutDependencies.map((Resolver) => new Resolver()), ...resolvers].map((each) => [each.constructor, each]),
  );
  const schema = buildSchemaSync({
    resolvers: [...resolverClasses] as [(typeof resolverClasses)[number], ...(typeof resolverClasses)[number][]],
    container: { get: (resolverClass) => instances.get(resolverClass) },
    // Values are checked where the rules are: by the services, which answer with typed problems.
    validate: false,
    // type-graphql wants one wherever there are subscriptions; ours bring their own feeds, and nothing is published here.
    pubSub: createPubSub() as PubSub,
  });
  markOneOf(schema);
  compilePolicies(schema, policies);
  for (const [name, description] of Object.entries(rootDescriptions)) {
    (schema.getType(name) as GraphQLObjectType).description = description;
  }
  return schema;
}

/** type-graphql has no option for `@oneOf`; graphql-js reads this property. */
function markOneOf(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type instanceof GraphQLInputObjectType && type.extensions.oneOf === true) type.isOneOf = true;
  }
}
