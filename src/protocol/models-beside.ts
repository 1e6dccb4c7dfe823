import { byMethod, type RunSpec } from './methods/index.js';
import type { ModelManifest } from './model-manifest.js';

const floatBytes = 4;

/** Numbers that a training changes, and that it only reads. */
interface ParameterCounts {
  readonly trainable: number;
  readonly frozen: number;
}

/**
 * Bytes that a training takes for models beside the one that it makes, without those of rewards: a policy's reference,
 * and PPO's values with their gradients and moments.
 *
 * @param other the reference where it is another model than the base model; null: it is the base model
 */
export function bytesBeside(
  spec: RunSpec,
  { trainable, frozen }: ParameterCounts,
  other: Pick<ModelManifest, 'layers'> | null = null,
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
      const reference = other === null ? ofBase : other.layers.reduce((sum, each) => sum + each.parameterCount, 0);
      const values = algorithm.kind === 'ppo' ? 4 * trainable + frozen : 0;
      return floatBytes * (reference + values);
    },
  });
}

/** How many models of trained parameters a checkpoint keeps. */
export function modelsOfCheckpoint(spec: RunSpec): number {
  return spec.method === 'policyOptimization' && spec.algorithm.kind === 'ppo' ? 2 : 1;
}
