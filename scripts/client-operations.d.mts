import type { GraphQLSchema } from 'graphql';

export function generateOperations(
  schema: GraphQLSchema,
  sources: readonly { readonly name: string; readonly text: string }[],
  client: string,
): Promise<string>;
