import { chmod, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/** What can happen to a file on a disk. */
export type Damage = 'flipped' | 'truncated' | 'missing';

export const damages: readonly Damage[] = ['flipped', 'truncated', 'missing'];

/** Damages the file of an artifact: one bit in its middle, its second half, or all of it. */
export async function damage(
  store: Pick<ArtifactStore, 'localPath'>,
  digest: string,
  how: Damage = 'flipped',
): Promise<void> {
  const path = await store.localPath(digest);
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  await chmod(path, 0o600);
  switch (how) {
    case 'flipped':
      bytes[middle]! ^= 1;
      await writeFile(path, bytes);
      return;
    case 'truncated':
      await truncate(path, middle);
      return;
    case 'missing':
      await rm(path);
      return;
    default:
      how satisfies never;
  }
}
