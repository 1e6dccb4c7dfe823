import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import type { RequestContext } from '../observability/request-context.js';

/** An operation ended before it had an answer. */
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
 * The work for one request, or for one operation over WebSocket. Statements find their scope by themselves, because the
 * services and loaders that send them know nothing of requests.
 *
 * Only reads are cancelled: a mutation that has begun is finished, even if its client has gone.
 */
export class OperationScope {
  /** The statements that run for the operation; they are cancelled when it ends early. */
  readonly running = new Set<{ cancel(): void }>();
  private readonly early = new LazySignal();
  private readonly gone = new LazySignal();
  private timer: NodeJS.Timeout | null = null;
  private state: 'unknown' | 'reads' | 'changes' = 'unknown';

  /** @param request what the log calls the request; null: the work is for none */
  constructor(readonly request: RequestContext | null = null) {}

  /** Aborted when the operation should end; null for an operation that must run to its end. */
  get signal(): AbortSignal | null {
    return this.state === 'reads' ? this.early.signal : null;
  }

  /** Whether the operation only reads, and can be ended early. */
  get isReading(): boolean {
    return this.state === 'reads';
  }

  /** @throws OperationEndedError if the operation has ended early */
  throwIfEnded(): void {
    if (this.early.reason !== null) throw this.early.reason;
  }

  /** Aborted when the operation's client has gone, for mutations too: they need not wait for what nobody will read. */
  get departure(): AbortSignal {
    return this.gone.signal;
  }

  /** Why the operation ended early; null while it has not. */
  get ended(): OperationEndedError | null {
    return this.early.reason;
  }

  /** Marks the operation as reading only: it can be cancelled, and is after `deadlineMs`; 0: no deadline. */
  startReading(deadlineMs: number): void {
    // A request may hold several operations, and one of them may be a mutation.
    if (this.state !== 'unknown') return;
    this.state = 'reads';
    if (deadlineMs === 0) return;
    this.timer = setTimeout(() => {
      const message = `The operation took longer than ${deadlineMs} ms, and was ended. Ask for less, in several operations.`;
      this.end(new OperationEndedError('OPERATION_TIMED_OUT', message));
    }, deadlineMs);
    this.timer.unref();
  }

  /** Marks the operation as a mutation. */
  startChanging(): void {
    this.state = 'changes';
    this.clearTimer();
  }

  /** Cancels the operation, if it only reads, because its client has gone. */
  abandon(): void {
    this.clearTimer();
    const error = new OperationEndedError('OPERATION_ABANDONED', 'The client of this operation has gone.');
    this.gone.abort(error);
    if (this.state === 'reads') this.end(error);
  }

  /** Ends the time limit, because the operation has its answer. */
  close(): void {
    this.clearTimer();
  }

  /** Runs `work` in this scope. */
  run<Result>(work: () => Result): Result {
    return scopes.run(this, work);
  }

  private end(error: OperationEndedError): void {
    this.early.abort(error);
    for (const statement of this.running) statement.cancel();
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** An abort signal that is made when somebody asks for it: few operations have one, and making it is dear. */
class LazySignal {
  reason: OperationEndedError | null = null;
  private controller: AbortController | null = null;

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      // Each running statement of DuckDB adds a listener.
      setMaxListeners(0, this.controller.signal);
      if (this.reason !== null) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  abort(reason: OperationEndedError): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.controller?.abort(reason);
  }
}

/** The scope of the running code; null outside of an operation. */
export function currentScope(): OperationScope | null {
  return scopes.getStore() ?? null;
}

/**
 * Aborted when the running code's operation should end; null outside of an operation, or for an operation that must run
 * to its end.
 */
export function cancellation(): AbortSignal | null {
  return scopes.getStore()?.signal ?? null;
}

/** Aborted when the client of the running code's operation has gone; null outside of an operation. */
export function departure(): AbortSignal | null {
  return scopes.getStore()?.departure ?? null;
}
