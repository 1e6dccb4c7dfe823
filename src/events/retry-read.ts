import { setTimeout as delay } from 'node:timers/promises';

const retryDelayMs = 1_000;

/**
 * Reads until a read succeeds; undefined when the signal is aborted before.
 * @param what names the data in log lines, e.g. `run events`
 */
export async function retryRead<Result>(
  read: () => Promise<Result>,
  options: { readonly signal: AbortSignal; readonly what: string; readonly log: (message: string) => void },
): Promise<Result | undefined> {
  const { signal, what, log } = options;
  while (!signal.aborted) {
    try {
      return await read();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`Reading ${what} failed, next try in ${retryDelayMs} ms: ${message}`);
      await delay(retryDelayMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
