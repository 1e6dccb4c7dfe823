import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { type EncoderDropout, type Encoding, encode } from '../architectures/use-lite.js';
import { type Batch, bucketLengths } from '../data/batch-plan.js';
import { collateRows, collateTokens } from '../data/collate.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import type { Feeds, InputSpec, Tensors, TrainingRandomness } from '../engine/types.js';

/** What a compiled graph is fed for a batch of examples, before any targets. */
export interface ExampleSource {
  /** [N] tokens of each example: what batches are planned by. */
  readonly lengths: Int32Array;
  /** Lengths batches are padded to: one graph each. */
  readonly buckets: readonly number[];
  inputs(batchSize: number, length: number): Readonly<Record<string, InputSpec>>;
  feeds(batch: Batch, batchSize: number): Feeds;
}

/** Token ids and mask. */
export const tokenInputs: ExampleSource['inputs'] = (batchSize, length) => ({
  ids: { shape: [batchSize, length], dtype: 'int32' },
  mask: { shape: [batchSize, length], dtype: 'float32' },
});

/** Token ids and mask [B,T], for an encoder that is (partly) trained. */
export function tokenSource(texts: TokenizedTexts, maxLength: number): ExampleSource {
  return {
    lengths: texts.lengths,
    buckets: bucketLengths(maxLength),
    inputs: tokenInputs,
    feeds: (batch, batchSize) => ({ ...collateTokens(texts, batch, batchSize) }),
  };
}

/** Outputs of a frozen encoder, computed once: rows `pooled` [B,O] of features [N,O]. */
export function featureSource(features: Float32Array, outputSize: number): ExampleSource {
  return {
    // Features have no length: all share one bucket.
    lengths: new Int32Array(features.length / outputSize),
    buckets: [0],
    inputs: (batchSize) => ({ pooled: { shape: [batchSize, outputSize], dtype: 'float32' } }),
    feeds: (batch, batchSize) => ({ pooled: collateRows(features, outputSize, batch.examples, batchSize) }),
  };
}

/** What heads read, [B,O], from the inputs of either source. */
export type PooledOutput = (parameters: Tensors, inputs: Tensors, random: TrainingRandomness | null) => Tensor;

/**
 * The encoder's pooled output. Dropout is on from the lowest trained layer up, when there is randomness.
 * Heads read the tanh projection, not its unit-length form: its components already have a deviation near 0.7 (norms 11 to
 * 20 over 512 components), where unit length would ask for twenty times the learning rate (docs/experiments.md).
 */
export function pooledOutput(manifest: ModelManifest, fromLayer: number, rate: number): PooledOutput {
  return (parameters, inputs, random) => {
    const { pooled, ids, mask } = inputs;
    if (pooled !== undefined) return pooled;
    const dropout = random === null ? undefined : { random, rate, fromLayer };
    return encodeTokens(manifest, parameters, { ids: ids as Tensor, mask: mask as Tensor }, dropout).pooled;
  };
}

/** One case a model family. */
export function encodeTokens(
  { config }: ModelManifest,
  parameters: Tensors,
  inputs: { readonly ids: Tensor; readonly mask: Tensor },
  dropout?: EncoderDropout,
): Encoding {
  switch (config.architecture) {
    case 'use-lite':
      return encode(parameters, inputs, config, dropout);
    default:
      throw new RangeError(`no encoder of the family ${config.architecture} is here`);
  }
}
