import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A running server process, as its `postmaster.pid` describes it. */
export interface Postmaster {
  readonly processId: number;
  readonly port: number;
}

/**
 * How long a fast shutdown may take before an immediate one follows (which loses nothing, but needs recovery at the
 * next start).
 */
const shutdownTimeoutMs = 30_000;
const pollIntervalMs = 20;

/**
 * The server process that runs on a data folder, or null. A `postmaster.pid` left by a power cut or a restarted
 * container is removed when its process number now belongs to another program: PostgreSQL itself would refuse to start.
 */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | null> {
  const path = join(dataFolder, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  // Lines: process, data folder, start time, port, socket folder, address, shared memory key, status. The server writes
  // them one after the other.
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

/** Whether the command line of a process shows a PostgreSQL server on this data folder. */
async function isServerOf(processId: number, dataFolder: string): Promise<boolean> {
  const commandLine = await readCommandLine(processId);
  // Where the system does not reveal the command line, the file is believed.
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
 * A fast shutdown: sessions end, open transactions are rolled back, a checkpoint is written. Resolves when the server
 * is gone. (The process number alone would not tell: in a container, an adopted server may remain as a zombie that no
 * process reaps.)
 */
export async function stopPostmaster(dataFolder: string, processId: number): Promise<void> {
  const deadline = performance.now() + shutdownTimeoutMs;
  signal(processId, 'SIGINT');
  while ((await findPostmaster(dataFolder))?.processId === processId) {
    if (performance.now() > deadline) signal(processId, 'SIGQUIT');
    await delay(pollIntervalMs);
  }
}

/** Requests a fast shutdown without waiting, which is all that an `exit` handler can do. */
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
