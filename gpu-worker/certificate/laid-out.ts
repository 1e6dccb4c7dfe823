import { constants } from 'node:fs';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportedFile } from '../../src/protocol/job.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { temporaryName } from '../../src/storage/temporary-files.js';

/**
 * Lays the files of an export out in a folder, under their names, for the time of `use`: what reads them there knows
 * nothing of how they were made. They take no space where the file system can link them.
 *
 * @param parent a folder for what is temporary, on the same file system as the store where possible
 */
export async function withFolderOf<Result>(
  files: readonly ExportedFile[],
  store: Pick<ArtifactStore, 'localPath'>,
  parent: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(parent, temporaryName());
  try {
    for (const { name, digest } of files) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const stored = await store.localPath(digest);
      await link(stored, path).catch(() => copyFile(stored, path, constants.COPYFILE_FICLONE));
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
