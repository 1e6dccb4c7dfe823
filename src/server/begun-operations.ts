import type { ExecutionResult } from 'graphql';
import { currentScope, type OperationScope } from '../database/operation-scope.js';
import type { Answer } from '../graphql/execution/answer.js';
import type { StartedOperation } from '../observability/operation-observer.js';
import type { RateState } from './rate-limits.js';

/** What was done for an operation before Apollo got it, and is not done again. */
export interface BegunOperation {
  /** Null: nobody wants to know of it. */
  readonly observed: StartedOperation | null;
  /** What its points left; null: its viewer pays none. */
  readonly paid: RateState | null;
  /** Null: it was not executed, or could not be. */
  readonly answer: ExecutionResult | Answer | null;
}

const begun = new WeakMap<OperationScope, BegunOperation>();

/** Hands an operation that was begun in this scope to Apollo. */
export function handOver(scope: OperationScope, operation: BegunOperation): void {
  begun.set(scope, operation);
}

/** The operation of the running code's scope that was begun before; null: it was not. */
export function begunOperation(): BegunOperation | null {
  const scope = currentScope();
  return (scope === null ? undefined : begun.get(scope)) ?? null;
}
