import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import Negotiator from 'negotiator';
import { answerText } from './handler.js';

const mediaTypes = ['application/json', 'application/graphql-response+json'] as const;

/**
 * Answers with a GraphQL error before any operation is parsed, with the status and headers of the error's `http`
 * extension.
 */
export function answerWithError(request: IncomingMessage, response: ServerResponse, error: GraphQLError): void {
  const { http, ...extensions } = error.extensions as {
    readonly http?: { readonly status?: number; readonly headers?: HeaderMap };
  };
  const mediaType = new Negotiator(request).mediaType([...mediaTypes]) ?? mediaTypes[0];
  for (const [name, value] of http?.headers ?? new HeaderMap()) response.setHeader(name, value);
  response.statusCode = http?.status ?? 400;
  response.setHeader('cache-control', 'no-store');
  answerText(response, mediaType, JSON.stringify({ errors: [{ message: error.message, extensions }] }));
}
