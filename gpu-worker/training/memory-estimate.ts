import { traitsOf } from '../../src/protocol/architectures/index.js';
import { heldSize } from '../../src/protocol/held-weights.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import { estimateTrainingBytes } from '../../src/protocol/training-memory.js';
import { elementCount } from '../../src/storage/safetensors.js';
import type { ParameterSpec } from '../engine/types.js';
import { type ModelPlan, plannedParameters } from '../forward/model-plan.js';
import { ProblemError } from '../problem-error.js';

/** Bytes that a planned training takes at its peak. */
export function plannedBytes(
  plan: ModelPlan,
  { batchSize, maxLength, epochs }: Pick<Hyperparameters, 'batchSize' | 'maxLength' | 'epochs'>,
): number {
  const { config, fromLayer } = plan.reading;
  const count = (tensors: readonly Pick<ParameterSpec, 'shape'>[]) =>
    tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const trained = (specs: readonly ParameterSpec[]) => specs.filter(({ trainable }) => trainable);
  const ofBase = plan.base.layers.flatMap(({ tensors }) => tensors);
  return estimateTrainingBytes({
    config,
    batchSize,
    maxLength,
    lowestTrainedLayer: fromLayer,
    trainable: count(trained(plannedParameters(plan))),
    // Counted as the API counts: a pooler that no head reads is frozen too.
    frozen: count(ofBase) - count(trained(plan.encoder)),
    predictsTokens: plan.predictsTokens,
    runsPrefixOnce:
      epochs > 1 && plan.lora === null && fromLayer > 0 && !plan.predictsTokens && traitsOf(config).runsFromStates,
    held: heldSize(plan.base, plan.lora?.frozenWeights, plan.predictsTokens),
  });
}

/**
 * Refuses a training that the available memory cannot hold. Errors: ProblemError OUT_OF_MEMORY, with both figures.
 */
export function checkMemory(neededBytes: number, availableBytes: number): void {
  if (neededBytes <= availableBytes) return;
  throw new ProblemError({
    path: ['hyperparameters', 'batchSize'],
    code: 'OUT_OF_MEMORY',
    message: `training needs about ${gigabytes(neededBytes)}, and ${gigabytes(availableBytes)} are available`,
    hint: 'Lower batchSize (raise gradientAccumulationSteps by the same factor for equal results), lower maxLength, or freeze layers.',
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
