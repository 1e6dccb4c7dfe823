import { createServer, type Server } from 'node:http';
import type { Router } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphQLContext } from '../access/context.js';
import { fixedRights, type LiveRights, type Rights } from '../access/live-rights.js';
import type { FindDocument } from '../graphql/document-policy.js';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { toldError } from '../graphql/told-error.js';
import type { OperationObserver } from '../observability/operation-observer.js';
import type { Tracing } from '../observability/tracing.js';
import { findDocuments, limitBatch, refuseSpent, withinOperationScope } from './before-graphql.js';
import type { ClientAddress } from './client-address.js';
import { directQueries } from './direct-queries.js';
import { serveGraphQLOverEvents } from './graphql-event-stream.js';
import { startGraphQLOverHttp } from './graphql-http.js';
import { serveGraphQLOverWebSocket } from './graphql-websocket.js';
import { createHttpApp, graphqlPath } from './http-app.js';
import type { Identification } from './identify.js';
import { listen } from './listen.js';
import { createSharedAnswers } from './live/shared-answers.js';
import { type OriginRules, refusedOriginLog } from './local-only.js';
import type { OperationGateOptions } from './operation-gate.js';
import { inTracedRequest } from './request-ids.js';
import { ConnectionCounters, type SocketLimitSettings, socketLimits } from './socket-limits.js';
import { ValidDocuments } from './valid-documents.js';
import { maxHeaders } from './whole-requests.js';

/**
 * How long an idle connection stays open. Node's five seconds are too short for a client that computes between two
 * requests: the client writes to a connection that is just being closed, and can't know whether the server received its
 * request.
 */
const keepAliveMs = 120_000;
/** How long a request's headers may take to arrive before the connection is closed. */
const maxHeadersMs = 20_000;
const socketInitTimeoutMs = 5_000;
/** Large enough for subscriptions and small operations; the library's own default is 100 MiB. */
export const maxSocketMessageBytes = 2 ** 20;

export interface HttpServer {
  /** e.g. http://127.0.0.1:4000 */
  readonly url: string;
  /** Tells subscribers to go away (1001, or an event stream's end), waits for running requests, and closes the port. */
  close(): Promise<void>;
}

/** Who is told what the server does. */
export interface ServerObservers {
  readonly operations: OperationObserver;
  /** Follows all requests of an HTTP server; null: nobody wants to know of them. */
  readonly watchHttp: ((server: Server) => void) | null;
  /** Null: there are no traces. */
  readonly tracing: Tracing | null;
}

/** Serves the whole API on one port. Throws ListenError. */
export async function startHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly identification: Identification;
  readonly liveRights: LiveRights;
  readonly origins: Pick<OriginRules, 'publicUrl' | 'corsOrigins'>;
  readonly addressOf: ClientAddress;
  readonly gate: OperationGateOptions;
  readonly findDocument: FindDocument;
  readonly maxConnections: number;
  readonly socketLimits?: Partial<SocketLimitSettings>;
  /** How long a WebSocket's client may take to send `connection_init`. */
  readonly socketInitTimeoutMs?: number;
  readonly createContext: (rights: Rights) => GraphQLContext;
  /** Routes besides GraphQL and the explorer: health, uploads. */
  readonly routers: readonly Router[];
  readonly logger: Logger;
  /** Null: nobody is told what the server does. */
  readonly observers?: ServerObservers | null;
}): Promise<HttpServer> {
  const { host, port, schema, identification, liveRights, gate, findDocument, createContext, routers, logger } =
    options;
  const origins: OriginRules = { listenHost: host, ...options.origins };
  const logUnexpected: LogUnexpected = (error, errorId) => logger.error({ err: error, errorId }, 'An operation failed');
  const logRefusedOrigin = refusedOriginLog((message) => logger.warn(message));
  // A large upload on a slow line takes longer than Node's five minutes for a request: each route has its own limits.
  const httpServer = createServer({ requestTimeout: 0, headersTimeout: maxHeadersMs, keepAliveTimeout: keepAliveMs });
  httpServer.maxHeadersCount = maxHeaders;
  httpServer.maxConnections = options.maxConnections;
  const observer = options.observers?.operations ?? null;
  const tracing = options.observers?.tracing ?? null;
  options.observers?.watchHttp?.(httpServer);
  const documents = new ValidDocuments();
  const apollo = await startGraphQLOverHttp({ schema, httpServer, gate, documents, observer, logger, logUnexpected });
  const limits = { ...socketLimits, ...options.socketLimits };
  const counters = new ConnectionCounters(limits);
  const preparation = { ...gate, schema, findDocument, documents, observer };
  const answers = createSharedAnswers({ createContext, tell: (error) => toldError(error, gate, logUnexpected) });
  const streams = serveGraphQLOverEvents({
    preparation,
    answers,
    counters,
    addressOf: options.addressOf,
    viewerOf: identification.viewerOf,
    liveRights,
    createContext,
    logUnexpected,
  });
  const app = createHttpApp({
    origins,
    events: streams.handle,
    apollo,
    tracing,
    identify: [
      tracing === null ? identification.ofClient : inTracedRequest(identification.ofClient),
      refuseSpent(gate.rateLimit, identification.viewerOf),
    ],
    identifyPerson: identification.ofPerson,
    context: async ({ req }) => createContext(fixedRights(identification.viewerOf(req))),
    beforeGraphQL: [
      limitBatch(gate.limits.maxBatchSize),
      findDocuments(findDocument),
      withinOperationScope,
      directQueries({ schema, gate, documents, observer, viewerOf: identification.viewerOf, createContext }),
    ],
    routers,
    logUnexpected,
    logRefusedOrigin,
  });
  httpServer.on('request', app);

  const sockets = serveGraphQLOverWebSocket({
    httpServer,
    path: graphqlPath,
    origins,
    addressOf: options.addressOf,
    preparation,
    tracing,
    answers,
    limits,
    counters,
    initTimeoutMs: options.socketInitTimeoutMs ?? socketInitTimeoutMs,
    maxMessageBytes: maxSocketMessageBytes,
    identify: identification.identify,
    liveRights,
    createContext,
    logger,
    logUnexpected,
    logRefusedOrigin,
  });
  try {
    const url = await listen(httpServer, host, port);
    return {
      url,
      async close() {
        streams.close();
        await sockets.close();
        await apollo.stop();
      },
    };
  } catch (error) {
    await sockets.close();
    await apollo.stop();
    throw error;
  }
}
