import './engine/no-telemetry.js';
import pino from 'pino';
import type { MetricsAddress, TracesSettings } from '../src/observability/settings.js';
import type { Tracing } from '../src/observability/tracing.js';
import { EnvironmentError } from '../src/protocol/environment.js';
import { toLoggedError } from '../src/protocol/logged-error.js';
import { readVersion } from '../src/protocol/product-version.js';
import { onStopSignals } from '../src/protocol/stop-signals.js';
import { readWorkerEnv, type WorkerEnv } from './env.js';
import type { WorkerMetrics } from './observability/worker-metrics.js';
import { startWorker } from './worker.js';

/** Exit code for a start with wrong settings, which no restart can cure. */
const exitMisconfigured = 2;

const startedByApi = process.send !== undefined;
const env = readEnvOrExit();
const log = pino({ name: 'worker', level: env.logLevel, serializers: { err: toLoggedError } });
// When the API that reads this log is gone, a failed write must not end the process before it has returned its jobs.
process.stdout.on('error', () => undefined);

const { metrics, traces } = env.observability;
const tracing = traces === null ? null : await openTraces(traces);
const worker = await startWorker({
  env,
  metrics: metrics === null ? null : await serveMetrics(metrics),
  tracing,
  threads: {
    training: new URL('./training-jobs/thread.js', import.meta.url),
    short: new URL('./short-jobs/thread.js', import.meta.url),
    transfer: new URL('./transfer-jobs/thread.js', import.meta.url),
    batch: new URL('./batch-jobs/thread.js', import.meta.url),
    data: new URL('./data-jobs/thread.js', import.meta.url),
    preview: new URL('./data-jobs/thread.js', import.meta.url),
  },
  log,
  onStalled({ lane, jobId, silenceMs }) {
    // Lines of this level are written before the call returns.
    log.fatal(
      { lane, jobId, silenceMs },
      `A thread is stuck in a job of lane ${lane}: this process ends, and the next worker takes over its jobs`,
    );
    // A thread inside a native call can't be ended from outside: exit() would wait for it, and terminate() may abort
    // the process. Nothing is released: the lease expires, and the attempt counts as lost.
    process.kill(process.pid, 'SIGKILL');
  },
}).catch((error: unknown) => {
  log.fatal({ err: error }, 'The worker did not start');
  process.exit(1);
});
worker.failed.catch((error: unknown) => {
  log.fatal({ err: error }, 'The worker failed');
  process.exit(1);
});

/** The library for it is loaded only where it is asked for. */
async function serveMetrics(address: MetricsAddress): Promise<WorkerMetrics> {
  const { serveWorkerMetrics } = await import('./observability/observe-worker.js');
  return serveWorkerMetrics(address, readVersion(), log);
}

/** So is this one. */
async function openTraces(settings: TracesSettings): Promise<Tracing> {
  const { openTracing } = await import('../src/observability/open-tracing.js');
  return openTracing(settings, { role: 'worker', version: readVersion() }, (message) => log.warn({}, message));
}

let stopping = false;
const stop = (reason: string): void => {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, 'Stopping: a training writes a checkpoint first');
  const stopped = worker.stop().then(() => tracing?.close());
  stopped.then(
    () => {
      log.info({}, 'Worker stopped');
      process.exit(0);
    },
    (error: unknown) => {
      log.fatal({ err: error }, 'Stopping failed');
      process.exit(1);
    },
  );
};
onStopSignals({
  onStop: stop,
  onInsist() {
    log.warn({}, 'Second request to stop: ending at once');
    process.kill(process.pid, 'SIGKILL');
  },
});
// If an API process started this worker, the end of that process closes the channel, whatever its cause.
process.on('disconnect', () => stop('the process that started this worker is gone'));
if (startedByApi && !process.connected) stop('the process that started this worker is gone');

function readEnvOrExit(): WorkerEnv {
  try {
    return readWorkerEnv();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`The worker can't start.\n${error.message}\n`);
    process.exit(exitMisconfigured);
  }
}
