import DataLoader from 'dataloader';
import { createKeyLoader } from '../database/by-key.js';
import type { WorkerReads, WorkerRow } from './worker.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly workers: ReturnType<typeof createWorkerLoader>;
    readonly recentWorkers: ReturnType<typeof createRecentWorkersLoader>;
    readonly onlineWorkers: ReturnType<typeof createOnlineWorkersLoader>;
  }
}

export function createWorkerLoader(workers: Pick<WorkerReads, 'byIds'>) {
  return createKeyLoader<WorkerRow>(
    (ids) => workers.byIds(ids),
    (row) => row.id,
  );
}

/** Loads the latest workers, by how many: all projects of an operation show the same ones. */
export function createRecentWorkersLoader(workers: Pick<WorkerReads, 'recent'>) {
  return new DataLoader<number, readonly WorkerRow[]>((limits) =>
    Promise.all(limits.map((limit) => workers.recent(limit))),
  );
}

/** Loads the workers that are online, under the key '': all models of an operation compare with the same ones. */
export function createOnlineWorkersLoader(workers: Pick<WorkerReads, 'online'>) {
  return new DataLoader<string, readonly WorkerRow[]>(async (keys) => {
    const online = await workers.online();
    return keys.map(() => online);
  });
}
