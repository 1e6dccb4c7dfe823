import type pg from 'pg';
import type { Logger } from 'pino';
import type { OnNewEvents } from '../events/event-logs.js';
import { followedClient } from '../observability/followed-client.js';
import { observers } from '../observability/operation-observer.js';
import type { ObservabilitySettings } from '../observability/settings.js';
import { onStatements } from '../observability/statement-traces.js';
import type { ServerObservers } from '../server/http-server.js';
import type { MetricSources } from './api-metrics.js';

/** What an API process shows of itself, and the hooks that tell it. Nothing is hooked in that nobody asked for. */
export interface Observation {
  /** The class of database connections; undefined: the driver's own. */
  readonly Client: typeof pg.Client | undefined;
  readonly observers: ServerObservers | null;
  readonly onNewEvents: OnNewEvents | undefined;
  /** Serves what is to be read. Returns a function that ends this. Throws ListenError. */
  serve(sources: MetricSources): Promise<() => Promise<void>>;
  /** Sends what is left to send. Resolves within a deadline. */
  close(): Promise<void>;
}

/** Libraries for it are loaded only where settings ask for it. */
export async function observeApi(
  settings: ObservabilitySettings,
  version: string,
  logger: Logger,
): Promise<Observation> {
  const { metrics: address } = settings;
  const metrics = address === null ? null : (await import('./api-metrics.js')).apiMetrics(address, version, logger);
  const traces =
    settings.traces === null ? null : (await import('./api-traces.js')).apiTraces(settings.traces, version, logger);
  const hooks = [metrics, traces].filter((each) => each !== null);
  return {
    Client: hooks.length === 0 ? undefined : followedClient(onStatements(hooks.map(({ onStatement }) => onStatement))),
    observers:
      hooks.length === 0
        ? null
        : {
            operations: observers(hooks.map(({ operations }) => operations)),
            watchHttp: metrics?.watchHttp ?? null,
            tracing: traces?.tracing ?? null,
          },
    onNewEvents: metrics?.onNewEvents,
    async serve(sources) {
      const settle = traces?.deliver(sources.query);
      const end = await metrics?.serve(sources);
      return async () => {
        await end?.();
        await settle?.();
      };
    },
    close: () => traces?.tracing.close() ?? Promise.resolve(),
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
