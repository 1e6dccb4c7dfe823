import { type ChildProcess, spawn } from 'node:child_process';
import { chown, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { programEnv } from './program.js';
import type { ServerUser } from './server-user.js';

/**
 * Settings of every embedded server. Each replaces a default that does not fit a server which runs beside a training.
 */
const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // Unix sockets have a path limit of 107 bytes and need an agreed folder; loopback with a password avoids both.
  unix_socket_directories: '',
  // Training needs the processors, and no statement is large enough to gain from parallel or compiled plans.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // One log file for each weekday, overwritten a week later.
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
  /** The server's output before its log files took over. */
  earlyOutput(): Promise<string>;
}

/**
 * Starts a server process. It is a process group of its own, so that Ctrl-C in a terminal reaches only this process,
 * which shuts the server down after closing its own connections. It writes to files, so that it survives the loss of
 * this process.
 */
export async function launchServer(options: {
  readonly dataFolder: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | null;
  readonly settings: Readonly<Record<string, string>>;
  /** Null: any that is free. */
  readonly port: number | null;
}): Promise<Launched> {
  const { dataFolder, binaries, user, settings } = options;
  const port = options.port ?? (await freePort());
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

/**
 * A port that no program listens on now. Another program may still take it first, so a failed start is repeated with
 * another port.
 */
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
