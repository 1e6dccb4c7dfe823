import type { Client } from 'pg';
import { messageOf } from '../message-of.js';

const firstRetryDelayMs = 100;
const maxRetryDelayMs = 5_000;

export interface Listener {
  /**
   * Resolves when the first connection listens; until then, and while the server is away, readers have their polls
   * alone.
   */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps one connection that LISTENs, and opens another when it is lost. A handler gets each notification's payload;
 * after every connect it gets null, because notifications may have been missed, and reads for itself what has changed.
 * Handlers must not throw.
 *
 * connect: opens a new client and resolves when it is connected.
 */
export function openListener(options: {
  readonly connect: () => Promise<Client>;
  readonly handlers: Readonly<Record<string, (payload: string | null) => void>>;
  readonly log: (message: string) => void;
}): Listener {
  const { connect, handlers, log } = options;
  let client: Client | null = null;
  let retry: NodeJS.Timeout | null = null;
  let retryDelayMs = firstRetryDelayMs;
  let closed = false;
  let connecting: Promise<void> = Promise.resolve();
  const { promise: ready, resolve: becomeReady } = withResolvers();

  const open = async (): Promise<void> => {
    try {
      const fresh = await connect();
      client = fresh;
      fresh.on('error', (error) => lose(fresh, error.message));
      fresh.on('end', () => lose(fresh, 'the connection ended'));
      fresh.on('notification', ({ channel, payload }) => handlers[channel]?.(payload ?? ''));
      for (const channel of Object.keys(handlers)) await fresh.query(`LISTEN ${channel}`);
      retryDelayMs = firstRetryDelayMs;
      becomeReady();
      for (const handle of Object.values(handlers)) handle(null);
    } catch (error) {
      lose(client, messageOf(error));
    }
  };
  const lose = (lost: Client | null, reason: string): void => {
    if (closed || lost !== client || retry !== null) return;
    client = null;
    lost?.end().catch(() => undefined);
    log(`Listening for notifications was interrupted (${reason}); the next attempt is in ${retryDelayMs} ms`);
    retry = setTimeout(() => {
      retry = null;
      connecting = open();
    }, retryDelayMs);
    retryDelayMs = Math.min(2 * retryDelayMs, maxRetryDelayMs);
  };

  connecting = open();
  return {
    ready,
    async close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      await connecting;
      await client?.end();
    },
  };
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
