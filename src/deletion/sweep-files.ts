import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { removeNoted } from '../storage/artifact-removals.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** Removes the files that deletions noted, unless something else needs them. Returns how many were removed. */
export async function sweepFiles(dataSource: DataSource, store: Pick<ArtifactStore, 'remove'>): Promise<number> {
  for (let swept = 0; ; ) {
    const { isLast, removed } = await inTransaction(dataSource, ({ query }) =>
      removeNoted(query, (digest) => store.remove(digest)),
    );
    swept += removed;
    if (isLast) return swept;
  }
}
