import { byMethod, type RunSpec, textsPerExample } from './methods/index.js';
import type { ModelManifest } from './model-manifest.js';
import { graphBytes, mostConstantBytes, placesInAGraph } from './training-memory.js';

const floatBytes = 4;

/** Numbers that a training changes, and that it only reads. */
interface ParameterCounts {
  readonly trainable: number;
  readonly frozen: number;
}

/** Models that a training reads beside the one that it makes. */
export interface ModelsBeside {
  /** The reference of a policy where it is another model than the base model; null: it is the base model. */
  readonly reference?: Pick<ModelManifest, 'layers'> | null;
  /** Those of rewards, one for each reward that a model gives: each is opened by itself. */
  readonly scoring?: readonly Pick<ModelManifest, 'layers'>[];
}

/**
 * Bytes that a training takes for models beside the one that it makes: a policy's reference and the models of its
 * rewards, which are frozen, and PPO's values with their gradients and moments.
 *
 * Measured with GRPO of a Llama of 21 M parameters, 2,000 tokens a batch: the whole estimate is 1.15 of the peak of
 * 1.39 GB, and 1.17 with a reward model of as many parameters, which took 255 MB more. PPO was not measured: what its
 * values keep for their backward pass is not counted.
 */
export function bytesBeside(
  spec: RunSpec,
  { trainable, frozen }: ParameterCounts,
  { reference = null, scoring = [] }: ModelsBeside = {},
): number {
  const none = () => 0;
  return byMethod<number>(spec, {
    supervised: none,
    multiTask: none,
    languageModelling: none,
    instructionTuning: none,
    rewardModelling: none,
    // Its reference is gone before the training begins.
    preferenceOptimization: none,
    policyOptimization: ({ algorithm, hyperparameters }) => {
      const ofBase = hyperparameters.adapter === null ? trainable + frozen : frozen;
      const values = algorithm.kind === 'ppo' ? floatBytes * (4 * trainable + frozen) : 0;
      const ofScoring = scoring.reduce((sum, model) => sum + frozenBytes(numbersOf(model)), 0);
      return frozenBytes(reference === null ? ofBase : numbersOf(reference)) + ofScoring + values;
    },
  });
}

/** What a model takes that is only read: its weights, which are constants of its graph unless they are too many. */
function frozenBytes(numbers: number): number {
  const bytes = floatBytes * numbers;
  return graphBytes + Math.ceil(bytes > mostConstantBytes ? bytes : (1 + placesInAGraph) * bytes);
}

function numbersOf({ layers }: Pick<ModelManifest, 'layers'>): number {
  return layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
}

/** The models of a policy's rewards and control rewards, one for each reward that a model gives. */
export function scoringModelsOf(spec: RunSpec): readonly { readonly id: string; readonly digest: string }[] {
  if (spec.method !== 'policyOptimization') return [];
  return [...spec.rewards, ...spec.controlRewards].flatMap(({ source }) =>
    'modelId' in source ? [{ id: source.modelId, digest: source.modelDigest }] : [],
  );
}

/** Tokens of an update's batch of completions, and rows at most: more do not make a step faster. */
export const completionBatch = { tokens: 2048, mostRows: 32 } as const;

/** Rows of `maxLength` tokens that an update computes at a time. */
export function rowsOfUpdate(spec: RunSpec): number {
  const { batchSize, maxLength } = spec.hyperparameters;
  if (spec.method !== 'policyOptimization') return textsPerExample(spec) * batchSize;
  const { tokens, mostRows } = completionBatch;
  return Math.max(1, Math.min(mostRows, Math.floor(tokens / maxLength)));
}

/** How many models of trained parameters a checkpoint keeps. */
export function modelsOfCheckpoint(spec: RunSpec): number {
  return spec.method === 'policyOptimization' && spec.algorithm.kind === 'ppo' ? 2 : 1;
}
