import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { CloseCode, type SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { AuthenticationError, type Authenticator } from '../access/authenticate.js';
import type { LiveRights, Rights } from '../access/live-rights.js';
import type { GraphQLContext } from '../graphql/context.js';
import { type LogUnexpected, maskError } from '../graphql/mask-error.js';
import { checkShape, maxValidationErrors, operationLimits, weighOperation } from '../graphql/operation-limits.js';
import { refusalOf } from './local-only.js';

/** A connection of the library's, with what its viewer may do. */
type Extra = {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Set when the connection is acknowledged, before any operation. */
  rights?: Rights;
};

type ConnectionParams = Readonly<Record<string, unknown>>;

const connectionInitTimeoutMs = 5_000;
const keepAliveMs = 12_000;
const maxOperationsPerSocket = 100;
/** How long a client has to answer the closing handshake. */
const closeGraceMs = 2_000;

/**
 * Operations over WebSocket (graphql-transport-ws), subscriptions among them. `close` tells every client to go away (1001), so that
 * it comes back elsewhere or later: it must run before the feeds are closed, which would look like the end of the events.
 *
 * A slow client holds back only itself: the next event is taken from the feed when the socket has passed on the last one.
 */
export function serveGraphQLOverWebSocket(options: {
  readonly schema: GraphQLSchema;
  readonly httpServer: Server;
  readonly path: string;
  readonly listenHost: string;
  readonly maxMessageBytes: number;
  readonly authenticator: Pick<Authenticator, 'viewerOf'>;
  readonly liveRights: LiveRights;
  readonly createContext: (rights: Rights) => GraphQLContext;
  readonly logger: Logger;
  readonly logUnexpected: LogUnexpected;
}): { close(): Promise<void> } {
  const { schema, httpServer, path, listenHost, maxMessageBytes, authenticator, liveRights, createContext } = options;
  const { logger, logUnexpected } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes });

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', (error) => logger.debug({ err: error }, 'A socket failed before its upgrade'));
    const refusal = refusalOf(request.headers, listenHost);
    if (request.url?.split('?')[0] !== path) refuse(socket, '404 Not Found');
    else if (refusal !== null) refuse(socket, '403 Forbidden');
    else sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  };
  httpServer.on('upgrade', onUpgrade);

  const server = useServer<ConnectionParams, Extra>(
    {
      isProd: true,
      connectionInitWaitTimeout: connectionInitTimeoutMs,
      // Refused with 4403.
      async onConnect({ connectionParams, extra }) {
        try {
          const viewer = await authenticator.viewerOf(extra.request.headers, authorizationIn(connectionParams));
          const rights = liveRights.follow(viewer, () => extra.socket.close(CloseCode.Forbidden, 'Forbidden'));
          extra.rights = rights;
          extra.socket.once('close', () => rights.close());
          // It may have gone while its credential was looked up.
          if (extra.socket.readyState !== extra.socket.OPEN) rights.close();
          return true;
        } catch (error) {
          if (error instanceof AuthenticationError) return false;
          throw error;
        }
      },
      onSubscribe: ({ subscriptions, extra }, _id, payload) =>
        Object.keys(subscriptions).length > maxOperationsPerSocket
          ? [tooManyOperations]
          : prepare(schema, payload, () => createContext(extra.rights!)),
      onError: (_context, _id, _payload, errors) => errors.map((error) => maskError(error, logUnexpected)),
      onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
        errors === undefined
          ? undefined
          : { ...result, errors: errors.map((error) => maskError(error, logUnexpected)) },
    },
    sockets,
    keepAliveMs,
  );

  // The library would report a client's faults, such as a message beyond the limit, as errors of ours.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error');
    socket.on('error', (error) => logger.debug({ err: error }, 'A WebSocket failed'));
  });

  return {
    async close() {
      httpServer.off('upgrade', onUpgrade);
      const clients = [...sockets.clients];
      const timer = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, closeGraceMs);
      try {
        await server.dispose();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const tooManyOperations = new GraphQLError(
  `One connection runs at most ${maxOperationsPerSocket} operations at a time.`,
  {
    extensions: { code: 'TOO_MANY_OPERATIONS' },
  },
);

/** What HTTP requests go through in Apollo: parse within limits, validate, weigh. */
function prepare(
  schema: GraphQLSchema,
  { query, operationName, variables }: SubscribePayload,
  createContext: () => GraphQLContext,
): ExecutionArgs | readonly GraphQLError[] {
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query, { maxTokens: operationLimits.maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
  const costly = checkShape({ document, operationName, variables });
  if (costly !== null) return [costly];
  const invalid = validate(schema, document, undefined, { maxErrors: maxValidationErrors });
  if (invalid.length > 0) return invalid;
  const weight = weighOperation({ schema, document, operationName, variables });
  if (weight instanceof GraphQLError) return [weight];
  return {
    schema,
    document,
    contextValue: createContext(),
    variableValues: variables ?? {},
    ...(operationName == null ? {} : { operationName }),
  };
}

/** `authorization` of the connection's parameters, for clients that can set no header: those in browsers. */
function authorizationIn(params: ConnectionParams | undefined): string | undefined {
  const value = params?.authorization ?? params?.Authorization;
  return typeof value === 'string' ? value : undefined;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
