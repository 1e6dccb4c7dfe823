import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A platform to talk to; `started` holds the process when it was this demo that started it. */
export interface Connection {
  readonly url: string;
  readonly started: boolean;
  stop(): Promise<void>;
}

const readyPollMs = 100;
const startTimeoutMs = 60_000;

/** Uses the platform at `url` when one answers there, and starts one (`npm start`) when none does. */
export async function connect(url: string): Promise<Connection> {
  if (await isReady(url)) return { url, started: false, stop: async () => {} };

  const platform = spawn(process.execPath, [fileURLToPath(new URL('../main.js', import.meta.url))], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      PORT: new URL(url).port,
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

  const deadline = Date.now() + startTimeoutMs;
  while (!(await isReady(url))) {
    if (platform.exitCode !== null) throw new Error(`The platform did not start:\n${output}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`The platform was not ready after ${startTimeoutMs / 1000} s:\n${output}`);
    }
    await delay(readyPollMs);
  }
  return { url, started: true, stop };
}

/** Ready: the database answers, and a worker is there to train. */
async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health/ready', url));
    return response.ok;
  } catch {
    return false;
  }
}
