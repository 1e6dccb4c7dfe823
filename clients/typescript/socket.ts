import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws/client';
import type { Server } from './http.js';

/** A connection that has not been acknowledged after this time is given up, and tried again. */
const connectTimeoutMs = 15_000;
/** A quiet connection is asked in this interval whether it is there, */
const pingIntervalMs = 10_000;
/** and given up when nothing came in this time: a line that was cut says nothing by itself. */
const pongTimeoutMs = 10_000;

/** One WebSocket for all subscriptions of a client, open while there is one. It does not connect again by itself. */
export function openSocket(server: Server, webSocketImpl: unknown): Client {
  const url = new URL('graphql', server.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  let watch: ReturnType<typeof setTimeout> | undefined;
  const giveUpAfter = (ms: number): void => {
    clearTimeout(watch);
    watch = setTimeout(() => client.terminate(), ms);
  };
  const stopWatching = (): void => clearTimeout(watch);
  const client = createClient({
    url: url.href,
    retryAttempts: 0,
    keepAlive: pingIntervalMs,
    ...(webSocketImpl === undefined ? {} : { webSocketImpl }),
    ...(server.apiKey === null ? {} : { connectionParams: { authorization: `Bearer ${server.apiKey}` } }),
    on: {
      connecting: () => giveUpAfter(connectTimeoutMs),
      connected: stopWatching,
      message: stopWatching,
      ping: (received) => {
        if (!received) giveUpAfter(pongTimeoutMs);
      },
      closed: stopWatching,
      error: stopWatching,
    },
  });
  return client;
}

/**
 * The answers of one subscription on the socket as it is. Throws what ends it early: a list of errors, a close event,
 * an error of the socket, or the reason of the signal at once, even while the socket is connecting.
 */
export async function* answersOf(
  client: Client,
  payload: {
    readonly query: string;
    readonly operationName: string | null;
    readonly variables: Record<string, unknown>;
  },
  signal: AbortSignal | undefined,
): AsyncGenerator<FormattedExecutionResult<unknown>, void, undefined> {
  signal?.throwIfAborted();
  const waiting: FormattedExecutionResult<unknown>[] = [];
  let end: { readonly failure: unknown } | 'complete' | null = null;
  let notice = (): void => undefined;
  const finish = (how: NonNullable<typeof end>): void => {
    end ??= how;
    notice();
  };
  const onAbort = (): void => {
    waiting.length = 0;
    finish({ failure: signal!.reason });
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const unsubscribe = client.subscribe<unknown>(payload, {
    next: (answer) => {
      waiting.push(answer as FormattedExecutionResult<unknown>);
      notice();
    },
    error: (failure) => finish({ failure }),
    complete: () => finish('complete'),
  });
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!;
      const ended = end as { readonly failure: unknown } | 'complete' | null;
      if (ended === 'complete') return;
      if (ended !== null) throw ended.failure;
      await new Promise<void>((resolve) => {
        notice = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}
