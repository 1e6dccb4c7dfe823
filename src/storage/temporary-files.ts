import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { systemErrorCode } from './storage-error.js';

/** No write pauses this long between two chunks, and every chunk renews the file's modification time. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

const suffix = '.part';

/**
 * A hash, because host names may hold characters that file names may not. Host names differ between containers that
 * share a folder.
 */
const host = sha256Hex(hostname()).slice(0, 12);

/**
 * A name for a file or folder that says which process of which host uses it, so that others can tell whether that
 * process is alive.
 */
export function temporaryName(): string {
  return `${host}-${process.pid}-${randomUUID()}${suffix}`;
}

/**
 * Removes the remains of crashed processes: files and folders of a process of this host that has gone, and those of any
 * host that were not written to for a day.
 */
export async function removeStaleFiles(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(suffix)) continue;
    const path = join(folder, name);
    if (isOrphan(name) || (await isAbandoned(path, now))) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a temporary name belongs to a process of this host that has gone. */
export function isOrphan(name: string): boolean {
  const [writerHost, writerProcess] = name.split('-');
  return writerHost === host && !isRunning(Number(writerProcess));
}

async function isAbandoned(path: string, now: Date): Promise<boolean> {
  try {
    return now.getTime() - (await stat(path)).mtimeMs > abandonedAfterMs;
  } catch (error) {
    // The writer has finished meanwhile.
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: the process runs under another user.
    return systemErrorCode(error) !== 'ESRCH';
  }
}
