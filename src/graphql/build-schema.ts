import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { PubSub } from 'type-graphql';
import { buildSchemaSync } from 'type-graphql';
import { ProjectResolver } from '../access/project.resolver.js';
import { ProjectActivityResolver } from '../activity/project-activity.resolver.js';
import { projectEventResolvers } from '../activity/project-event.resolver.js';
import { DatasetResolver } from '../datasets/dataset.resolver.js';
import { ColumnResolver, DatasetVersionResolver } from '../datasets/dataset-version.resolver.js';
import { EvaluationResolver } from '../evaluations/evaluation.resolver.js';
import { PredictionResolver } from '../evaluations/prediction.resolver.js';
import { ExperimentResolver } from '../experiments/experiment.resolver.js';
import { ExperimentCommandsResolver } from '../experiments/experiment-commands.resolver.js';
import { ExperimentEventsResolver } from '../experiments/experiment-events.resolver.js';
import { ExperimentMetricsResolver } from '../experiments/experiment-metrics.resolver.js';
import { ExperimentTagsResolver, OrganizingResolver } from '../experiments/organizing.resolver.js';
import { BaseModelResolver } from '../models/base-model.resolver.js';
import { TokenizationResolver, TokenizerResolver } from '../models/tokenizer.resolver.js';
import { ServerInfoResolver } from '../server/server-info.resolver.js';
import { ModelExportResolver } from '../transfers/model-export.resolver.js';
import { ModelImportResolver } from '../transfers/model-import.resolver.js';
import { NodeResolver } from './node.resolver.js';

const resolverClasses = [
  NodeResolver,
  ProjectResolver,
  DatasetResolver,
  DatasetVersionResolver,
  ColumnResolver,
  BaseModelResolver,
  TokenizerResolver,
  TokenizationResolver,
  ExperimentResolver,
  ExperimentMetricsResolver,
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
  ServerInfoResolver,
] as const;

export type ResolverInstance = InstanceType<(typeof resolverClasses)[number]>;

const rootDescriptions = {
  Query: 'Reads. Nothing here changes anything.',
  Mutation: 'Changes. Each takes one input, and returns the changed object or typed problems.',
  Subscription: 'Live events, over WebSocket by the graphql-transport-ws protocol at the same path.',
};

/** The schema on these resolvers. Without any, it can be printed and validated against, but not executed. */
export function buildGraphQLSchema(resolvers: readonly ResolverInstance[]): GraphQLSchema {
  const instances = new Map(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...resolverClasses] as [(typeof resolverClasses)[number], ...(typeof resolverClasses)[number][]],
    container: { get: (resolverClass) => instances.get(resolverClass) },
    // Values are checked where the rules are: by the services, which answer with typed problems.
    validate: false,
    // type-graphql wants one wherever there are subscriptions; ours bring their own feeds, and nothing is published here.
    pubSub: createPubSub() as PubSub,
  });
  markOneOf(schema);
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
