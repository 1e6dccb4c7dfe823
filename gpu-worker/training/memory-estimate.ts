import { constrainedMemory, memoryUsage } from 'node:process';
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
  { batchSize, maxLength }: Pick<Hyperparameters, 'batchSize' | 'maxLength'>,
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

/**
 * Bytes that this process may still take. In a container: its limit less what the process holds, because the kernel's
 * own figure of used memory includes the page cache, which the kernel would give back.
 *
 * @param freeBytes what the machine has left: `os.freemem()`
 */
export function availableMemory(freeBytes: number): number {
  const limit = constrainedMemory();
  // 0, or a number that no machine has: no limit.
  if (limit === 0 || limit > 2 ** 50) return freeBytes;
  return Math.max(0, Math.min(freeBytes, limit - memoryUsage.rss()));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
