import type pg from 'pg';
import type { Logger } from 'pino';
import type { OnNewEvents } from '../events/event-logs.js';
import { followedClient } from '../observability/followed-client.js';
import type { ObservabilitySettings } from '../observability/settings.js';
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
}

/** Libraries for it are loaded only where settings ask for it. */
export async function observeApi(
  { metrics: address }: ObservabilitySettings,
  version: string,
  logger: Logger,
): Promise<Observation> {
  const metrics = address === null ? null : (await import('./api-metrics.js')).apiMetrics(address, version, logger);
  return {
    Client: metrics === null ? undefined : followedClient(metrics.onStatement),
    observers: metrics,
    onNewEvents: metrics?.onNewEvents,
    serve: (sources) => metrics?.serve(sources) ?? Promise.resolve(() => Promise.resolve()),
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
