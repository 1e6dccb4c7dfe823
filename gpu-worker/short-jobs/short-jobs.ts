import { tmpdir } from 'node:os';
import type { GenerateJob, GenerationEvent } from '../../src/protocol/generation.js';
import type { EvaluateJob, EvaluationProgress, JobPayload, PredictJob } from '../../src/protocol/job.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { predict } from '../forward/predict.js';
import { openModel, type ReadyModel } from '../forward/ready-model.js';
import { openGenerator, type ReadyGenerator } from '../generation/open-generator.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { evaluate } from './evaluate.js';
import { evaluateRewards } from './evaluate-rewards.js';
import { writeAnswers } from './generate.js';
import { keepExamplesOrNone } from './keep-examples.js';
import { createLru } from './lru.js';
import { gatherAnswers, rankAnswers } from './rerank.js';

/** Evaluates, predicts and generates, and keeps the models used last in memory. */
export interface ShortJobs {
  run(job: JobPayload, context: JobContext): Promise<JobOutcome>;
  release(): Promise<void>;
}

/** A model in memory: with heads, or one that writes. Its key begins with its kind. */
type Ready =
  | { readonly kind: 'heads'; readonly model: ReadyModel }
  | { readonly kind: 'writes'; readonly generator: ReadyGenerator };

function modelOf(ready: Ready): Pick<ReadyModel, 'bytes' | 'release'> {
  return ready.kind === 'heads' ? ready.model : ready.generator;
}

/** @param workFolder for files while they are written, best on the file system of the store */
export function createShortJobs(
  engine: Engine,
  store: ArtifactStore,
  maxModelBytes: number,
  workFolder = tmpdir(),
): ShortJobs {
  const models = createLru<Ready>({
    maxBytes: maxModelBytes,
    sizeOf: (ready) => modelOf(ready).bytes(),
    release: (ready) => modelOf(ready).release(),
  });

  async function write(job: GenerateJob, context: JobContext): Promise<JobOutcome> {
    const startedAt = performance.now();
    let loadMs = 0;
    const ready = await models.get(`writes/${job.settings.weights}/${job.modelDigest}`, async () => {
      const generator = await openGenerator(engine, store, job.modelDigest, job.settings);
      loadMs = performance.now() - startedAt;
      return { kind: 'writes', generator };
    });
    const onProgress = () => beatOrLeave(context);
    onProgress();
    const { samples, rerank } = job.settings;
    const written = rerank === undefined ? null : gatherAnswers(job);
    const report = {
      generated(events: readonly GenerationEvent[]) {
        written?.hear(events);
        context.generated(events);
      },
      onProgress,
    };
    const { generator } = ready as Ready & { kind: 'writes' };
    const times = await writeAnswers(generator, job, report, { startedAt, loadMs });
    if (rerank !== undefined && written !== null) {
      context.generated(await rankAnswers(rerank, written.completions(), samples, { engine, store, beat: onProgress }));
    }
    return { kind: 'finished', result: { kind: 'generate', times }, model: null };
  }

  async function answer(job: EvaluateJob | PredictJob, context: JobContext): Promise<JobOutcome> {
    const onProgress = () => beatOrLeave(context);
    const ready = await models.get(`heads/${job.modelDigest}`, async () => ({
      kind: 'heads',
      model: await openModel(engine, store, job.modelDigest),
    }));
    const { model } = ready as Ready & { kind: 'heads' };
    onProgress();
    switch (job.kind) {
      case 'evaluate': {
        const tell = (progress?: EvaluationProgress) => {
          onProgress();
          if (progress !== undefined) context.progressed(progress);
        };
        const { preference } = job;
        const { scores, examples, findings } =
          preference === undefined
            ? await evaluate(model, job, store, tell)
            : await evaluateRewards(model, job, preference, store, tell);
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
      if (job.kind !== 'evaluate' && job.kind !== 'predict' && job.kind !== 'generate')
        throw new RangeError(`the short lane does no ${job.kind} jobs`);
      try {
        return job.kind === 'generate' ? await write(job, context) : await answer(job, context);
      } catch (error) {
        if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
        if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
        throw error;
      }
    },
    release: () => models.clear(),
  };
}
