import type { GraphQLFormattedError } from 'graphql';

/** The suggestion that graphql-js appends to a message about an unknown name. */
const suggestion = / Did you mean [^?]+\?$/;

/** A validation error without the suggested names, for clients who may not read the schema: nobody guesses it. */
export function withoutSuggestions<E extends GraphQLFormattedError>(error: E): E {
  return suggestion.test(error.message) ? { ...error, message: error.message.replace(suggestion, '') } : error;
}
