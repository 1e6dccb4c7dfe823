import type { Logger } from 'pino';
import { currentScope } from '../database/operation-scope.js';
import type { OnStatement } from '../observability/followed-client.js';
import { openTracing } from '../observability/open-tracing.js';
import type { OperationObserver } from '../observability/operation-observer.js';
import { type OnTelling, operationTraces } from '../observability/operation-traces.js';
import type { TracesSettings } from '../observability/settings.js';
import { statementTraces } from '../observability/statement-traces.js';
import type { Tracing } from '../observability/tracing.js';
import type { Query } from '../protocol/sql/query.js';
import { traceDeliveries } from './trace-deliveries.js';

/** The traces of an API process, and the hooks that they need. */
export interface ApiTraces {
  readonly tracing: Tracing;
  readonly operations: OperationObserver;
  readonly onStatement: OnStatement;
  /**
   * From now on the deliveries of events have spans; `query` finds the places of their jobs. Returns a function that
   * waits until it is needed no more.
   */
  deliver(query: Query): () => Promise<void>;
}

export function apiTraces(settings: TracesSettings, version: string, logger: Logger): ApiTraces {
  const warn = (message: string): void => logger.warn(message);
  const tracing = openTracing(settings, { role: 'api', version }, warn);
  let telling: () => OnTelling = () => () => undefined;
  return {
    tracing,
    operations: operationTraces(() => telling()),
    onStatement: statementTraces(() => currentScope()?.request?.traced ?? null),
    deliver(query) {
      const deliveries = traceDeliveries(tracing, query, warn);
      telling = deliveries.telling;
      return deliveries.settle;
    },
  };
}
