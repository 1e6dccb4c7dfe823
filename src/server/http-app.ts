import type { ApolloServer, BaseContext, ContextFunction } from '@apollo/server';
import { type ExpressContextFunctionArgument, expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { explorer } from './explorer.js';
import { localOnly } from './local-only.js';

export const graphqlPath = '/graphql';
/** Enough for the longest predict call. */
export const maxRequestBytes = 32 * 2 ** 20;

/**
 * All that a request passes on its way to an Apollo server that was started, and back. It does not ask which schema that is, so that
 * Apollo's suite for integrations runs on the very same stack.
 */
export function createHttpApp<Context extends BaseContext>(options: {
  /** The address that the server listens on. */
  readonly listenHost: string;
  readonly apollo: ApolloServer<Context>;
  /** Finds out who sends a request to the API, and refuses it if nobody knows. */
  readonly identify: RequestHandler;
  /** The same for the page that a person looks at. */
  readonly identifyPerson: RequestHandler;
  readonly context: ContextFunction<[ExpressContextFunctionArgument], Context>;
  /** Routes besides GraphQL and the explorer: health, uploads. */
  readonly routers: readonly Router[];
  readonly logUnexpected: LogUnexpected;
}): Express {
  const { listenHost, apollo, identify, identifyPerson, context, routers, logUnexpected } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use(localOnly(listenHost));
  app.use(securityHeaders);
  for (const router of routers) app.use(router);
  app.use(graphqlPath, identify, express.json({ limit: maxRequestBytes }), expressMiddleware(apollo, { context }));
  app.use(identifyPerson, explorer(graphqlPath));
  app.use(answerErrors(logUnexpected));
  return app;
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
