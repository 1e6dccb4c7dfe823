import { tmpdir } from 'node:os';
import type { EvaluateJob, JobPayload, PredictJob } from '../../src/protocol/job.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { evaluate } from './evaluate.js';
import { keepExamplesOrNone } from './keep-examples.js';
import { createLru } from './lru.js';
import { predict } from './predict.js';
import { openModel, type ReadyModel } from './ready-model.js';

/** Evaluates and predicts, and keeps the models used last in memory. */
export interface ShortJobs {
  run(job: JobPayload, context: JobContext): Promise<JobOutcome>;
  release(): Promise<void>;
}

/** @param workFolder for files while they are written, best on the file system of the store */
export function createShortJobs(
  engine: Engine,
  store: ArtifactStore,
  maxModelBytes: number,
  workFolder = tmpdir(),
): ShortJobs {
  const models = createLru<ReadyModel>({
    maxBytes: maxModelBytes,
    sizeOf: (model) => model.bytes(),
    release: (model) => model.release(),
  });

  async function answer(job: EvaluateJob | PredictJob, context: JobContext): Promise<JobOutcome> {
    const onProgress = () => beatOrLeave(context);
    const model = await models.get(job.modelDigest, () => openModel(engine, store, job.modelDigest));
    onProgress();
    switch (job.kind) {
      case 'evaluate': {
        const { scores, examples, findings } = await evaluate(model, job, store, (progress) => {
          onProgress();
          if (progress !== undefined) context.progressed(progress);
        });
        const file = await keepExamplesOrNone(store, workFolder, examples, onProgress);
        const kept = file === null ? { examplesMissing: 'DISK_FULL' as const } : { examplesDigest: file.digest };
        const result = { kind: 'evaluate' as const, tasks: scores, findings, ...kept };
        return { kind: 'finished', result, model: null, files: file === null ? [] : [file] };
      }
      case 'predict': {
        const predictions = await predict(model, job, onProgress);
        return { kind: 'finished', result: { kind: 'predict', predictions }, model: null };
      }
      default:
        return job satisfies never;
    }
  }

  return {
    async run(job, context) {
      if (job.kind !== 'evaluate' && job.kind !== 'predict')
        throw new RangeError(`the short lane does no ${job.kind} jobs`);
      try {
        return await answer(job, context);
      } catch (error) {
        if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
        if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
        throw error;
      }
    },
    release: () => models.clear(),
  };
}
