import { createServer, type RequestListener } from 'node:http';
import type { Router } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { fixedRights, type LiveRights, type Rights } from '../access/live-rights.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { startGraphQLOverHttp } from './graphql-http.js';
import { serveGraphQLOverWebSocket } from './graphql-websocket.js';
import { createHttpApp, graphqlPath } from './http-app.js';
import type { Identification } from './identify.js';
import { listen } from './listen.js';

/**
 * How long an idle connection stays open. Node's five seconds are too short for a client that computes between two requests: it writes
 * to a connection that is being closed, and can't know whether its request was received.
 */
const keepAliveMs = 120_000;
/** Subscriptions and small operations; the library's own default is 100 MiB. */
export const maxSocketMessageBytes = 2 ** 20;

export interface HttpServer {
  /** e.g. http://127.0.0.1:4000 */
  readonly url: string;
  /** Tells subscribers to go away (1001), lets requests end, and closes the port. */
  close(): Promise<void>;
}

/** Everything the API serves, on one port. Throws ListenError. */
export async function startHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly schema: GraphQLSchema;
  readonly identification: Identification;
  readonly liveRights: LiveRights;
  readonly createContext: (rights: Rights) => GraphQLContext;
  /** Routes besides GraphQL and the explorer: health, uploads. */
  readonly routers: readonly Router[];
  readonly logger: Logger;
}): Promise<HttpServer> {
  const { host, port, schema, identification, liveRights, createContext, routers, logger } = options;
  const logUnexpected: LogUnexpected = (error, errorId) => logger.error({ err: error, errorId }, 'An operation failed');
  // A large upload on a slow line takes longer than Node's five minutes for a request. Headers are still waited for one minute.
  const httpServer = createServer({ requestTimeout: 0, keepAliveTimeout: keepAliveMs });
  const apollo = await startGraphQLOverHttp({ schema, httpServer, logger, logUnexpected });
  const app = createHttpApp({
    listenHost: host,
    apollo,
    identify: identification.ofClient,
    identifyPerson: identification.ofPerson,
    context: async ({ req }) => createContext(fixedRights(identification.viewerOf(req))),
    routers,
    logUnexpected,
  });
  httpServer.on('request', app satisfies RequestListener);

  const sockets = serveGraphQLOverWebSocket({
    schema,
    httpServer,
    path: graphqlPath,
    listenHost: host,
    maxMessageBytes: maxSocketMessageBytes,
    authenticator: identification.authenticator,
    liveRights,
    createContext,
    logger,
    logUnexpected,
  });
  try {
    const url = await listen(httpServer, host, port);
    return {
      url,
      async close() {
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
