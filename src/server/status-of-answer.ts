import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import Negotiator from 'negotiator';

const mediaTypes = ['application/json', 'application/graphql-response+json'];

/**
 * Faults of a document or of its variables. A refusal, e.g. of a costly operation, is not one of them: it keeps its
 * status.
 */
const faultsOfOperation: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/** A document with too many tokens was refused, not found faulty; graphql-js marks it by this message alone. */
const tooLongToRead = /tokens\. Parsing aborted\.$/;

/**
 * Whether an answer with these errors and no data has status 200 for a client that accepts application/json. The
 * GraphQL over HTTP specification demands it for every well-formed request, because an intermediary could also answer
 * with that media type; with application/graphql-response+json the status is 400.
 */
function isWellFormed(accept: string | undefined, errors: readonly GraphQLFormattedError[]): boolean {
  const headers = accept === undefined ? {} : { accept };
  if (new Negotiator({ headers }).mediaType(mediaTypes) !== mediaTypes[0]) return false;
  return errors.every(
    ({ message, extensions }) => faultsOfOperation.has(extensions?.code) && !tooLongToRead.test(message),
  );
}

export const statusOfAnswer: ApolloServerPlugin<BaseContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ request, response: { http, body } }) {
        if (http.status !== 400 || body.kind !== 'single') return;
        const { errors = [] } = body.singleResult;
        if (isWellFormed(request.http?.headers.get('accept'), errors)) http.status = 200;
      },
    };
  },
};
