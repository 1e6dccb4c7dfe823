import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLErrorExtensions,
  type GraphQLFormattedError,
} from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { AuthenticationError } from '../access/authenticate.js';
import type { GraphQLContext } from '../access/context.js';
import type { LiveRights, Rights } from '../access/live-rights.js';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { toldError } from '../graphql/told-error.js';
import { givenRequestId, type RequestContext } from '../observability/request-context.js';
import type { RemotePlace, Tracing } from '../observability/tracing.js';
import type { ClientAddress } from './client-address.js';
import { executeInScope } from './execute-in-scope.js';
import { type Identify, TooManyAttemptsError } from './limit-attempts.js';
import type { Sink } from './live/delivery.js';
import { KeepAlive } from './live/keep-alive.js';
import { observedSink } from './live/observed-sink.js';
import type { SharedAnswers } from './live/shared-answers.js';
import { SocketFrames } from './live/socket-frames.js';
import { asGenerator, beginSubscription } from './live/subscriptions.js';
import { type LogRefusedOrigin, type OriginRules, refusalOf } from './local-only.js';
import { codesOf } from './observe-operations.js';
import { payerOf } from './operation-cost.js';
import { originForm } from './origin-form.js';
import { type PreparationOptions, type PreparedOperation, prepareOperation } from './prepare-operation.js';
import { requestContextOf, requestIdHeader, setRequestContext, withinContext } from './request-ids.js';
import { ScreenedSocket } from './screened-socket.js';
import { type ConnectionCounters, type SocketLimitSettings, tooManyOperations } from './socket-limits.js';
import { endUnread, SocketOperations } from './socket-operations.js';
import { placeIn, traceSocketOperation } from './trace-requests.js';
import { hasTooManyHeaders } from './whole-requests.js';

/** A connection of graphql-ws, with its viewer's rights. */
type Extra = {
  readonly socket: ScreenedSocket;
  /** What the log calls the connection's request; set when the client begins. */
  requestId?: string;
  /** Set when the connection is acknowledged, before any operation starts; or why its credential is refused. */
  rights?: Rights;
  refusal?: GraphQLError;
  /** Where the connection’s client says that it belongs in a trace. */
  place?: RemotePlace | null;
};

/** How a subscription is to begin. */
interface Subscribed extends Pick<PreparedOperation, 'within' | 'observed'> {
  readonly sink: Sink;
}

type ConnectionParams = Readonly<Record<string, unknown>>;

const keepAliveMs = 12_000;
export const maxOperationsPerSocket = 100;
/** How long a client has to answer the closing handshake. */
const closeGraceMs = 2_000;

/**
 * Operations over WebSocket (graphql-transport-ws), subscriptions among them. `close` tells every client to go away
 * (1001), so that the client reconnects elsewhere or later. It must run before the feeds are closed: clients would take
 * a closed feed for the end of the events.
 *
 * The events of subscriptions go past the library that speaks the protocol, so that an answer is made and written once
 * for all who get the same one (ADR 0062). A slow client holds back only itself: the next event is taken from the feed
 * once its connection has room for it.
 */
