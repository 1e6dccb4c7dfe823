import { ConnectionError, type OperationError, RefusedError, refusedBy } from './errors.js';
import { delayMs, type RetrySettings, retryAfterSeconds, wait } from './waiting.js';

/** Whether cookies go along, as `fetch` has it. */
export type Credentials = 'omit' | 'same-origin' | 'include';

/** Where a server is and how it is asked. */
export interface Server {
  readonly url: URL;
  readonly apiKey: string | null;
  /** Whether a session's cookie goes along to a server of another origin. */
  readonly credentials: Credentials;
  readonly fetch: typeof fetch;
  readonly retry: RetrySettings;
}

/** Longer than any window of the server's limits: who is told to wait longer is told so. */
const longestPauseSeconds = 120;

/** Statuses of a server that is overloaded or starts again, and of proxies before one that is away. */
const passing = new Set([502, 503, 504]);

/** A key goes to the server alone, never to another host that a URL may name. */
export function headersFor({ url, apiKey }: Server, target: URL): Record<string, string> {
  return apiKey === null || target.origin !== url.origin ? {} : { authorization: `Bearer ${apiKey}` };
}

/** Sends a request once. Throws ConnectionError, or the reason of the signal. */
export async function fetchOnce(server: Server, target: URL, init: RequestInit): Promise<Response> {
  try {
    return await server.fetch(target, {
      ...init,
      headers: { ...headersFor(server, target), ...(init.headers as Record<string, string>) },
      credentials: server.credentials,
    });
  } catch (cause) {
    throw lost(server, cause, init.signal ?? undefined);
  }
}

/** The error of a request that had no answer, or whose answer broke off. */
function lost(server: Server, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  return new ConnectionError(
    `No answer came from ${server.url.origin}${reasonOf(cause)}.`,
    'See whether the server runs and the address is right, and try again.',
    cause,
  );
}

/** What Node says beneath `fetch failed`, such as `connect ECONNREFUSED 127.0.0.1:4000`; browsers say nothing. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error ? cause.cause : undefined;
  if (!(inner instanceof Error)) return '';
  const { code } = inner as { code?: unknown };
  const reason = inner.message !== '' ? inner.message : typeof code === 'string' ? code : '';
  return reason === '' ? '' : ` (${reason})`;
}

/**
 * Runs `attempt` again while that is safe and may help: after 429 always, since nothing was done; after a lost
 * connection and statuses that pass only where doing it twice does no harm.
 */
export async function withRetries<Result>(
  retry: RetrySettings,
  options: { readonly isRepeatable: boolean; readonly signal: AbortSignal | undefined },
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = failures > retry.maxRetries ? null : pauseAfter(error, options.isRepeatable, retry, failures);
      if (pauseMs === null) throw error;
      await wait(pauseMs, options.signal);
    }
  }
}

/** Milliseconds until the next attempt; null: another one would not help, or may do harm. */
export function pauseAfter(
  error: unknown,
  isRepeatable: boolean,
  retry: RetrySettings,
  failures: number,
): number | null {
  if (error instanceof ConnectionError) return isRepeatable ? delayMs(retry, failures) : null;
  if (!(error instanceof RefusedError)) return null;
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds !== null && retryAfterSeconds > longestPauseSeconds) return null;
  const isTooMuch = error.status === 429 || error.code === 'RATE_LIMITED';
  if (!isTooMuch && !(isRepeatable && error.status !== null && passing.has(error.status))) return null;
  return retryAfterSeconds === null ? delayMs(retry, failures) : 1000 * retryAfterSeconds;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly OperationError[];
}

/** Sends an operation once, and returns its data. Throws ConnectionError and RefusedError. */
export async function sendOperation(
  server: Server,
  operation: { readonly query: string; readonly operationName: string | null; readonly variables: unknown },
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const target = new URL('graphql', server.url);
  const response = await fetchOnce(server, target, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify(operation),
    signal,
  });
  const text = await response.text().catch((cause: unknown) => {
    throw lost(server, cause, signal);
  });
  const answer = parsed(text);
  const about = {
    status: response.status,
    requestId: response.headers.get('x-request-id'),
    retryAfterSeconds: retryAfterSeconds(response.headers),
  };
  if (answer?.errors !== undefined) throw refusedBy(answer.errors, about);
  if (answer?.data === undefined || answer.data === null) throw noGraphQL(target, about);
  return answer.data;
}

function parsed(text: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? (answer as Answer) : null;
  } catch {
    return null;
  }
}

function noGraphQL(
  target: URL,
  about: { readonly status: number; readonly requestId: string | null; readonly retryAfterSeconds: number | null },
): RefusedError {
  return new RefusedError(`${target} answered with status ${about.status}, and not as Attune does.`, {
    ...about,
    code: 'NOT_GRAPHQL',
    hint: passing.has(about.status)
      ? 'The server seems to be starting or overloaded. Try again.'
      : 'See whether this is the address of an Attune server.',
  });
}
