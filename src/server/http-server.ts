import { createServer } from 'node:http';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Router } from 'express';
import type { GraphQLSchema } from 'graphql';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { GraphQLContext } from '../graphql/context.js';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { explorer } from './explorer.js';
import { startGraphQLOverHttp } from './graphql-http.js';
import { serveGraphQLOverWebSocket } from './graphql-websocket.js';
import { listen } from './listen.js';
import { localOnly } from './local-only.js';

export const graphqlPath = '/graphql';
/** Enough for the longest predict call. */
export const maxRequestBytes = 32 * 2 ** 20;
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
  readonly createContext: () => GraphQLContext;
  /** Routes besides GraphQL and the explorer: health, uploads. */
  readonly routers: readonly Router[];
  readonly logger: Logger;
}): Promise<HttpServer> {
  const { host, port, schema, createContext, routers, logger } = options;
  const logUnexpected: LogUnexpected = (error, errorId) => logger.error({ err: error, errorId }, 'An operation failed');
  const app = express();
  // A large upload on a slow line takes longer than Node's five minutes for a request. Headers are still waited for one minute.
  const httpServer = createServer({ requestTimeout: 0, keepAliveTimeout: keepAliveMs }, app);

  app.disable('x-powered-by');
  app.use(localOnly(host));
  app.use(securityHeaders);
  for (const router of routers) app.use(router);
  const apollo = await startGraphQLOverHttp({ schema, httpServer, logger, logUnexpected });
  const context = async (): Promise<GraphQLContext> => createContext();
  app.use(graphqlPath, express.json({ limit: maxRequestBytes }), expressMiddleware(apollo, { context }));
  app.use(explorer(graphqlPath));
  app.use(answerErrors(logUnexpected));

  const sockets = serveGraphQLOverWebSocket({
    schema,
    httpServer,
    path: graphqlPath,
    listenHost: host,
    maxMessageBytes: maxSocketMessageBytes,
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

/** The explorer loads everything from here; its styles are inline, its editor's worker and its images are built in the page. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    directives: {
      'default-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:', 'blob:'],
      'worker-src': ["'self'", 'blob:'],
      'connect-src': ["'self'"],
      // There is no TLS to upgrade to on a loopback address.
      'upgrade-insecure-requests': null,
    },
  },
  strictTransportSecurity: false,
});

/** Bodies that are no JSON or too large, and what else goes wrong before GraphQL. Never a stack trace. */
function answerErrors(logUnexpected: LogUnexpected): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, expose, message } = toHttpError(error);
    if (!expose) logUnexpected(error, 'http');
    response.status(status).json({ errors: [{ message: expose ? message : 'Something went wrong on the server.' }] });
  };
}

function toHttpError(error: unknown): { status: number; expose: boolean; message: string } {
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    return { status: error.status, expose: true, message: error.message };
  }
  return { status: 500, expose: false, message: '' };
}
