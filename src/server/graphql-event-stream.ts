import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import { HeaderMap } from '@apollo/server';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { GraphQLContext } from '../access/context.js';
import type { LiveRights, Rights } from '../access/live-rights.js';
import type { Viewer } from '../access/viewer.js';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { toldError } from '../graphql/told-error.js';
import type { StartedOperation } from '../observability/operation-observer.js';
import type { ClientAddress } from './client-address.js';
import { executeInScope } from './execute-in-scope.js';
import { answerWithError } from './graphql-refusal.js';
import type { Handler, HttpRequest } from './handler.js';
import type { Sink } from './live/delivery.js';
import { observedSink } from './live/observed-sink.js';
import type { SharedAnswers } from './live/shared-answers.js';
import { beginSubscription } from './live/subscriptions.js';
import { codesOf } from './observe-operations.js';
import { payerOf } from './operation-cost.js';
import { preferredMediaType } from './preferred-media-type.js';
import { type PreparationOptions, type PreparedOperation, prepareOperation } from './prepare-operation.js';
import { requestContextOf, withinContext } from './request-ids.js';
import type { ConnectionCounters } from './socket-limits.js';

/** A comment this often keeps proxies from closing a stream that has no events. */
const keepAliveMs = 12_000;
const eventStream = 'text/event-stream';
/** What GraphQL is answered as. Where a client likes several equally, it gets the first. */
const mediaTypeOf = preferredMediaType(['application/graphql-response+json', 'application/json', eventStream]);

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
  readonly answers: SharedAnswers;
  readonly counters: ConnectionCounters;
  readonly addressOf: ClientAddress;
  readonly viewerOf: (request: IncomingMessage) => Viewer;
  readonly liveRights: LiveRights;
  readonly createContext: (rights: Rights) => GraphQLContext;
  readonly logUnexpected: LogUnexpected;
}): { readonly handle: Handler; close(): void } {
  const { preparation, answers, counters, addressOf, viewerOf, liveRights, createContext, logUnexpected } = options;
  const open = new Set<ServerResponse>();
  let stopping = false;
  const observedBy = new WeakMap<ServerResponse, StartedOperation>();
  const write = (response: ServerResponse, { errors, ...result }: ExecutionResult): void => {
    // Node throws for a write after the end, and nobody could catch that.
    if (response.writableEnded) return;
    const told =
      errors === undefined ? {} : { errors: errors.map((error) => toldError(error, preparation, logUnexpected)) };
    if (told.errors !== undefined) observedBy.get(response)?.failed(codesOf(told.errors));
    response.write(`event: next\ndata: ${JSON.stringify({ ...told, ...result })}\n\n`);
  };

  /** Writes what an operation answers, until it has ended or the response has. */
  async function writeAnswer(
    response: ServerResponse,
    { args, scope, within, observed }: PreparedOperation,
  ): Promise<void> {
    if (scope !== null) {
      response.once('close', () => scope.abandon());
      write(response, await executeInScope(args, scope));
      return;
    }
    const begun = await within.run(() => beginSubscription(args, answers, observed));
    if ('errors' in begun) {
      write(response, begun);
      return;
    }
    const delivery = begun.deliverTo(observedSink(sinkOf(response), observed));
    const leave = () => delivery.end().catch((error: unknown) => logUnexpected(error, randomUUID()));
    response.once('close', () => void leave());
    // The client may have gone while the operation was subscribed.
    if (response.closed) void leave();
    await delivery.done;
  }

  const handle: Handler = (request, response, next) => {
    if (mediaTypeOf(request.headers.accept) !== eventStream) return next();
    return withinContext(requestContextOf(request), () => answer(request, response));
  };
  const answer = async (request: HttpRequest, response: ServerResponse): Promise<void> => {
    // A client that left while it was identified: its response says so no more.
    if (response.closed) return;
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
    const prepared = await prepareOperation(payload, createContext(rights), preparation, {
      transport: 'events',
      request: requestContextOf(request),
    });
    const observed = 'args' in prepared ? prepared.observed : null;
    if (observed !== null) {
      observedBy.set(response, observed);
      if (response.closed) observed.ended();
      else onClose(() => observed.ended());
    }
    // The client may have gone, or its credential ended, while the operation was prepared.
    if (response.closed || response.writableEnded) return;
    const failure = 'args' in prepared ? mutationByGet(request, prepared.args) : rateLimitIn(prepared);
    if (failure !== null) {
      // Those of an operation that could not be prepared were told to the observer then.
      observed?.failed(codesOf([failure]));
      answerWithError(request, response, failure);
      return;
    }
    begin(response);
    if (stopping) {
      response.end();
      return;
    }
    open.add(response);
    onClose(() => open.delete(response));
    try {
      if ('args' in prepared) await writeAnswer(response, prepared);
      else write(response, { errors: prepared });
    } catch (error) {
      write(response, { errors: [new GraphQLError('', { originalError: error as Error })] });
    }
    complete(response);
  };
  return {
    handle,
    /** Ends all streams without `complete`, so that their clients ask again, elsewhere or later. */
    close() {
      stopping = true;
      for (const response of open) response.end();
    },
  };
}

const [beginningOfNext, endOfNext] = [Buffer.from('event: next\ndata: '), Buffer.from('\n\n')];

/** Where the answers of a stream's subscription go. */
function sinkOf(response: ServerResponse): Sink {
  return {
    hasRoom: () => !response.writableEnded && !response.writableNeedDrain,
    onRoom: (listener) => response.once('drain', listener),
    write(answers) {
      if (response.writableEnded) return;
      response.write(Buffer.concat(answers.flatMap((answer) => [beginningOfNext, answer, endOfNext])));
    },
  };
}

function begin(response: ServerResponse): void {
  response.setHeader('content-type', `${eventStream}; charset=utf-8`);
  response.setHeader('cache-control', 'no-store');
  // Proxies of nginx's family would collect events until a buffer is full.
  response.setHeader('x-accel-buffering', 'no');
  // Some browsers do not take headers alone for a beginning.
  response.write(':\n\n');
  const timer = setInterval(() => {
    if (!response.writableEnded && !response.writableNeedDrain) response.write(':\n\n');
  }, keepAliveMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

function complete(response: ServerResponse): void {
  if (!response.writableEnded) response.end('event: complete\ndata:\n\n');
}

/** The operation that a request asks for, from its body or its search parameters. */
function payloadOf(request: HttpRequest): SubscribePayload | GraphQLError {
  if (request.method === 'GET') {
    if (couldBeForeign(request)) return foreign;
    const { query, documentId, operationName, variables, extensions } = parseQuery(request.url?.split('?', 2)[1] ?? '');
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

/**
 * Whether a page of another site may have sent a GET without asking first, as Apollo refuses it too: only where it
 * named its origin was that checked (local-only.ts). Programs that are no browsers do not say where a request comes
 * from.
 */
function couldBeForeign({ headers }: HttpRequest): boolean {
  const site = headers['sec-fetch-site'];
  const isOfOther = site === 'cross-site' || site === 'same-site';
  return isOfOther && headers.origin === undefined && headers['apollo-require-preflight'] === undefined;
}

const foreign = malformed(
  'A page of another site could send this request (CSRF), so it is refused. Send a POST with `content-type: application/json`, or any value in the header `apollo-require-preflight`.',
);

/** A page of another origin can send a GET that looks like one of a form. */
function mutationByGet({ method }: HttpRequest, { document, operationName }: ExecutionArgs): GraphQLError | null {
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