export function serveGraphQLOverWebSocket(options: {
  readonly httpServer: Server;
  readonly path: string;
  readonly origins: OriginRules;
  readonly addressOf: ClientAddress;
  readonly preparation: PreparationOptions;
  /** Null: there are no traces. */
  readonly tracing: Tracing | null;
  readonly answers: SharedAnswers;
  readonly limits: SocketLimitSettings;
  readonly counters: ConnectionCounters;
  /** How long a client may take to send `connection_init`, and a refused one to hear why with its operations. */
  readonly initTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly identify: Identify;
  readonly liveRights: LiveRights;
  readonly createContext: (rights: Rights) => GraphQLContext;
  readonly logger: Logger;
  readonly logUnexpected: LogUnexpected;
  readonly logRefusedOrigin: LogRefusedOrigin;
}): { close(): Promise<void> } {
  const { httpServer, path, origins, addressOf, identify, liveRights, createContext, limits, counters } = options;
  const { answers, logger, logUnexpected, tracing } = options;
  const tell = (error: GraphQLError) => toldError(error, options.preparation, logUnexpected);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    WebSocket: ScreenedSocket,
  });
  const operationsOf = new WeakMap<WebSocket, SocketOperations>();
  const framesOf = new WeakMap<WebSocket, SocketFrames>();
  /** The requests of sockets that are not identified yet. */
  const upgrades = new WeakMap<WebSocket, IncomingMessage>();
  const executions = new WeakMap<ExecutionArgs, () => Promise<ExecutionResult>>();
  const subscribed = new WeakMap<ExecutionArgs, Subscribed>();

  /** Errors as the client of an operation sees them. */
  const tellErrors = (socket: WebSocket, id: string, errors: readonly GraphQLError[]): GraphQLFormattedError[] => {
    const operations = operationsOf.get(socket);
    const told = operations === undefined ? errors.map(tell) : operations.within(id, () => errors.map(tell));
    operations?.failed(id, codesOf(told));
    return told;
  };

  /** Why an upgrade is refused; null: the upgrade is accepted, and the socket is counted. */
  const refusalOfUpgrade = (request: IncomingMessage): string | null => {
    if (originForm(request.url ?? '').split('?')[0] !== path) return '404 Not Found';
    if (hasTooManyHeaders(request)) return '431 Request Header Fields Too Large';
    const refusal = refusalOf(request.headers, origins);
    if (refusal !== null) {
      if (refusal.origin !== null) options.logRefusedOrigin(refusal.origin);
      return '403 Forbidden';
    }
    return counters.connections.take(addressOf(request)) ? null : '429 Too Many Requests';
  };
  // Listeners that stay are made where no request is at hand, which they would keep.
  const onSocketError = (error: Error): void => logger.debug({ err: error }, 'The socket of a WebSocket failed');
  const countUntilClosed = (socket: Duplex, address: string): void => {
    socket.once('close', () => counters.connections.release(address));
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', onSocketError);
    const refusal = refusalOfUpgrade(request);
    if (refusal !== null) {
      refuse(socket, refusal, requestContextOf(request).id);
      return;
    }
    countUntilClosed(socket, addressOf(request));
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      framesOf.set(webSocket, new SocketFrames(webSocket, socket));
      upgrades.set(webSocket, request);
      // Without the request, which the library would keep, with its headers, for as long as the connection.
      sockets.emit('connection', webSocket);
    });
  };
  httpServer.on('upgrade', onUpgrade);

  const server = useServer<ConnectionParams, Extra>(
    {
      isProd: true,
      connectionInitWaitTimeout: options.initTimeoutMs,
      async onConnect({ connectionParams, extra }) {
        const request = upgrades.get(extra.socket)!;
        upgrades.delete(extra.socket);
        const requestId = nameRequest(request, connectionParams);
        extra.requestId = requestId;
        extra.place = placeIn(connectionParams) ?? placeIn(request.headers);
        try {
          const viewer = await identify(request, { authorization: authorizationIn(connectionParams) });
          const rights = liveRights.follow(viewer, () => extra.socket.close(CloseCode.Forbidden, 'Forbidden'));
          extra.rights = rights;
          extra.socket.isKnown = true;
          extra.socket.once('close', () => rights.close());
          // The socket may have closed while the credential was looked up.
          if (extra.socket.readyState !== extra.socket.OPEN) rights.close();
          return { requestId };
        } catch (error) {
          if (error instanceof AuthenticationError || error instanceof TooManyAttemptsError) {
            return { requestId, ...refuseConnection(extra, error, options.initTimeoutMs) };
          }
          // The library would print the whole error, with the values of statements, and then close the socket in the
          // same way.
          const errorId = randomUUID();
          withinContext(requestContextOf(request), () => logUnexpected(error, errorId));
          extra.socket.close(CloseCode.InternalServerError, errorId);
          return false;
        }
      },
      async onSubscribe({ subscriptions, extra }, id, payload) {
        if (Object.keys(subscriptions).length > maxOperationsPerSocket) {
          return [tooManyOperations(maxOperationsPerSocket, 'One connection')];
        }
        if (extra.refusal !== undefined) return [extra.refusal];
        const rights = extra.rights!;
        const request: RequestContext = {
          id: extra.requestId!,
          operationId: givenRequestId(id),
          traced: tracing === null ? null : traceSocketOperation(tracing, extra.place ?? null, payload.extensions),
        };
        const prepared = await prepareOperation(payload, createContext(rights), options.preparation, {
          transport: 'websocket',
          request,
        });
        if (!('args' in prepared)) return prepared;
        const { args, scope, within, observed } = prepared;
        const payer = payerOf(rights.viewer);
        if (payer !== null && !counters.operations.take(payer)) {
          const refusal = tooManyOperations(limits.maxOperationsPerCredential, 'One credential');
          observed?.failed(codesOf([refusal]));
          observed?.ended();
          return [refusal];
        }
        const operations = operationsOf.get(extra.socket)!;
        const release = (): void => {
          if (payer !== null) counters.operations.release(payer);
          observed?.ended();
        };
        operations.begin(id, { scope, within, observed, release });
        const frames = framesOf.get(extra.socket)!;
        if (scope === null) subscribed.set(args, { sink: observedSink(frames.sink(id), observed), within, observed });
        else executions.set(args, () => executeInScope(args, scope));
        return args;
      },
      execute: (args) => executions.get(args)?.() ?? execute(args),
      async subscribe(args) {
        const { sink, within, observed } = subscribed.get(args)!;
        const begun = await within.run(() => beginSubscription(args, answers, observed));
        return 'errors' in begun ? begun : asGenerator(begun, sink);
      },
      onComplete: ({ extra }, id) => operationsOf.get(extra.socket)?.end(id),
      onError({ extra }, id, _payload, errors) {
        return tellErrors(extra.socket, id, errors);
      },
      onNext({ extra }, id, _payload, _args, { errors, ...result }) {
        endUnread(extra.socket);
        if (errors === undefined) return undefined;
        return { ...result, errors: tellErrors(extra.socket, id, errors) };
      },
    },
    sockets,
    // The library's own pings have a timer for each socket.
    0,
  );
  const keepAlive = new KeepAlive(keepAliveMs);

  sockets.on('headers', (headers, request) => headers.push(`${requestIdHeader}: ${requestContextOf(request).id}`));
  sockets.on('connection', (socket) => {
    // The library would log a client's faults, such as a message beyond the limit, as errors of the server.
    socket.removeAllListeners('error');
    socket.on('error', (error) => logger.debug({ err: error }, 'A WebSocket failed'));
    operationsOf.set(socket, new SocketOperations(socket, limits));
    keepAlive.add(socket);
  });

  return {
    async close() {
      httpServer.off('upgrade', onUpgrade);
      keepAlive.close();
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

/**
 * Tells a client that its credential is refused. Many clients hide why a socket closed, and connect again and again: so
 * the connection is acknowledged, each operation answered with the refusal, which every client shows, and then the
 * socket closed with 4403. The acknowledgement says it too.
 */
function refuseConnection(
  extra: Extra,
  error: AuthenticationError | TooManyAttemptsError,
  closesAfterMs: number,
): { readonly refused: GraphQLErrorExtensions } {
  const extensions = {
    code: error.code,
    ...(error instanceof TooManyAttemptsError ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
  };
  extra.refusal = new GraphQLError(error.message, { extensions });
  extra.socket.isRefused = true;
  const timer = setTimeout(() => extra.socket.close(CloseCode.Forbidden, 'Forbidden'), closesAfterMs);
  extra.socket.once('close', () => clearTimeout(timer));
  return { refused: { message: error.message, ...extensions } };
}

/** `authorization` among the connection's parameters, for clients in browsers, which can't set headers. */
function authorizationIn(params: ConnectionParams | undefined): string | undefined {
  const value = params?.authorization ?? params?.Authorization;
  return typeof value === 'string' ? value : undefined;
}

/**
 * The id of a connection's request. A page of a browser can't set headers: it names it `x-request-id` among the
 * connection's parameters.
 */
function nameRequest(request: IncomingMessage, params: ConnectionParams | undefined): string {
  const given = givenRequestId(params?.[requestIdHeader]);
  const known = requestContextOf(request);
  if (given === null || givenRequestId(request.headers[requestIdHeader]) !== null) return known.id;
  setRequestContext(request, { ...known, id: given });
  return given;
}

function refuse(socket: Duplex, status: string, requestId: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\n${requestIdHeader}: ${requestId}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
