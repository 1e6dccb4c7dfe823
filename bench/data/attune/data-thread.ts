import { type JobThread, startJobThread } from '../../../gpu-worker/lanes/job-thread.js';
import { createJobControl } from '../../../gpu-worker/stop-flag.js';
import type { JobOutcome } from '../../../gpu-worker/thread-protocol.js';
import type { JobPayload } from '../../../src/protocol/job.js';
import type { SideSettings } from '../settings.js';

type Finished = JobOutcome & { readonly kind: 'finished' };

/** The product's thread of a lane, with nothing between it and the jobs that it gets. */
export interface DataThread {
  /** @throws Error with the problem of a job that fails */
  run(payload: JobPayload): Promise<Finished>;
  end(): Promise<void>;
}

const quiet = () => undefined;

export async function startDataThread(
  lane: 'data' | 'preview',
  { folders, threads, memoryLimitMb }: SideSettings,
): Promise<DataThread> {
  const thread: JobThread = await startJobThread(
    new URL('../../../gpu-worker/data-jobs/thread.js', import.meta.url),
    {
      lane,
      artifactFolder: folders.artifacts,
      dataFolder: folders.work,
      ingestion: { threads, memoryLimitMb },
      keepStepsMs: 5000,
      engine: { target: 'cpu', threads },
      importing: { hub: { endpoint: 'http://127.0.0.1:9', token: null }, importFolders: [] },
    },
    { debug: quiet, info: quiet, warn: quiet, error: (_, message) => console.error(message) },
  );
  return {
    async run(payload) {
      const claim = {
        job: { id: crypto.randomUUID(), projectId: crypto.randomUUID(), attempt: 1, payload },
        resume: null,
        olderCheckpoints: [],
        storageLeftBytes: null,
        keptLogProbabilities: [],
        origin: { requestId: null, traceparent: null },
      };
      const outcome = await thread.run(claim, createJobControl(), {
        onReport: quiet,
        onGenerated: quiet,
        onProgressed: (progress) => {
          if (process.env.ATTUNE_BENCH_STAGES !== undefined) {
            console.error(process.uptime().toFixed(1), JSON.stringify(progress), JSON.stringify(process.cpuUsage()));
          }
        },
        onDiscard: quiet,
        onKeep: quiet,
        onTook: quiet,
      });
      if (outcome.kind !== 'finished') throw new Error(JSON.stringify(outcome));
      return outcome;
    },
    end: () => thread.exit(),
  };
}
