import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { NonEmptyArray, PubSub } from 'type-graphql';
import { buildSchemaSync } from 'type-graphql';
import { compilePolicies } from '../access/compile-policies.js';
import { policies } from './policies.js';
import { resolvers } from './resolvers.js';
import type { Services } from './services.js';

const rootDescriptions = {
  Query: 'Queries, which change nothing.',
  Mutation: 'Mutations. Each takes one input, and returns the changed object or typed problems.',
  Subscription:
    'Live events at the same path, over WebSocket by the graphql-transport-ws protocol, or as server-sent events.',
};

/**
 * The schema, with resolvers that use these services. Without services the schema can be printed, and documents
 * validated against it, but no operation executed.
 */
export function buildGraphQLSchema(services?: Services): GraphQLSchema {
  const instances = new Map<unknown, object>(
    services === undefined ? [] : resolvers.map(({ Resolver, make }) => [Resolver, make(services)]),
  );
  const schema = buildSchemaSync({
    resolvers: resolvers.map(({ Resolver }) => Resolver) as unknown as NonEmptyArray<new () => object>,
    container: { get: (resolverClass) => instances.get(resolverClass) },
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
