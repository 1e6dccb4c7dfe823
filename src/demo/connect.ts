import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A platform to talk to; `started` says whether this demo started it. */
export interface Connection {
  readonly url: string;
  readonly started: boolean;
  stop(): Promise<void>;
}

const readyPollMs = 100;
const readyTimeoutMs = 180_000;

/** Uses the platform at `url` if one answers; otherwise starts one, if `url` is on this machine. */
export async function connect(url: string): Promise<Connection> {
  const { hostname, port, protocol } = new URL(url);
  if (await answers(url, '/health/live')) {
    await waitUntilReady(url, () => null);
    return { url, started: false, stop: async () => {} };
  }
  if (hostname !== '127.0.0.1' || port === '' || protocol !== 'http:') {
    throw new Error(`No platform answers at ${url}. To start one here, use a URL such as http://127.0.0.1:4000.`);
  }

  const platform = spawn(process.execPath, [fileURLToPath(new URL('../main.js', import.meta.url))], {
    env: {
      ...process.env,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      HOST: hostname,
      PORT: port,
      ATTUNE_WORKERS: '1',
      // Nobody reads the output of this platform: the key is for whoever starts it next.
      ATTUNE_OWNER_KEY: 'later',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [platform.stdout, platform.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8192);
    });
  }
  const exited = once(platform, 'exit');
  const stop = async () => {
    if (platform.exitCode !== null || platform.signalCode !== null) return;
    platform.kill('SIGTERM');
    await exited;
  };
  try {
    await waitUntilReady(url, () => (platform.exitCode === null ? null : `It ended:\n${output}`));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, started: true, stop };
}

/** Waits until the platform is ready: the database answers, and a worker can train. */
async function waitUntilReady(url: string, failure: () => string | null): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await answers(url, '/health/ready'))) {
    const failed = failure();
    if (failed !== null) throw new Error(`The platform did not start. ${failed}`);
    if (performance.now() > deadline) {
      throw new Error(
        `The platform at ${url} has no worker after ${readyTimeoutMs / 1000} s. Start one with npm run worker.`,
      );
    }
    await delay(readyPollMs);
  }
}

async function answers(url: string, path: string): Promise<boolean> {
  try {
    return (await fetch(new URL(path, url))).ok;
  } catch {
    return false;
  }
}
