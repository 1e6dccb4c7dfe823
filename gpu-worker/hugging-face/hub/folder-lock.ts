import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from '../../../src/storage/storage-error.js';
import { isOrphan, temporaryName } from '../../../src/storage/temporary-files.js';

export interface LockTimes {
  /** How often an owner shows that it is alive. */
  readonly renewMs: number;
  /** Without a sign for so long, the owner is taken for dead. */
  readonly staleMs: number;
  /** How often one that waits looks. */
  readonly waitMs: number;
}

const defaultTimes: LockTimes = { renewMs: 2_000, staleMs: 20_000, waitMs: 500 };

/**
 * Waits until this process alone may use what the lock file stands for, and returns the way to give it back. The file
 * names its owner, and owners renew its time, so that a lock of a process that was killed, on this host or another that shares the disk, can be
 * taken over.
 *
 * Two that take over a dead owner's lock in the same moment could both succeed. What is downloaded is checked by its digest: they would
 * waste work, and not get a wrong file.
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
    // Gone, where this process stood still and another took over: the digests will tell.
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

/** Whether its owner is dead: for sure when it was a process of this host, else by its silence. */
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
