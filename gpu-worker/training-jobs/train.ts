import type { TrainJob } from '../../src/protocol/job.js';
import { byMethod } from '../../src/protocol/methods/index.js';
import { EngineError } from '../engine/errors.js';
import { ProblemError } from '../problem-error.js';
import { trainLanguageModel } from '../recipes/language-modelling.js';
import { trainPolicy } from '../recipes/policy-optimization.js';
import { trainOnPreferences } from '../recipes/preference-optimization.js';
import { trainRewardModel } from '../recipes/reward-modelling.js';
import { trainSupervised } from '../recipes/supervised.js';
import { RunStopped } from '../run-stopped.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { loadConversations } from '../training/load-conversations.js';
import { loadLanguageTraining } from '../training/load-language.js';
import type { TrainedModel, TrainingTools } from '../training/training-tools.js';

/** Does one attempt at a run. A fault of the job is an outcome; an error that is thrown is a fault of Attune. */
export async function train(job: TrainJob, context: JobContext, tools: TrainingTools): Promise<JobOutcome> {
  try {
    const { model, findings } = await produce(job, context, tools);
    return { kind: 'finished', result: { kind: 'train', modelDigest: model.digest, findings: [...findings] }, model };
  } catch (error) {
    if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
    if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
    if (isOutOfMemory(error)) return { kind: 'failed', problem: outOfMemory(error) };
    throw error;
  }
}

/** The recipe of each method. */
function produce({ runId, spec }: TrainJob, context: JobContext, tools: TrainingTools): Promise<TrainedModel> {
  return byMethod(spec, {
    supervised: (one) => trainSupervised({ runId, spec: one, context }, tools),
    multiTask: (several) => trainSupervised({ runId, spec: several, context }, tools),
    languageModelling(language) {
      const run = { runId, spec: language, context };
      return trainLanguageModel(run, tools, () => loadLanguageTraining(run, tools));
    },
    rewardModelling: (rewards) => trainRewardModel({ runId, spec: rewards, context }, tools),
    instructionTuning(instructions) {
      const run = { runId, spec: instructions, context };
      return trainLanguageModel(run, tools, () => loadConversations(run, tools));
    },
    policyOptimization: (policy) => trainPolicy({ runId, spec: policy, context }, tools),
    preferenceOptimization: (preferences) => trainOnPreferences({ runId, spec: preferences, context }, tools),
  });
}

/** ONNX Runtime reports it in its message alone: a failed allocation, or C++'s `std::bad_alloc`. */
function isOutOfMemory(error: unknown): error is Error {
  if (error instanceof RangeError) return /array buffer allocation failed/i.test(error.message);
  return (
    error instanceof EngineError && error.code === 'RUNTIME' && /bad_alloc|failed to allocate/i.test(error.message)
  );
}

function outOfMemory(error: Error) {
  return {
    path: ['hyperparameters', 'batchSize'],
    code: 'OUT_OF_MEMORY',
    message: `memory ran out: ${error.message}`,
    hint: 'Lower batchSize (raise gradientAccumulationSteps by the same factor for equal results), lower maxLength, or freeze layers.',
  };
}
