import type pg from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { poolOf } from '../database/data-source.js';
import type { OnNewEvents } from '../events/event-logs.js';
import { eventLagMetrics } from '../observability/event-lag.js';
import { watchHttp } from '../observability/http-metrics.js';
import { createMetricsServer } from '../observability/metrics-server.js';
import { operationMetrics } from '../observability/operation-observer.js';
import { openRegistry } from '../observability/registry.js';
import type { ObservabilitySettings } from '../observability/settings.js';
import { followedClient, sqlMetrics } from '../observability/sql-metrics.js';
import type { Query } from '../protocol/sql/query.js';
import type { ServerObservers } from '../server/http-server.js';
import { listen } from '../server/listen.js';
import { queueMetrics } from '../workers/queue-metrics.js';
import type { WorkerReads } from '../workers/worker.reads.js';

/** What an API process shows of itself, and the hooks that tell it. Nothing is hooked in that nobody asked for. */
export interface Observation {
  /** The class of database connections. */
  readonly Client: typeof pg.Client | undefined;
  readonly observers: ServerObservers | null;
  readonly onNewEvents: OnNewEvents | undefined;
  /** Serves the metrics. Returns a function that ends this. Throws ListenError. */
  serve(sources: {
    readonly dataSource: DataSource;
    readonly query: Query;
    readonly workers: Pick<WorkerReads, 'online'>;
  }): Promise<() => Promise<void>>;
}

export function observeApi(settings: ObservabilitySettings, version: string, logger: Logger): Observation {
  const { metrics } = settings;
  if (metrics === null) {
    return {
      Client: undefined,
      observers: null,
      onNewEvents: undefined,
      serve: () => Promise.resolve(() => Promise.resolve()),
    };
  }
  const registry = openRegistry('api', version);
  const sql = sqlMetrics(registry);
  return {
    Client: followedClient(sql.onStatement),
    observers: { operations: operationMetrics(registry), watchHttp: watchHttp(registry) },
    onNewEvents: eventLagMetrics(registry),
    async serve({ dataSource, query, workers }) {
      sql.watch(poolOf(dataSource));
      queueMetrics(registry, query, workers);
      const server = createMetricsServer(registry, metrics.token, (error) =>
        logger.warn({ err: error }, 'A scrape of the metrics failed'),
      );
      const url = await listen(server, metrics.host, metrics.port, 'ATTUNE_METRICS');
      logger.info(`Metrics are at ${new URL(url).host}/metrics`);
      return async () => {
        server.closeAllConnections();
        server.close();
      };
    },
  };
}

/**
 * Where the worker with this index serves its metrics: on the port after the API's for the first one, and so on; on any
 * free port where the API has any.
 */
export function metricsSettingsOf({ metrics }: ObservabilitySettings, index: number): Readonly<Record<string, string>> {
  if (metrics === null) return {};
  return { ATTUNE_METRICS_PORT: String(metrics.port === 0 ? 0 : metrics.port + 1 + index) };
}
