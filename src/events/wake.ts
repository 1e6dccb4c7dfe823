/** Lets any number of waiters sleep until something may have changed. A waiter that has gone leaves nothing behind. */
export class Wake {
  private readonly waiters = new Set<() => void>();

  /** Resolves at the next `all()`, or when the signal is aborted, at once if it already is. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiters.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  all(): void {
    for (const wake of [...this.waiters]) wake();
  }

  get waiting(): number {
    return this.waiters.size;
  }
}
