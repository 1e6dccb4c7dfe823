import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that really runs out of space. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Takes up what is left, except `leaveBytes`. */
  fill(leaveBytes?: number): Promise<void>;
  /** Gives back what `fill` took up. */
  empty(): Promise<void>;
}

/** A disk of this size; null where this user may not mount one (it takes root on Linux). */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'attune-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    // A container without the right to mount.
    rmSync(folder, { recursive: true });
    return null;
  }
  chmodSync(folder, 0o755);
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill(leaveBytes = 0) {
      const file = await open(filler, 'a');
      const block = Buffer.alloc(4096);
      try {
        for (;;) {
          const { bavail, bsize } = statfsSync(folder);
          const spare = bavail * bsize - leaveBytes;
          if (spare < block.length) return;
          await file.appendFile(spare > 2 ** 20 ? Buffer.alloc(Math.min(spare, 2 ** 24) & ~4095) : block);
        }
      } catch (error) {
        // Somebody else took the last blocks.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        await file.close();
      }
    },
    async empty() {
      await rm(filler, { force: true });
    },
    [Symbol.dispose]() {
      // Lazily: a process that is still ending may have a file open.
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
