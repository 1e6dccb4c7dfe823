import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import { OperationScope } from '../database/operation-scope.js';
import { type DocumentRequest, type FindDocument, withoutPersistedQuery } from '../graphql/document-policy.js';
import { answerWithError } from './graphql-refusal.js';
import type { Handler, HttpRequest } from './handler.js';
import { payerOf, rateLimited } from './operation-cost.js';
import type { RateLimit } from './rate-limits.js';
import { requestContextOf } from './request-ids.js';

/** Refuses a viewer whose rate limit is used up, before the request's body is read. */
export function refuseSpent(rateLimit: RateLimit | null, viewerOf: (request: IncomingMessage) => Viewer): Handler {
  return (request, response, next) => {
    const payer = payerOf(viewerOf(request));
    const state = payer === null ? null : (rateLimit?.blocked(payer) ?? null);
    if (rateLimit === null || state === null) next();
    else answerWithError(request, response, rateLimited(rateLimit, state, null));
  };
}

/**
 * Ends a request whose body arrives too slowly: it could hold a connection for ever.
 * @param refuse answers such a request; default: with a GraphQL error
 */
export function withinBodyTime<Response extends ServerResponse = ServerResponse>(
  maxMs: number,
  refuse: (request: IncomingMessage, response: Response) => void = (request, response) =>
    answerWithError(request, response, tooSlow),
): (request: IncomingMessage, response: Response, next: () => void) => void {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      response.setHeader('connection', 'close');
      refuse(request, response);
      response.once('finish', () => request.destroy());
    }, maxMs);
    timer.unref();
    request.once('end', () => clearTimeout(timer));
    request.once('close', () => clearTimeout(timer));
    next();
  };
}

/** Runs the following handlers in the scope of an operation, which ends with the connection. */
export const withinOperationScope: Handler = (request, response, next) => {
  const scope = new OperationScope(requestContextOf(request));
  response.once('close', () => (response.writableFinished ? scope.close() : scope.abandon()));
  scope.run(next);
};

/** Refuses requests with more operations than one request may hold. */
export function limitBatch(maxBatchSize: number): Handler {
  return (request, response, next) => {
    if (!Array.isArray(request.body) || (maxBatchSize > 1 && request.body.length <= maxBatchSize)) next();
    else answerWithError(request, response, batchTooLarge(request.body.length, maxBatchSize));
  };
}

/** Replaces the id of a known document by its text in the request, or refuses the request. */
export function findDocuments(find: FindDocument): Handler {
  return (request, response, next) => {
    const refusal = request.method === 'GET' ? inSearch(request, find) : inBody(request, find);
    if (refusal === null) next();
    else answerWithError(request, response, refusal);
  };
}

function inBody(request: HttpRequest, find: FindDocument): GraphQLError | null {
  const operations: unknown[] = Array.isArray(request.body) ? request.body : [request.body];
  for (const operation of operations) {
    // Apollo reports what is wrong with this body.
    if (typeof operation !== 'object' || operation === null) continue;
    const body = operation as { query?: unknown; documentId?: unknown; extensions?: unknown };
    const found = find(body);
    if (found instanceof GraphQLError) return found;
    if (found === null) continue;
    body.query = found;
    delete body.documentId;
    if ('extensions' in body) body.extensions = withoutPersistedQuery(body.extensions);
  }
  return null;
}

function inSearch(request: HttpRequest, find: FindDocument): GraphQLError | null {
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const parameters = new URLSearchParams(search);
  const found = find(requestOf(parameters));
  if (found instanceof GraphQLError) return found;
  // Apollo refuses parameters that occur twice.
  if (found === null || parameters.getAll('query').length > 1) return null;
  const extensions = withoutPersistedQuery(jsonOf(parameters.get('extensions')));
  parameters.set('query', found);
  parameters.delete('documentId');
  if (extensions !== undefined) parameters.set('extensions', JSON.stringify(extensions));
  request.url = `${path}?${parameters.toString()}`;
  return null;
}

function requestOf(parameters: URLSearchParams): DocumentRequest {
  return {
    query: parameters.get('query'),
    documentId: parameters.get('documentId'),
    extensions: jsonOf(parameters.get('extensions')),
  };
}

/** The parsed text; undefined when it is not JSON, which Apollo reports. */
function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const tooSlow = new GraphQLError('The body of the request did not arrive in time.', {
  extensions: { code: 'REQUEST_TIMEOUT', http: { status: 408 } },
});

function batchTooLarge(actual: number, limit: number): GraphQLError {
  const message =
    limit > 1
      ? `The request has ${actual} operations; the limit is ${limit}. Send them in several requests.`
      : 'This server accepts one operation in a request: send them one by one.';
  return new GraphQLError(message, { extensions: { code: 'BATCH_TOO_LARGE', actual, limit, http: { status: 400 } } });
}
