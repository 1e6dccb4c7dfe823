import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { Request, RequestHandler, Response } from 'express';
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  subscribe,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import Negotiator from 'negotiator';
import type { GraphQLContext } from '../access/context.js';
import type { LiveRights, Rights } from '../access/live-rights.js';
import type { Viewer } from '../access/viewer.js';
import { type LogUnexpected, maskError } from '../graphql/mask-error.js';
import { withoutSuggestions } from '../graphql/without-suggestions.js';
import type { ClientAddress } from './client-address.js';
import { executeInScope } from './execute-in-scope.js';
import { answerWithError } from './graphql-refusal.js';
import { payerOf } from './operation-cost.js';
import { type PreparationOptions, type PreparedOperation, prepareOperation } from './prepare-operation.js';
import type { ConnectionCounters } from './socket-limits.js';

/** A comment this often keeps proxies from closing a stream that has no events. */
const keepAliveMs = 12_000;
const eventStream = 'text/event-stream';
/** What GraphQL is answered as. Where a client likes several equally, it gets the first. */
const mediaTypes = ['application/graphql-response+json', 'application/json', eventStream];

/**
 * Operations as server-sent events: the mode of distinct connections of the GraphQL over SSE protocol
 * (github.com/enisdenjo/graphql-sse, PROTOCOL.md). A request that prefers `text/event-stream` is answered by a stream
 * of `next` events, each with one result, and one `complete` event; all other requests are passed on. A stream that
 * ends without `complete` was interrupted: the client asks again.
 *
 * A slow client holds back only itself: the next event is taken from the feed once the connection has room for it.
 * (graphql-sse's own handler collects what a client does not read, without a limit.)
 */
