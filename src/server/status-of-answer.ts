import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import Negotiator from 'negotiator';

const mediaTypes = ['application/json', 'application/graphql-response+json'];

/** Faults of a document or its variables. A refusal, e.g. of a costly operation, is none: it keeps its status. */
const faultsOfOperation: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/** A document that was not read to its end was refused, not found faulty; graphql-js has no other sign of it. */
const tooLongToRead = /tokens\. Parsing aborted\.$/;

/**
 * Whether an answer with these errors and no data has status 200 where the client takes application/json. The specification of GraphQL
 * over HTTP says so for all that was well-formed, because that media type could also come from something on the way; with
 * application/graphql-response+json the status is 400, and tells.
 */
export function isWellFormed(accept: string | undefined, errors: readonly GraphQLFormattedError[]): boolean {
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
