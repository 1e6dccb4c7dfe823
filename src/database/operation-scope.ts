import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';

/** An operation ended before its answer was there. */
export class OperationEndedError extends Error {
  override readonly name = 'OperationEndedError';

  constructor(
    readonly code: 'OPERATION_TIMED_OUT' | 'OPERATION_ABANDONED',
    message: string,
  ) {
    super(message);
  }
}

const scopes = new AsyncLocalStorage<OperationScope>();

/**
 * What runs for one request, or one operation over WebSocket. Statements find it by themselves: they are sent from services and loaders, which
 * do not know of requests.
 *
 * Only what has no effects is broken off: a change that was begun is done whole, whoever still waits for it.
 */
export class OperationScope {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private state: 'unknown' | 'reads' | 'changes' = 'unknown';

  constructor() {
    // One listener for each statement that runs.
    setMaxListeners(0, this.controller.signal);
  }

  /** Aborted when the work is to end; null for work that is to be done whole. */
  get signal(): AbortSignal | null {
    return this.state === 'reads' ? this.controller.signal : null;
  }

  /** Why it ended; null while it has not. */
  get ended(): OperationEndedError | null {
    return this.controller.signal.aborted ? (this.controller.signal.reason as OperationEndedError) : null;
  }

  /** The operation only reads: it may be broken off, and is after `deadlineMs`; 0: no deadline. */
  startReading(deadlineMs: number): void {
    // Of several operations in one request one may be a change.
    if (this.state !== 'unknown') return;
    this.state = 'reads';
    if (deadlineMs === 0) return;
    this.timer = setTimeout(() => {
      const message = `The operation took longer than ${deadlineMs} ms, and was ended. Ask for less, in several operations.`;
      this.controller.abort(new OperationEndedError('OPERATION_TIMED_OUT', message));
    }, deadlineMs);
    this.timer.unref();
  }

  /** The operation changes something. */
  startChanging(): void {
    this.state = 'changes';
    this.clearTimer();
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    this.clearTimer();
    if (this.state !== 'reads') return;
    this.controller.abort(new OperationEndedError('OPERATION_ABANDONED', 'Nobody waits for this operation any more.'));
  }

  /** The answer is there. */
  close(): void {
    this.clearTimer();
  }

  /** Does `work` in this scope. */
  run<Result>(work: () => Result): Result {
    return scopes.run(this, work);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** The scope that this code runs in; null outside of an operation. */
export function currentScope(): OperationScope | null {
  return scopes.getStore() ?? null;
}

/** Aborted when the operation that this code runs for is to end; null where there is none, or it is to be done whole. */
export function cancellation(): AbortSignal | null {
  return scopes.getStore()?.signal ?? null;
}
