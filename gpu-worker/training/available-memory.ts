import { totalmem } from 'node:os';
import { constrainedMemory, memoryUsage } from 'node:process';

/**
 * Bytes that this process may still take. In a container: its limit less what the process holds, because the kernel's
 * own figure of used memory includes the page cache, which the kernel would give back.
 *
 * @param freeBytes what the machine has left: `os.freemem()`
 */
export function availableMemory(freeBytes: number): number {
  const limit = containerLimit();
  return limit === null ? freeBytes : Math.max(0, Math.min(freeBytes, limit - memoryUsage.rss()));
}

/** Bytes that this process may take in all: of the machine, or of its container where that has a limit. */
export function memoryLimit(): number {
  return Math.min(totalmem(), containerLimit() ?? Number.POSITIVE_INFINITY);
}

/** Null without a limit, which the system says by 0, or by a number that no machine has. */
function containerLimit(): number | null {
  const limit = constrainedMemory();
  return limit === 0 || limit > 2 ** 50 ? null : limit;
}
