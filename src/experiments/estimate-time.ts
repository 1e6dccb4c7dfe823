import { traitsOf } from '../protocol/architectures/index.js';
import { byMethod, type RunSpec, textsPerExample } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { MachineSpeed } from '../protocol/training-time/machine-speed.js';
import { trainingWork, type Work } from '../protocol/training-time/training-work.js';
import { estimateRows } from './estimate-rows.js';
import type { EstimatedTime } from './estimated-time.js';
import type { SampledReading } from './sample-reading.js';

/** What is known of the data of a training. */
export interface TrainingData {
  readonly trainExamples: number;
  readonly validationExamples: number;
  /** Of control texts; 0 for most methods. */
  readonly controlExamples: number;
  /** How the model reads a sample of the training split. */
  readonly reading: Pick<SampledReading, 'counts' | 'lengths' | 'conversations'>;
}

/**
 * Seconds that a whole training takes on a machine that does nothing else, from reading its data to writing its model:
 * see `trainingWork`.
 */
export function estimateTime(
  spec: RunSpec,
  model: Pick<ModelManifest, 'config' | 'layers'>,
  data: TrainingData,
  speed: MachineSpeed,
): EstimatedTime {
  const { maxLength } = spec.hyperparameters;
  const { counts, lengths: sampled, conversations } = data.reading;
  const { mean, meanAfterTruncation } = counts;
  const rowsOf = (examples: number) => estimateRows(spec, examples, counts);
  const work = trainingWork(spec, model, {
    lengths: rowLengths(spec, sampled),
    trainRows: rowsOf(data.trainExamples),
    validationRows: rowsOf(data.validationExamples),
    controlRows: rowsOf(data.controlExamples),
    targetShare:
      conversations === null
        ? predictedShare(spec, model)
        : conversations.meanTargets / Math.max(1, meanAfterTruncation),
  });
  const secondsOf = ({ engine, script }: Work) => engine / speed.engine + script / speed.script;
  const parts = {
    preparing: secondsOf(work.preparing),
    updates: passesOf(spec) * secondsOf(work.updates),
    evaluations: secondsOf(work.evaluations),
    saving: secondsOf(work.saving),
  };
  return { seconds: parts.preparing + parts.updates + parts.evaluations + parts.saving, parts };

  /** Tokens of rows, by those of sampled examples. Packed rows are full; documents are divided, conversations cut. */
  function rowLengths(of: RunSpec, lengths: readonly number[]): number[] {
    const cut = () => lengths.map((length) => Math.min(length, maxLength));
    const full = () => [Math.min(maxLength, Math.max(1, Math.round(mean * data.trainExamples)))];
    return byMethod<number[]>(of, {
      supervised: cut,
      multiTask: cut,
      rewardModelling: cut,
      preferenceOptimization: cut,
      languageModelling: ({ packing }) => (packing === 'packed' ? full() : lengths.flatMap(divided)),
      instructionTuning: ({ packing }) => (packing === 'packed' ? full() : cut()),
      policyOptimization: ({ maxTokens }) => lengths.map((length) => Math.min(length + maxTokens, maxLength)),
    });
  }

  /** The rows that a document of a number of tokens is divided into. */
  function divided(length: number): number[] {
    const rows = Math.max(1, Math.ceil(length / maxLength));
    return Array.from({ length: rows }, (_, row) => Math.min(maxLength, length - row * maxLength));
  }
}

/**
 * Passes over each example in an epoch. Of policy optimization these are its completions, each updated from μ times;
 * to write one takes about as long as an update.
 */
function passesOf(spec: RunSpec): number {
  const once = () => 1;
  return byMethod<number>(spec, {
    supervised: once,
    multiTask: once,
    languageModelling: once,
    instructionTuning: once,
    // PPO updates two models, and reads both of them, or their like, once before: a pass without its gradient.
    policyOptimization: ({ samples, iterations, algorithm }) =>
      samples * (algorithm.kind === 'ppo' ? 2 * iterations + 1 + 2 / 3 : iterations + 1),
    // Both answers of a pair are read.
    rewardModelling: textsPerExample,
    preferenceOptimization: textsPerExample,
  });
}

/** Share of the tokens that are predicted. */
function predictedShare(spec: RunSpec, { config }: Pick<ModelManifest, 'config'>): number {
  if (traitsOf(config).isCausal) return 1;
  return 'masking' in spec && spec.masking !== null ? spec.masking.share : 1;
}
