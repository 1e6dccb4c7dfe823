import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A running server process, by its own `postmaster.pid`. */
export interface Postmaster {
  readonly processId: number;
  readonly port: number;
}

/** How long a fast shutdown may take before it becomes an immediate one (recovery at the next start, nothing lost). */
const shutdownTimeoutMs = 30_000;
const pollIntervalMs = 20;

/**
 * The server process that runs on a data folder, or null. A `postmaster.pid` that a power cut or a restarted container left
 * is removed when its process number now belongs to another program: PostgreSQL itself would refuse to start.
 */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | null> {
  const path = join(dataFolder, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  // Lines: process, data folder, start time, port, socket folder, address, shared memory key, status. Written bit by bit.
  const [processLine, , , portLine] = text.split('\n');
  const processId = Number(processLine);
  const port = Number(portLine);
  if (!Number.isInteger(processId) || processId <= 0 || !isRunning(processId)) return null;
  if (!(await isServerOf(processId, dataFolder))) {
    await rm(path, { force: true });
    return null;
  }
  return { processId, port: Number.isInteger(port) ? port : 0 };
}

export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether a process is a PostgreSQL server that was started on this data folder, by its command line. */
async function isServerOf(processId: number, dataFolder: string): Promise<boolean> {
  const commandLine = await readCommandLine(processId);
  // Where the system won't say, believe the file.
  return commandLine === null || (commandLine.includes('postgres') && commandLine.includes(dataFolder));
}

async function readCommandLine(processId: number): Promise<string | null> {
  if (process.platform === 'win32') return null;
  if (process.platform === 'linux') {
    return readFile(`/proc/${processId}/cmdline`, 'utf8').catch(() => null);
  }
  return promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(processId)]).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/**
 * A fast shutdown: sessions are ended, open transactions rolled back, a checkpoint written. Resolves when the server is gone.
 * (A process number alone would not tell: in a container, an adopted server may stay as a zombie that nobody reaps.)
 */
export async function stopPostmaster(dataFolder: string, processId: number): Promise<void> {
  const deadline = Date.now() + shutdownTimeoutMs;
  signal(processId, 'SIGINT');
  while ((await findPostmaster(dataFolder))?.processId === processId) {
    if (Date.now() > deadline) signal(processId, 'SIGQUIT');
    await delay(pollIntervalMs);
  }
}

/** Asks for a fast shutdown without waiting: all that an `exit` handler can do. */
export function signalPostmaster(processId: number): void {
  signal(processId, 'SIGINT');
}

function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
