import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from './storage-error.js';

/** No write lasts this long between two chunks: every chunk renews the file's modification time. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

const suffix = '.part';

/** Host names may hold characters that file names may not, and differ between containers that share a folder. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

/** A name for a file or folder that says which process of which host uses it, so that another can tell a live one. */
export function temporaryName(): string {
  return `${host}-${process.pid}-${randomUUID()}${suffix}`;
}

/**
 * Removes what crashed processes left: files and folders whose process, on this host, is gone, and those of any host that
 * nobody has written to for a day.
 */
export async function removeStaleFiles(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(suffix)) continue;
    const path = join(folder, name);
    if (isOrphan(name) || (await isAbandoned(path, now))) await rm(path, { recursive: true, force: true });
  }
}

/** Whether the process that made a temporary name is one of this host, and gone. */
export function isOrphan(name: string): boolean {
  const [writerHost, writerProcess] = name.split('-');
  return writerHost === host && !isRunning(Number(writerProcess));
}

async function isAbandoned(path: string, now: Date): Promise<boolean> {
  try {
    return now.getTime() - (await stat(path)).mtimeMs > abandonedAfterMs;
  } catch (error) {
    // Its writer has finished in the meantime.
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return systemErrorCode(error) !== 'ESRCH';
  }
}
