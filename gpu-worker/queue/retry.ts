import { setTimeout as delay } from 'node:timers/promises';

const firstDelayMs = 100;
const maxDelayMs = 5_000;

/**
 * SQLSTATE classes after which the same transaction may succeed: connection, resources, operator intervention,
 * rollback.
 */
const transientClasses: ReadonlySet<string> = new Set(['08', '40', '53', '57']);

/** Whether an error concerns the server or the connection, and not the statement. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  // pg reports a broken connection and its own time-outs without a code.
  if (code === null) return /connection|timeout|timed out|not queryable/i.test(error.message);
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return transientClasses.has(code.slice(0, 2));
  return /^E[A-Z]+$/.test(code);
}

/**
 * Repeats `work` while it fails for a transient reason, with growing pauses, until the signal is aborted; then throws
 * the last error. `work` must be idempotent: a COMMIT whose answer was lost may have taken effect.
 */
export async function retryTransient<Result>(
  work: () => Promise<Result>,
  options: { readonly signal: AbortSignal; readonly onRetry: (error: Error, delayMs: number) => void },
): Promise<Result> {
  const { signal, onRetry } = options;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, maxDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      onRetry(error as Error, delayMs);
      await delay(delayMs, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
