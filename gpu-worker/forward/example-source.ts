import type { Tensor } from '@tensorflow/tfjs-core';
import type { ArchitectureConfig } from '../../src/protocol/architectures/index.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import { applyPooler } from '../architectures/encoder.js';
import {
  type EncoderRun,
  inference,
  isEncoder,
  isTransformer,
  type TokenInputs,
} from '../architectures/encoder-run.js';
import {
  dropHeadInputs,
  type HeadInputs,
  type HeadNeeds,
  headInput,
  headInputs,
  headInputsAfter,
  unpooledVector,
} from '../architectures/head-input.js';
import type { Batch } from '../data/batch-plan.js';
import { collateRows, collateTokens } from '../data/collate.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import type { Feeds, InputSpec, Tensors, TrainingRandomness } from '../engine/types.js';
import { withoutDropout } from '../nn/without-dropout.js';

interface SizedInput<Size> {
  readonly shape: readonly Size[];
  readonly dtype: InputSpec['dtype'];
}

/** Examples as a compiled graph is fed with them, without targets. */
export interface ExampleSource {
  /** [N] tokens of each example: what batches are planned by. */
  readonly lengths: Int32Array;
  /** Lengths that batches are padded to. Each needs a graph of its own, unless the model has one graph for all. */
  readonly buckets: readonly number[];
  /** The inputs of a graph, by name: sizes are numbers for a graph of one size, and names where they may vary. */
  inputs<Size extends number | string>(
    batchSize: Size,
    length: Size,
  ): Readonly<Record<string, SizedInput<number | Size>>>;
  feeds(batch: Batch, batchSize: number): Feeds;
}

/** The inputs of a graph that reads token ids and mask. */
const tokenInputs: ExampleSource['inputs'] = (batchSize, length) => ({
  ids: { shape: [batchSize, length], dtype: 'int32' },
  mask: { shape: [batchSize, length], dtype: 'float32' },
});

/** The same with the types of tokens. */
const typedInputs: ExampleSource['inputs'] = (batchSize, length) => ({
  ...tokenInputs(batchSize, length),
  typeIds: { shape: [batchSize, length], dtype: 'int32' },
});

/**
 * Examples as token ids, mask and, of pairs, type ids, each [B,T]: for graphs that run the encoder from its embeddings
 * on.
 */
export function tokenSource(texts: TokenizedTexts, buckets: readonly number[]): ExampleSource {
  return {
    lengths: texts.lengths,
    buckets,
    inputs: texts.typeIds === null ? tokenInputs : typedInputs,
    feeds: (batch, batchSize) => ({ ...collateTokens(texts, batch, batchSize) }),
  };
}

/**
 * Examples as outputs of a frozen encoder, which were computed once: rows [B,O] of `features` [N,O], as the input
 * `name`.
 */
export function featureSource(name: string, features: Float32Array, outputSize: number): ExampleSource {
  return {
    // Features have no length: all share one bucket.
    lengths: new Int32Array(features.length / outputSize),
    buckets: [0],
    inputs: (batchSize) => ({ [name]: { shape: [batchSize, outputSize], dtype: 'float32' } }),
    feeds: (batch, batchSize) => ({ [name]: collateRows(features, outputSize, batch.examples, batchSize) }),
  };
}

/** How heads read a model. */
export interface HeadReading extends Pick<EncoderRun, 'dropout' | 'fromLayer' | 'adapter'> {
  readonly config: ArchitectureConfig;
  readonly pooling: Pooling | null;
  readonly needs: HeadNeeds;
}

/**
 * Computes what heads read, from the inputs of any source: tokens, states after a frozen prefix, or outputs of a frozen
 * encoder. With randomness, it applies dropout.
 */
export type ReadHeadInputs = (parameters: Tensors, inputs: Tensors, random: TrainingRandomness | null) => HeadInputs;

export function readHeadInputs({ config, pooling, needs, ...how }: HeadReading): ReadHeadInputs {
  return (parameters, inputs, random) => {
    const run: EncoderRun = { ...how, random: random ?? withoutDropout };
    return dropHeadInputs(read(), config, run);

    function read(): HeadInputs {
      const { pooled, unpooled, states } = inputs;
      if (pooled !== undefined) return { pooled };
      if (unpooled !== undefined && isEncoder(config))
        return { pooled: applyPooler(parameters, unpooled, config, run) };
      if (states !== undefined && isTransformer(config)) {
        const kept = { states, mask: inputs.mask as Tensor };
        const after = Math.min(run.fromLayer - 1, config.layers);
        return headInputsAfter(parameters, kept, after, config, pooling, needs, run);
      }
      return headInputs(parameters, tokensOf(inputs), config, pooling, needs, run);
    }
  };
}

/**
 * The vector [B,O] of each text that a frozen encoder computes once, and its name as an input: what heads read or,
 * where the pooler is trained, what the pooler reads.
 */
export function frozenFeature({ config, pooling }: HeadReading, isPoolerTrained: boolean) {
  return isPoolerTrained && isEncoder(config)
    ? {
        name: 'unpooled',
        of: (parameters: Tensors, inputs: Tensors) =>
          unpooledVector(parameters, tokensOf(inputs), config, pooling, inference),
      }
    : {
        name: 'pooled',
        of: (parameters: Tensors, inputs: Tensors) =>
          headInput(parameters, tokensOf(inputs), config, pooling, inference),
      };
}

export function tokensOf({ ids, mask, typeIds, segments, places }: Tensors): TokenInputs {
  return { ids: ids as Tensor, mask: mask as Tensor, typeIds, segments, places };
}