export function serveGraphQLOverEvents(options: {
  readonly preparation: PreparationOptions;
  readonly counters: ConnectionCounters;
  readonly addressOf: ClientAddress;
  readonly viewerOf: (request: IncomingMessage) => Viewer;
  readonly liveRights: LiveRights;
  readonly createContext: (rights: Rights) => GraphQLContext;
  readonly logUnexpected: LogUnexpected;
}): { readonly handle: RequestHandler; close(): void } {
  const { preparation, counters, addressOf, viewerOf, liveRights, createContext, logUnexpected } = options;
  const open = new Set<Response>();
  const tell = (error: GraphQLError): GraphQLFormattedError => {
    const masked = maskError(error, logUnexpected);
    return preparation.suggestions ? masked : withoutSuggestions(masked);
  };
  const write = (response: Response, { errors, ...result }: ExecutionResult): void => {
    const told = errors === undefined ? {} : { errors: errors.map(tell) };
    response.write(`event: next\ndata: ${JSON.stringify({ ...told, ...result })}\n\n`);
  };

  const handle: RequestHandler = async (request, response, next) => {
    if (new Negotiator(request).mediaType(mediaTypes) !== eventStream) {
      next();
      return;
    }
    const payload = payloadOf(request);
    if (payload instanceof GraphQLError) {
      answerWithError(request, response, payload);
      return;
    }
    const onClose = (work: () => void): unknown => response.once('close', work);
    const viewer = viewerOf(request);
    const refusal = counters.take(addressOf(request), payerOf(viewer), onClose);
    if (refusal !== null) {
      answerWithError(request, response, refusal);
      return;
    }
    const rights = liveRights.follow(viewer, () => {
      if (!response.headersSent) begin(response);
      write(response, { errors: [credentialEnded] });
      complete(response);
    });
    onClose(() => rights.close());
    const prepared = await prepareOperation(payload, createContext(rights), preparation);
    const failure = 'args' in prepared ? mutationByGet(request, prepared.args) : rateLimitIn(prepared);
    if (failure !== null) {
      answerWithError(request, response, failure);
      return;
    }
    // The client may have gone, or its credential ended, while the operation was prepared.
    if (response.closed || response.writableEnded) return;
    if (!response.headersSent) begin(response);
    open.add(response);
    onClose(() => open.delete(response));
    const results = 'args' in prepared ? await run(prepared, onClose) : { errors: prepared };
    if (isIterator(results)) {
      onClose(() => void results.return(undefined));
      for (;;) {
        const { done, value } = await results.next();
        if (done === true || response.writableEnded) break;
        write(response, value);
        if (response.writableNeedDrain) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    } else if (!response.writableEnded) {
      write(response, results);
    }
    complete(response);
  };
  return {
    handle,
    /** Ends all streams without `complete`, so that their clients ask again, elsewhere or later. */
    close() {
      for (const response of open) response.end();
    },
  };
}

/** Errors: what the executor rejects with, which Express passes to the handler of errors. */
async function run(
  { args, scope }: PreparedOperation,
  onClose: (work: () => void) => void,
): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>> {
  if (scope === null) return (await subscribe(args)) as ExecutionResult | AsyncGenerator<ExecutionResult, void, void>;
  onClose(() => scope.abandon());
  return executeInScope(args, scope);
}

function isIterator(
  results: ExecutionResult | AsyncGenerator<ExecutionResult, void, void>,
): results is AsyncGenerator<ExecutionResult, void, void> {
  return Symbol.asyncIterator in results;
}

function begin(response: Response): void {
  response.set({
    'content-type': `${eventStream}; charset=utf-8`,
    'cache-control': 'no-store',
    // Proxies of nginx's family would collect events until a buffer is full.
    'x-accel-buffering': 'no',
  });
  // Some browsers do not take headers alone for a beginning.
  response.write(':\n\n');
  const timer = setInterval(() => {
    if (!response.writableEnded && !response.writableNeedDrain) response.write(':\n\n');
  }, keepAliveMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

function complete(response: Response): void {
  if (!response.writableEnded) response.end('event: complete\ndata:\n\n');
}

/** The operation that a request asks for, from its body or its search parameters. */
function payloadOf(request: Request): SubscribePayload | GraphQLError {
  if (request.method === 'GET') {
    const { query, documentId, operationName, variables, extensions } = request.query;
    const [given, extended] = [variables, extensions].map(jsonOf);
    if (given === undefined || extended === undefined)
      return malformed('`variables` and `extensions` are JSON objects.');
    return payload({ query, documentId, operationName, variables: given, extensions: extended });
  }
  if (request.method !== 'POST') {
    return new GraphQLError('An event stream is asked for by POST or GET, one operation a request.', {
      extensions: { code: 'BAD_REQUEST', http: { status: 405, headers: new HeaderMap([['allow', 'GET, POST']]) } },
    });
  }
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return malformed('The body is one JSON object with `query`, and `content-type: application/json` says so.');
  }
  return payload(body);
}

function payload(from: object): SubscribePayload | GraphQLError {
  const { operationName, variables, extensions } = from as Readonly<Record<string, unknown>>;
  if (operationName != null && typeof operationName !== 'string') return malformed('`operationName` is a text.');
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (value != null && (typeof value !== 'object' || Array.isArray(value))) {
      return malformed(`\`${name}\` is a JSON object.`);
    }
  }
  return from as SubscribePayload;
}

/** The parsed text, null for none; undefined: it is not JSON. */
function jsonOf(text: unknown): unknown {
  if (text === undefined) return null;
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function malformed(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

/** A page of another origin can send a GET that looks like one of a form. */
function mutationByGet({ method }: Request, { document, operationName }: ExecutionArgs): GraphQLError | null {
  if (method !== 'GET' || getOperationAST(document, operationName)?.operation !== 'mutation') return null;
  return new GraphQLError('A mutation needs a POST.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 405, headers: new HeaderMap([['allow', 'POST']]) } },
  });
}

/** Clients of every kind know the status 429 and `Retry-After`; all other errors are told within the stream. */
function rateLimitIn(errors: readonly GraphQLError[]): GraphQLError | null {
  return errors.find(({ extensions }) => extensions.code === 'RATE_LIMITED') ?? null;
}

const credentialEnded = new GraphQLError('The credential of this stream was revoked or has expired.', {
  extensions: { code: 'UNAUTHENTICATED' },
});
