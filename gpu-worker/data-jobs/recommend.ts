import { byMethod, type HeadsSpec, type RunSpec } from '../../src/protocol/methods/index.js';
import type { Candidate } from '../../src/protocol/recommendation/candidate.js';
import type { RecommendationReason } from '../../src/protocol/recommendation/reason.js';
import type { RecommendJob } from '../../src/protocol/recommendation/recommend-job.js';
import type { Engine } from '../engine/types.js';
import { verifiedPath } from '../models/artifacts.js';
import { loadManifest, loadModel } from '../models/load-model.js';
import { measureModel } from '../preparation/model-choice/measure-model.js';
import { type ProbeSample, readProbeSample } from '../preparation/model-choice/probe-sample.js';
import { type Measured, rankModels } from '../preparation/model-choice/rank-models.js';
import { readingOf } from '../preparation/model-reading.js';
import { readingMemoryProblem } from '../preparation/reading-memory.js';
import { ProblemError } from '../problem-error.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import type { DataTools } from './prepare.js';
import { stopsWork } from './stops-work.js';

/** What is wrong with a model alone: the others are compared without it. */
const ofModel: ReadonlySet<string> = new Set(['MISSING_ARTIFACT', 'INVALID_MODEL', 'INVALID_VALUE', 'OUT_OF_MEMORY']);

/**
 * Measures models on one sample of a dataset version, one after the other, and puts them into an order.
 * Errors: ProblemError for the data; RunStopped.
 */
export async function recommend(
  job: RecommendJob,
  context: JobContext,
  tools: DataTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const stops = stopsWork(context);
  const [first] = job.candidates;
  let engine: Engine | null = null;
  try {
    const measured: Measured[] = [];
    if (first !== undefined) {
      const path = await verifiedPath(tools.store, job.datasetDigest, 'the dataset version');
      const sample = await readProbeSample(path, withHeads(first.spec), job.probedExamples);
      engine = await tools.openEngine();
      for (const [index, candidate] of job.candidates.entries()) {
        tell(context, job, index, candidate.name);
        measured.push(await measure(candidate, sample, { ...tools, engine, beat: stops.beat }));
      }
      tell(context, job, job.candidates.length, null);
    }
    const ranking = rankModels(measured, job.excluded, job.budget);
    return { kind: 'finished', result: { kind: 'recommend' }, model: null, ranking };
  } finally {
    stops.end();
    await engine?.release();
  }
}

function tell(context: JobContext, { candidates }: RecommendJob, modelsDone: number, currentModel: string | null) {
  context.progressed({ modelsDone, modelsTotal: candidates.length, currentModel });
}

async function measure(
  candidate: Candidate,
  sample: ProbeSample,
  {
    store,
    availableBytes,
    engine,
    beat,
  }: Pick<DataTools, 'store' | 'availableBytes'> & { readonly engine: Engine; readonly beat: () => void },
): Promise<Measured> {
  const { baseModelDigest, hyperparameters } = candidate.spec;
  const { maxLength, truncationSide } = hyperparameters;
  beat();
  try {
    const manifest = await loadManifest(store, baseModelDigest);
    const tooLarge = readingMemoryProblem(manifest, maxLength, 'vectors', availableBytes(), ['baseModelIds']);
    if (tooLarge !== null) return { ...candidate, failure: tooLargeToProbe(tooLarge.message) };
    const model = await loadModel(store, baseModelDigest);
    try {
      const words = await readingOf(store, model.manifest, maxLength);
      const measured = await measureModel({ engine, model, maxLength, truncationSide, beat }, words, sample);
      return { ...candidate, measured };
    } finally {
      await model.weights.close();
    }
  } catch (error) {
    if (!(error instanceof ProblemError) || !ofModel.has(error.problem.code)) throw error;
    return { ...candidate, failure: unreadable(error.problem.message) };
  }
}

function withHeads(spec: RunSpec): HeadsSpec {
  const refuse = (): never => {
    throw new RangeError(`A probe needs a head, and ${spec.method} trains none.`);
  };
  return byMethod<HeadsSpec>(spec, {
    supervised: (own) => own,
    multiTask: (own) => own,
    languageModelling: refuse,
    instructionTuning: refuse,
    policyOptimization: refuse,
    rewardModelling: refuse,
    preferenceOptimization: refuse,
  });
}

function tooLargeToProbe(message: string): RecommendationReason {
  return { code: 'TOO_LARGE_TO_PROBE', weight: 'EXCLUDES', message };
}

function unreadable(message: string): RecommendationReason {
  return { code: 'UNREADABLE_MODEL', weight: 'EXCLUDES', message: `It could not be measured: ${message}` };
}
