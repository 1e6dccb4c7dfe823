import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ApolloServer, BaseContext } from '@apollo/server';
import express, { type RequestHandler, type Router } from 'express';
import type { LogUnexpected } from '../graphql/mask-error.js';
import type { Tracing } from '../observability/tracing.js';
import { answerErrors } from './answer-errors.js';
import { apolloHandler } from './apollo-handler.js';
import { withinBodyTime } from './before-graphql.js';
import { crossOrigin } from './cross-origin.js';
import { explorer } from './explorer.js';
import { type Handler, inOrder } from './handler.js';
import { jsonBody } from './json-body.js';
import { checkJsonBody } from './json-weight.js';
import { type LogRefusedOrigin, localOnly, type OriginRules } from './local-only.js';
import { originForm } from './origin-form.js';
import { ownPagesMayGet } from './own-pages-may-get.js';
import { answerRequestId, requestContextOf, withinContext, withinRequest } from './request-ids.js';
import { securityHeaders } from './security-headers.js';
import { traceRequests } from './trace-requests.js';
import { endLateBodies, limitHeaders } from './whole-requests.js';

export const graphqlPath = '/graphql';
/** Enough for the longest predict call. */
export const maxRequestBytes = 32 * 2 ** 20;
/** How long the rest of a body may take to arrive after the request was answered. */
const lateBodyMs = 20_000;
/** The largest body arrives in this time at 2 Mbit/s. */
export const maxBodyMs = 120_000;

/** What the path of GraphQL begins with, in any case, and what may follow. */
const graphqlUrl = new RegExp(`^${graphqlPath}(?:[/?]|$)`, 'i');

/**
 * The handlers that every request passes, around a started Apollo server. They work for any schema, so that Apollo's
 * test suite for integrations runs on the very same stack. GraphQL's requests pass them one by one; Express has the
 * others, because finding a route takes it longer than many an operation.
 */
export function createHttpApp<Context extends BaseContext>(options: {
  readonly origins: OriginRules;
  readonly apollo: ApolloServer<Context>;
  /** Null: there are no traces. */
  readonly tracing?: Tracing | null;
  /** Finds out who sends a request to the API, and refuses it if the sender is unknown. */
  readonly identify: readonly Handler[];
  /** The same for pages that a person opens. */
  readonly identifyPerson: RequestHandler;
  readonly context: (request: { readonly req: IncomingMessage; readonly res: ServerResponse }) => Promise<Context>;
  /** Handlers for GraphQL requests, run in this order once the sender is known and the body is read. */
  readonly beforeGraphQL: readonly Handler[];
  /** Answers requests that want server-sent events, and passes on all others. */
  readonly events?: Handler;
  /** How long the body of a GraphQL request may take to arrive. */
  readonly maxBodyMs?: number;
  /** Routes besides GraphQL and the explorer: health, uploads. */
  readonly routers: readonly Router[];
  readonly logUnexpected: LogUnexpected;
  readonly logRefusedOrigin: LogRefusedOrigin;
}): RequestListener {
  const { origins, apollo, identify, identifyPerson, context, beforeGraphQL, routers, logUnexpected } = options;
  const { tracing = null } = options;
  const answerError = answerErrors(logUnexpected);
  const fail: typeof answerError = (error, request, response, _next) =>
    withinContext(requestContextOf(request), () => answerError(error, request, response));
  const ofAll: readonly Handler[] = [
    answerRequestId,
    ...(tracing === null ? [] : [traceRequests(tracing)]),
    endLateBodies(lateBodyMs),
    securityHeaders(origins.publicUrl),
    limitHeaders,
    localOnly(origins, options.logRefusedOrigin),
    crossOrigin(origins.corsOrigins),
  ];
  const answerGraphQL = inOrder(
    [
      ...ofAll,
      ...identify,
      withinBodyTime(options.maxBodyMs ?? maxBodyMs),
      ownPagesMayGet,
      jsonBody(maxRequestBytes, express.json({ limit: maxRequestBytes, verify: checkJsonBody })),
      ...(options.events === undefined ? [] : [options.events]),
      ...beforeGraphQL,
      apolloHandler(apollo, context),
    ],
    fail,
  );
  const app = express();
  app.disable('x-powered-by');
  app.use(...ofAll, withinRequest);
  for (const router of routers) app.use(router);
  app.use(identifyPerson, explorer(graphqlPath), nothingHere);
  app.use(fail);
  return (request, response) => {
    request.url = originForm(request.url ?? '');
    if (graphqlUrl.test(request.url)) answerGraphQL(request, response);
    else app(request, response);
  };
}

/** The last route: a path that does not exist, or a method that a path does not support. */
const nothingHere: RequestHandler = (request, response) => {
  response.status(404).json({
    code: 'NOT_FOUND',
    message: `There is nothing to ${request.method} at this address.`,
    hint: `GraphQL is at ${graphqlPath}, by POST; the explorer page is at /.`,
  });
};
