import { GraphQLError } from 'graphql';

/** Checks that an argument of a query lies in its range. Throws a GraphQL error BAD_USER_INPUT. */
export function checkRange(argument: string, value: number, min: number, max: number): number {
  if (value < min || value > max) {
    throw new GraphQLError(`\`${argument}\` must be from ${min} to ${max}.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return value;
}
