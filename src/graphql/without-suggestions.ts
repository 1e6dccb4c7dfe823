import type { GraphQLFormattedError } from 'graphql';

/** What graphql-js adds to the end of a message about a name it does not know. */
const suggestion = / Did you mean [^?]+\?$/;

/**
 * An error of validation without the names that would have been right: the schema tells them to whoever may read it, and nobody is to learn
 * them by guessing.
 */
export function withoutSuggestions<E extends GraphQLFormattedError>(error: E): E {
  return suggestion.test(error.message) ? { ...error, message: error.message.replace(suggestion, '') } : error;
}
