import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMetricsServer } from '../../src/observability/metrics-server.js';
import { openRegistry } from '../../src/observability/registry.js';
import type { MetricsAddress } from '../../src/observability/settings.js';
import type { Log } from '../log.js';
import { type WorkerMetrics, workerMetrics } from './worker-metrics.js';

/**
 * Keeps the worker's metrics and serves them. A port that is taken is no reason not to train: the log says that nobody
 * can read the metrics.
 */
export async function serveWorkerMetrics(address: MetricsAddress, version: string, log: Log): Promise<WorkerMetrics> {
  const registry = openRegistry('worker', version);
  const server = createMetricsServer(registry, address.token, (error) =>
    log.warn({ reason: String(error) }, 'A scrape of the metrics failed'),
  );
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    log.info({ port }, `Metrics are at ${host}:${port}/metrics`);
  } catch (error) {
    const settings = { host: address.host, port: address.port };
    log.error(
      { ...settings, reason: String(error) },
      'Metrics can’t be served here: set ATTUNE_METRICS_PORT to another',
    );
  }
  return workerMetrics(registry);
}
