import type { IncomingMessage } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { Response } from 'express';
import type { GraphQLError } from 'graphql';
import Negotiator from 'negotiator';

const mediaTypes = ['application/json', 'application/graphql-response+json'] as const;

/**
 * Answers with a GraphQL error before any operation is parsed, with the status and headers of the error's `http`
 * extension.
 */
export function answerWithError(request: IncomingMessage, response: Response, error: GraphQLError): void {
  const { http, ...extensions } = error.extensions as {
    readonly http?: { readonly status?: number; readonly headers?: HeaderMap };
  };
  const mediaType = new Negotiator(request).mediaType([...mediaTypes]) ?? mediaTypes[0];
  for (const [name, value] of http?.headers ?? new HeaderMap()) response.setHeader(name, value);
  response
    .status(http?.status ?? 400)
    .set('cache-control', 'no-store')
    .type(mediaType);
  response.send(JSON.stringify({ errors: [{ message: error.message, extensions }] }));
}
