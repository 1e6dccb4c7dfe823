import { setTimeout as delay } from 'node:timers/promises';

const retryDelayMs = 1_000;

/** Reads until it works; undefined when the signal is aborted first. @param what of the log line, e.g. `run events` */
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
      log(`Reading ${what} failed, again in ${retryDelayMs} ms: ${message}`);
      await delay(retryDelayMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
