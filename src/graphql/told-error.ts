import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { type LogUnexpected, maskError } from './mask-error.js';
import { withoutSuggestions } from './without-suggestions.js';

/**
 * An error as a client sees it over WebSocket or in an event stream, as Apollo tells it in other answers: masked, and
 * without the status and headers that an answer of its own would have (`http`).
 *
 * @param suggestions whether the message may suggest names of the schema
 */
export function toldError(
  error: GraphQLError,
  { suggestions }: { readonly suggestions: boolean },
  log: LogUnexpected,
): GraphQLFormattedError {
  const { extensions, ...masked } = maskError(error, log);
  const { http: _, ...told } = extensions ?? {};
  const formatted = { ...masked, extensions: told };
  return suggestions ? formatted : withoutSuggestions(formatted);
}
