import { availableParallelism } from 'node:os';
import { guessSpeed, type MachineSpeed } from '../protocol/training-time/machine-speed.js';
import type { WorkerReads, WorkerRow } from '../workers/worker.reads.js';

/** What an estimate of time is based on. */
export interface EstimateBasis {
  readonly speed: MachineSpeed;
  /** The worker whose speed it is; null: no worker is online. */
  readonly worker: WorkerRow | null;
  /** Whether the worker has measured its speed; else it is guessed from the number of threads. */
  readonly isMeasured: boolean;
}

/**
 * The speed of the slowest worker that is online: any of them may take the run. Without one, this server's processors
 * are counted.
 */
export async function findBasis(workers: Pick<WorkerReads, 'online'>): Promise<EstimateBasis> {
  const [slowest] = (await workers.online())
    .map((worker) => ({
      worker,
      speed: worker.trainingSpeed ?? guessSpeed(worker.engine.threads),
      isMeasured: worker.trainingSpeed !== null,
    }))
    .sort((a, b) => a.speed.engine - b.speed.engine);
  return slowest ?? { speed: guessSpeed(availableParallelism()), worker: null, isMeasured: false };
}
