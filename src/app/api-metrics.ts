import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { poolOf } from '../database/data-source.js';
import type { OnNewEvents } from '../events/event-logs.js';
import { eventLagMetrics } from '../observability/event-lag.js';
import type { OnStatement } from '../observability/followed-client.js';
import { watchHttp } from '../observability/http-metrics.js';
import { createMetricsServer } from '../observability/metrics-server.js';
import { type OperationObserver, operationMetrics } from '../observability/operation-observer.js';
import { openRegistry } from '../observability/registry.js';
import type { MetricsAddress } from '../observability/settings.js';
import { sqlMetrics } from '../observability/sql-metrics.js';
import type { Query } from '../protocol/sql/query.js';
import { listen } from '../server/listen.js';
import { queueMetrics } from '../workers/queue-metrics.js';
import type { WorkerReads } from '../workers/worker.reads.js';

/** Where the metrics of the queue and of the pool come from. */
export interface MetricSources {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly workers: Pick<WorkerReads, 'online'>;
}

/** The metrics of an API process, and the hooks that they need. */
export interface ApiMetrics {
  readonly operations: OperationObserver;
  /** Follows all requests of an HTTP server. */
  readonly watchHttp: (server: Server) => void;
  readonly onStatement: OnStatement;
  readonly onNewEvents: OnNewEvents;
  /** Serves the metrics. Returns a function that ends this. Throws ListenError. */
  serve(sources: MetricSources): Promise<() => Promise<void>>;
}

export function apiMetrics(address: MetricsAddress, version: string, logger: Logger): ApiMetrics {
  const registry = openRegistry('api', version);
  const sql = sqlMetrics(registry);
  return {
    operations: operationMetrics(registry),
    watchHttp: watchHttp(registry),
    onStatement: sql.onStatement,
    onNewEvents: eventLagMetrics(registry),
    async serve({ dataSource, query, workers }) {
      sql.watch(poolOf(dataSource));
      queueMetrics(registry, query, workers, (what, error) =>
        logger.warn({ err: error }, `The ${what} could not be read for a scrape, which leaves their metrics out`),
      );
      const server = createMetricsServer(registry, address.token, (error) =>
        logger.warn({ err: error }, 'A scrape of the metrics failed'),
      );
      const url = await listen(server, address.host, address.port, 'ATTUNE_METRICS');
      logger.info(`Metrics are at ${new URL(url).host}/metrics`);
      return async () => {
        server.closeAllConnections();
        server.close();
      };
    },
  };
}
