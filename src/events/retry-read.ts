import pRetry from 'p-retry';

const retryDelayMs = 1_000;

/**
 * Reads until a read succeeds; undefined when the signal is aborted before. A TypeError is a fault of the program: it
 * is thrown, not read again.
 * @param what names the data in log lines, e.g. `run events`
 */
export async function retryRead<Result>(
  read: () => Promise<Result>,
  options: { readonly signal: AbortSignal; readonly what: string; readonly log: (message: string) => void },
): Promise<Result | undefined> {
  const { signal, what, log } = options;
  try {
    return await pRetry(read, {
      retries: Number.POSITIVE_INFINITY,
      factor: 1,
      minTimeout: retryDelayMs,
      signal,
      onFailedAttempt: ({ error }) => log(`Reading ${what} failed, next try in ${retryDelayMs} ms: ${error.message}`),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
