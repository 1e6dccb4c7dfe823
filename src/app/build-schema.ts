import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { NonEmptyArray, PubSub, ResolverData } from 'type-graphql';
import { buildSchemaSync } from 'type-graphql';
import { compilePolicies } from '../access/compile-policies.js';
import type { GraphQLContext } from '../access/context.js';
import { policies } from './policies.js';
import { resolvers } from './resolvers.js';

const rootDescriptions = {
  Query: 'Queries, which change nothing.',
  Mutation: 'Mutations. Each takes one input, and returns the changed object or typed problems.',
  Subscription:
    'Live events at the same path, over WebSocket by the graphql-transport-ws protocol, or as server-sent events.',
};

let built: GraphQLSchema | null = null;

/** The schema, which is built once in a process: that takes hundreds of milliseconds. Not to be changed. */
export function graphQLSchema(): GraphQLSchema {
  built ??= buildGraphQLSchema();
  return built;
}

/**
 * A schema of one's own. It holds no services: the context of an operation brings the instances of resolvers that
 * execute it.
 */
export function buildGraphQLSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: resolvers.map(({ Resolver }) => Resolver) as unknown as NonEmptyArray<new () => object>,
    container: {
      get: (resolverClass, { context }: ResolverData<GraphQLContext>) => context.resolvers.get(resolverClass),
    },
    // Apollo Server checks the schema that it starts with; here an introspection of the whole schema would be executed.
    skipCheck: true,
    // The services check values, because they hold the rules and answer with typed problems.
    validate: false,
    // type-graphql requires a pubSub wherever there are subscriptions; our subscriptions bring their own feeds, and
    // nothing is published here.
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
