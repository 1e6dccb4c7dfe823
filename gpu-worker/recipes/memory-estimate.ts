import { constrainedMemory, memoryUsage } from 'node:process';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { elementCount } from '../../src/storage/safetensors.js';
import type { ParameterSpec } from '../engine/types.js';
import { ProblemError } from '../problem-error.js';

const floatBytes = 4;

/** ONNX Runtime, the Node process and DuckDB, before any tensor. */
const fixedBytes = 200 * 2 ** 20;

export interface StepShape {
  readonly batchSize: number;
  readonly length: number;
  /** Layers below have no backward pass, and their activations die at once. */
  readonly fromLayer: number;
}

/**
 * Bytes that training needs, roughly: measured peaks lie within a third of it. With USE-Lite, all of it trained: 0.54 GB for 32 × 64
 * tokens (measured 0.56), 1.18 GB for 64 × 128 (1.21).
 * Parameters twice (the file that was read, the engine's copy), gradients and two moments of the trained ones, and what the
 * backward pass keeps of one batch.
 */
export function estimateTrainingBytes(
  manifest: ModelManifest,
  parameters: readonly ParameterSpec[],
  step: StepShape,
): number {
  const sizeOf = (specs: readonly ParameterSpec[]) => specs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const trained = sizeOf(parameters.filter(({ trainable }) => trainable));
  return fixedBytes + floatBytes * (2 * sizeOf(parameters) + 3 * trained + activationElements(manifest, step));
}

/** Elements alive at the widest moment of a step: what each trained layer keeps for its backward pass. */
function activationElements({ config }: ModelManifest, { batchSize, length, fromLayer }: StepShape): number {
  const { hiddenSize, intermediateSize, attentionHeads, layers } = config;
  const perToken = 12 * hiddenSize + 3 * intermediateSize + 4 * attentionHeads * length;
  const trainedLayers = Math.max(0, layers + 1 - Math.max(1, fromLayer));
  return batchSize * length * perToken * Math.max(1, trainedLayers);
}

/**
 * Refuses a training that cannot fit, before anything is loaded. Errors: ProblemError OUT_OF_MEMORY, with both figures.
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
 * Memory this process may still take. In a container: the limit less what the process holds, because the kernel's own figure
 * counts the page cache as used, which it would give back.
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
