import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { IngestionSettings } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { poolQuery } from '../../database/transaction.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { removeStaleFiles, temporaryName } from '../../storage/temporary-files.js';
import { createQueue } from '../one-at-a-time.js';

export interface WorkshopOptions {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  /**
   * The working folder of ingestions, best on the file system of the store, so that finished files are moved and not
   * copied.
   */
  readonly folder: string;
  readonly ingestion: IngestionSettings;
}

/** Where versions of datasets are made: one after another, each in a working folder of its own. */
export interface Workshop extends WorkshopOptions {
  readonly query: Query;
  /** Runs the work when all before it has ended. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs `write` with a working folder of its own, and moves the file that it wrote into the store. */
  inFolder<Made extends { readonly path: string }>(
    write: (folder: string) => Promise<Made>,
  ): Promise<Omit<Made, 'path'> & { readonly artifact: StoredArtifact }>;
  /** Removes the file of a version that was not recorded, unless another version has the same file. */
  removeUnreferenced(digest: string): Promise<void>;
}

export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
  const { dataSource, store, folder } = options;
  // For its owner alone, like the store.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeStaleFiles(folder, new Date());
  const query = poolQuery(dataSource);
  return {
    ...options,
    query,
    inTurn: createQueue(),
    async inFolder(write) {
      const workFolder = join(folder, temporaryName());
      try {
        const { path, ...made } = await write(workFolder);
        return { ...made, artifact: await store.adopt(path) };
      } finally {
        await rm(workFolder, { recursive: true, force: true });
      }
    },
    async removeUnreferenced(digest) {
      const known = await query('SELECT 1 FROM artifacts WHERE digest = $1', [digest]);
      if (known.length === 0) await store.remove(digest);
    },
  };
}
