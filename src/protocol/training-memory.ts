import type { ArchitectureConfig } from './model-manifest.js';

const floatBytes = 4;

/** Node, ONNX Runtime, DuckDB and the tokenizer, before any tensor. */
const runtimeBytes = 200 * 2 ** 20;

/** A training as far as its memory goes. */
export interface TrainingSize {
  readonly config: ArchitectureConfig;
  readonly batchSize: number;
  /** Tokens of the longest batches. */
  readonly maxLength: number;
  /** Index of the lowest layer that is trained: 0 the embeddings, and what an adapter needs; more than `layers` when none is. */
  readonly lowestTrainedLayer: number;
  /** Numbers that training changes, and those that it reads alone. */
  readonly trainable: number;
  readonly frozen: number;
}

/**
 * Bytes that training takes at its peak: what API and worker refuse a training by.
 *
 * Values of all parameters, gradient and two moments of the trained ones, and what the backward pass keeps of one batch. Frozen matrices are
 * in each compiled graph once more. Weights stream from the disk, so that loading needs no more than that.
 */
export function estimateTrainingBytes(size: TrainingSize): number {
  const { trainable, frozen } = size;
  return runtimeBytes + floatBytes * (4 * trainable + 2 * frozen + activations(size));
}

/** Numbers alive at the widest moment of a step: what each trained layer keeps for its backward pass; with none, one layer's own. */
function activations({ config, batchSize, maxLength: T, lowestTrainedLayer }: TrainingSize): number {
  const { hiddenSize, intermediateSize, attentionHeads, layers } = config;
  const perToken = 12 * hiddenSize + 3 * intermediateSize + 4 * attentionHeads * T;
  const trainedLayers = Math.max(0, layers + 1 - Math.max(1, lowestTrainedLayer));
  return batchSize * T * perToken * Math.max(1, trainedLayers);
}
