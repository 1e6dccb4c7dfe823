/**
 * Wakes one lane. A ring that no lane waits for is kept for the next wait, so that a job queued during a claim is not
 * overlooked.
 */
export class Doorbell {
  private rung = false;
  private open: (() => void) | null = null;

  ring(): void {
    this.rung = true;
    this.open?.();
  }

  /** Resolves at a ring, after `timeoutMs`, or when the signal is aborted. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          this.open = null;
          resolve();
        };
        const timer = setTimeout(finish, timeoutMs);
        signal.addEventListener('abort', finish);
        this.open = finish;
      });
    }
    this.rung = false;
  }
}
