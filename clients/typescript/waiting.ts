/** How often and how long after a failure the same is tried again. */
export interface RetrySettings {
  /** Attempts after the first one that fails, one after another; 0: none. */
  readonly maxRetries: number;
  /** Before the first of them. Each further wait is twice as long, up to `longestMs`. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** Half of it is drawn at random, so that clients of a server that comes back do not come all at once. */
export function delayMs({ shortestMs, longestMs }: RetrySettings, failures: number): number {
  const whole = Math.min(longestMs, shortestMs * 2 ** (failures - 1));
  return whole / 2 + (Math.random() * whole) / 2;
}

/** Rejects with the signal's reason as soon as it is aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Seconds that `Retry-After` names; null where it is missing or a date. */
export function retryAfterSeconds(headers: Headers): number | null {
  const text = headers.get('retry-after');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
