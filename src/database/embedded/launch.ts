import { type ChildProcess, spawn } from 'node:child_process';
import { chown, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { programEnv } from './program.js';
import type { ServerUser } from './server-user.js';

/** Settings of every embedded server; each is there because the default does not fit a server that lives beside a training. */
const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // Sockets have a path limit of 107 bytes and a folder to agree on; loopback with a password has neither.
  unix_socket_directories: '',
  // Processors belong to the training; no statement of ours is large enough to gain from parallel or compiled plans.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // A week of log files, each overwritten a week later.
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgres-%a.log',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
  /** What the server said before its log files took over. */
  earlyOutput(): Promise<string>;
}

/**
 * Starts a server process. It is its own process group, so that Ctrl-C in a terminal reaches this process only, which then
 * shuts the server down after its own connections; and it writes to files, so that it survives the loss of this process.
 */
export async function launchServer(options: {
  readonly dataFolder: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | null;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<Launched> {
  const { dataFolder, binaries, user, settings } = options;
  const port = await freePort();
  const outputPath = join(dataFolder, 'startup.log');
  const output = await open(outputPath, 'w', 0o600);
  try {
    if (user !== null) await chown(outputPath, user.uid, user.gid);
    const configured = Object.entries({ ...serverSettings, ...settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = spawn(binaries.postgres, ['-D', dataFolder, '-p', String(port), ...configured], {
      cwd: dataFolder,
      env: programEnv(),
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    child.unref();
    return { child, port, earlyOutput: () => readFile(outputPath, 'utf8') };
  } finally {
    await output.close();
  }
}

/** A port nobody listens on now; another program may still be faster, so a failed start is tried again with another one. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('The probe has no port.'));
        else resolve(address.port);
      });
    });
  });
}
