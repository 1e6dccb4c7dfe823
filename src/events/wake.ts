/** Lets any number of waiters sleep until something may have changed. Keeps nothing of a waiter that has gone. */
export class Wake {
  private readonly waiters = new Set<() => void>();

  /** Resolves at the next `all()`, or at once when the signal is or gets aborted. */
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
