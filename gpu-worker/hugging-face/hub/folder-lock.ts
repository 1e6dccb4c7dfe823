import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from '../../../src/storage/storage-error.js';
import { isOrphan, temporaryName } from '../../../src/storage/temporary-files.js';

export interface LockTimes {
  /** How often an owner renews its lock. */
  readonly renewMs: number;
  /** After this long without renewal, the owner counts as dead. */
  readonly staleMs: number;
  /** How often a waiting process checks the lock. */
  readonly waitMs: number;
}

const defaultTimes: LockTimes = { renewMs: 2_000, staleMs: 20_000, waitMs: 500 };

/**
 * Waits until this process alone may use the folder of the lock file, and returns the function that releases the lock.
 * The file names its owner, and owners renew its time: so a lock of a killed process, on this host or on another that
 * shares the disk, can be taken over.
 *
 * Two processes that take over a dead owner's lock in the same moment could both succeed. Every download is checked by
 * its digest, so they would waste work, but never get a wrong file.
 */
export async function lock(
  path: string,
  signal: AbortSignal,
  times: LockTimes = defaultTimes,
): Promise<() => Promise<void>> {
  const owner = temporaryName();
  while (!(await create(path, owner))) {
    signal.throwIfAborted();
    if (await isLeft(path, times.staleMs)) {
      const aside = `${path}.${owner}`;
      await rename(path, aside).catch(ignoreMissing);
      await rm(aside, { force: true });
    } else await sleep(times.waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  const renewal = setInterval(() => {
    const now = new Date();
    // The lock may be gone, if this process stood still and another took over; the digests then protect the files.
    utimes(path, now, now).catch(() => undefined);
  }, times.renewMs);
  renewal.unref();
  return async () => {
    clearInterval(renewal);
    const present = await readFile(path, 'utf8').catch(() => null);
    if (present === owner) await rm(path, { force: true });
  };
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(owner);
    await file.close();
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Whether the lock's owner is dead: certainly if it was a process of this host that has gone, else after a long
 * silence.
 */
async function isLeft(path: string, staleMs: number): Promise<boolean> {
  try {
    return isOrphan(await readFile(path, 'utf8')) || Date.now() - (await stat(path)).mtimeMs > staleMs;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
