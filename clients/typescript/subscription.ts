import type { Client } from 'graphql-ws/client';
import { ConnectionError, type OperationError, RefusedError, refusedBy } from './errors.js';
import { pauseAfter, type Server } from './http.js';
import { answersOf } from './socket.js';
import { type FieldOf, fieldOf, type SubscriptionDocument } from './typed-document.js';
import { type RetrySettings, wait } from './waiting.js';

type Seq = number | string;

export interface SubscribeOptions {
  readonly signal?: AbortSignal;
  /** How often in a row it may connect in vain before it throws ConnectionError; `Infinity`: it never gives up. */
  readonly maxRetries?: number;
  /** The connection is gone, and is tried again after so long. */
  readonly onInterrupted?: (cause: unknown, retryInMs: number) => void;
  /** It is there again. */
  readonly onResumed?: () => void;
}

/** Codes of closing that another attempt would not change: a fault of the program or the credential. */
const finalCloseCodes: Readonly<Record<number, string>> = {
  1008: 'The server closed the connection: too much was sent over it.',
  1009: 'The server closed the connection: a message was too large.',
  4400: 'The server did not understand what was sent over the WebSocket.',
  4401: 'The server wants to know who is asking.',
  4403: 'The server closed the connection: the credential is no longer valid.',
  4406: 'The server does not speak the protocol graphql-transport-ws.',
};

/**
 * The events of a subscription: each once, in order, without gaps, whatever becomes of the connection. It goes on
 * behind the last `seq`; a subscription to an object's state begins again with the state as it then is. Ends when the
 * server completes it. Throws RefusedError, ConnectionError when it gives up, or the reason of the signal.
 *
 * @param now the last `seq` of the log, for a subscription that begins with what comes next
 */
export async function* subscribeWithResume<Result, Variables>(
  server: Server,
  socket: () => Client,
  document: SubscriptionDocument<Result, Variables>,
  variables: Variables,
  { signal, maxRetries, onInterrupted, onResumed }: SubscribeOptions,
  now: (variables: Variables) => Promise<Seq>,
): AsyncGenerator<FieldOf<Result>, void, undefined> {
  const retry: RetrySettings = { ...server.retry, maxRetries: maxRetries ?? server.retry.maxRetries };
  let { afterSeq = null } = variables as { afterSeq?: Seq | null };
  if (document.resumes === 'SEQ_OR_NOW') afterSeq ??= await now(variables);
  let [failures, isInterrupted] = [0, false];
  const live = (): void => {
    if (isInterrupted) onResumed?.();
    isInterrupted = false;
  };
  for (;;) {
    const begunAt = performance.now();
    const client = socket();
    const stopListening = client.on('connected', live);
    const from = afterSeq === null ? {} : { afterSeq };
    const payload = { query: document.text, operationName: document.name, variables: { ...variables, ...from } };
    try {
      for await (const { data, errors } of answersOf(client, payload, signal)) {
        if (errors !== undefined) throw errors;
        live();
        failures = 0;
        const event = fieldOf(data as Result);
        const { seq } = event as { seq?: Seq };
        if (seq !== undefined && document.resumes !== 'STATE') {
          if (afterSeq !== null && !isAfter(seq, afterSeq)) continue;
          afterSeq = seq;
        }
        yield event;
      }
      return;
    } catch (failure) {
      if (signal?.aborted) throw signal.reason;
      // A connection that held for long was a good one, even if nothing happened meanwhile.
      failures = performance.now() - begunAt > retry.longestMs ? 1 : failures + 1;
      const error = errorOf(server, failure);
      const pauseMs = failures > retry.maxRetries ? null : pauseAfter(error, true, retry, failures);
      if (pauseMs === null) throw error;
      isInterrupted = true;
      onInterrupted?.(error, pauseMs);
      await wait(pauseMs, signal);
    } finally {
      stopListening();
    }
  }
}

function isAfter(seq: Seq, other: Seq): boolean {
  return typeof seq === 'number' && typeof other === 'number' ? seq > other : BigInt(seq) > BigInt(other);
}

function errorOf(server: Server, failure: unknown): RefusedError | ConnectionError {
  if (Array.isArray(failure)) return refusedBy(failure as OperationError[], { status: null, requestId: null });
  const { code, reason, message } = failure as { code?: unknown; reason?: unknown; message?: unknown };
  const final = typeof code === 'number' ? finalCloseCodes[code] : undefined;
  if (final !== undefined) {
    return new RefusedError(final, { code: code === 4401 || code === 4403 ? 'UNAUTHENTICATED' : 'CONNECTION_REFUSED' });
  }
  const why = [message, reason, typeof code === 'number' ? `closed with ${code}` : ''].find(
    (each) => typeof each === 'string' && each !== '',
  );
  return new ConnectionError(
    `The connection to ${server.url.origin} is lost${why === undefined ? '' : ` (${why})`}.`,
    'See whether the server runs and can be reached by WebSocket, and try again.',
    failure,
  );
}
