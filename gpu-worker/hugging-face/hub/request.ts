import { setTimeout as sleep } from 'node:timers/promises';
import { type HubFailure, hubProblem, isTransient } from './hub-errors.js';
import type { HubSettings } from './hub-settings.js';

export type { HubSettings } from './hub-settings.js';

/** 0.5, 1, 2, 4, 8 s: about half a minute, requests included. */
function defaultRetryDelayMs(repetition: number): number | null {
  return repetition < 5 ? 500 * 2 ** repetition : null;
}

const defaultStallMs = 30_000;

const defaultLongestWaitMs = 60_000;

/** Thrown by work on a connection, to tell failures that may be repeated from all others. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
  readonly failure: HubFailure;
  readonly retryAfterMs: number | null;

  constructor(failure: HubFailure, retryAfterMs: number | null = null) {
    super(failure.kind === 'status' ? `status ${failure.status}` : 'the connection broke');
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Runs `work`, and repeats it while its connections fail for a reason that may pass. The count of repetitions starts
 * again whenever `hadProgress` is called.
 *
 * @throws ProblemError HUB_UNAVAILABLE, NOT_FOUND, ACCESS_DENIED; `signal.reason`
 */
export async function repeated<T>(
  hub: HubSettings,
  what: string,
  signal: AbortSignal,
  work: (hadProgress: () => void) => Promise<T>,
): Promise<T> {
  const delayMs = hub.retryDelayMs ?? defaultRetryDelayMs;
  let repetition = 0;
  for (;;) {
    try {
      return await work(() => {
        repetition = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectionFailed)) throw error;
      const wait = isTransient(error.failure) ? delayMs(repetition++) : null;
      if (wait === null) throw hubProblem(error.failure, hub, what);
      const asked = Math.min(error.retryAfterMs ?? 0, hub.longestWaitMs ?? defaultLongestWaitMs);
      await sleep(Math.max(wait, asked), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** A response whose body is read in pieces. */
export interface OpenResponse {
  readonly response: Response;
  pieces(): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * Sends one request. On a redirect to another host, fetch drops the token.
 *
 * @throws ConnectionFailed for a status of 400 and above, and when no byte comes for `stallMs`
 */
export async function request(
  hub: HubSettings,
  url: URL,
  signal: AbortSignal,
  options: {
    readonly method?: 'GET' | 'HEAD';
    readonly headers?: Readonly<Record<string, string>>;
    readonly redirect?: 'follow' | 'manual';
  } = {},
): Promise<OpenResponse> {
  const stall = new AbortController();
  const stallMs = hub.stallMs ?? defaultStallMs;
  const timer = setTimeout(() => stall.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  const release = () => clearTimeout(timer);
  let response: Response;
  try {
    response = await fetch(url, {
      method: options.method ?? 'GET',
      redirect: options.redirect ?? 'follow',
      headers: {
        'user-agent': 'attune',
        // A compressed body could not be continued in the middle.
        'accept-encoding': 'identity',
        ...(hub.token !== null && url.origin === new URL(hub.endpoint).origin
          ? { authorization: `Bearer ${hub.token}` }
          : {}),
        ...options.headers,
      },
      signal: AbortSignal.any([signal, stall.signal]),
    });
  } catch (error) {
    release();
    throw new ConnectionFailed({ kind: 'network', cause: error });
  }
  if (response.status >= 400) {
    release();
    await response.body?.cancel().catch(() => undefined);
    const errorCode = response.headers.get('x-error-code');
    throw new ConnectionFailed({ kind: 'status', status: response.status, errorCode }, retryAfterMs(response));
  }
  if (options.method === 'HEAD') release();
  return {
    response,
    async *pieces() {
      try {
        if (response.body === null) return;
        for await (const piece of response.body) {
          timer.refresh();
          yield piece;
        }
      } catch (error) {
        throw new ConnectionFailed({ kind: 'network', cause: error });
      } finally {
        release();
      }
    },
  };
}

function retryAfterMs({ headers }: Response): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : null;
}
