import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { boundedNames } from './bounded-names.js';
import type { RequestContext } from './request-context.js';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const mostNames = 100;
const mostCodes = 100;
const maxNameLength = 64;

export type Transport = 'http' | 'websocket' | 'events';

/** What an operation is, once its document has been read. */
export interface ResolvedOperation {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Null: the operation has no name. */
  readonly name: string | null;
  /** The field of the subscription; null for all others. */
  readonly subscribes: string | null;
}

export interface StartedOperation {
  resolved(operation: ResolvedOperation): void;
  /** The client was told of errors with these codes; perhaps of none. */
  failed(codes: readonly string[]): void;
  /** A subscription has begun: its events follow. */
  subscribed?(): void;
  /** An event is told to the client now, or once `told` has resolved. */
  telling?(event: unknown, told: unknown): void;
  /** The operation is over. A second call does nothing. */
  ended(): void;
}

/** Is told of every operation, over whichever transport it comes. */
export interface OperationObserver {
  started(transport: Transport, request: RequestContext): StartedOperation;
}

/** An observer that tells all of these. */
export function observers(all: readonly OperationObserver[]): OperationObserver {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return {
    started(transport, request) {
      const each = all.map((observer) => observer.started(transport, request));
      return {
        resolved: (operation) => each.forEach((one) => void one.resolved(operation)),
        failed: (codes) => each.forEach((one) => void one.failed(codes)),
        subscribed: () => each.forEach((one) => void one.subscribed?.()),
        telling: (event, told) => each.forEach((one) => void one.telling?.(event, told)),
        ended: () => each.forEach((one) => void one.ended()),
      };
    },
  };
}

/** Counts operations, their errors and subscribers, and times what ends with one answer. */
export function operationMetrics(registry: Registry): OperationObserver {
  const names = boundedNames(mostNames);
  const codesKnown = boundedNames(mostCodes);
  const operations = new Counter({
    name: 'attune_operations_total',
    help: `Operations by their name (the first ${mostNames} names of a process; “other” for all further ones).`,
    labelNames: ['operation', 'type', 'transport', 'outcome'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'attune_operation_duration_seconds',
    help: 'Time from reading an operation to its answer, of queries and mutations.',
    labelNames: ['operation', 'type'],
    buckets,
    registers: [registry],
  });
  const errors = new Counter({
    name: 'attune_operation_errors_total',
    help: 'Errors that clients were told, by their code.',
    labelNames: ['code'],
    registers: [registry],
  });
  const subscribers = new Gauge({
    name: 'attune_subscriptions',
    help: 'Running subscriptions, by the field that they subscribe to.',
    labelNames: ['field', 'transport'],
    registers: [registry],
  });
  return {
    started(transport) {
      const startedAt = performance.now();
      let known: { readonly operation: string; readonly type: string; readonly subscribes: string | null } | null =
        null;
      let hasEnded = false;
      let outcome = 'ok';
      return {
        resolved({ type, name, subscribes }) {
          known = { operation: name === null ? 'unnamed' : names(name.slice(0, maxNameLength)), type, subscribes };
          if (subscribes !== null) subscribers.inc({ field: subscribes, transport });
        },
        failed(codes) {
          for (const code of codes) errors.inc({ code: codesKnown(code) });
          if (codes.length > 0) outcome = 'error';
        },
        ended() {
          if (hasEnded) return;
          hasEnded = true;
          const { operation, type, subscribes } = known ?? { operation: 'invalid', type: 'unknown', subscribes: null };
          operations.inc({ operation, type, transport, outcome });
          if (subscribes !== null) subscribers.dec({ field: subscribes, transport });
          else duration.observe({ operation, type }, (performance.now() - startedAt) / 1000);
        },
      };
    },
  };
}
