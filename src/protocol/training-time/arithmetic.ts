import { type ArchitectureConfig, embeddingWidth, traitsOf } from '../architectures/index.js';
import type { ModelManifest } from '../model-manifest.js';
import { isLanguageModelTensor } from '../trained-layers.js';
import { costs } from './costs.js';

type Model = Pick<ModelManifest, 'config' | 'layers'>;

/** What a graph computes, in numbers of what costs time. */
export interface Arithmetic {
  /** Multiplications and additions of matrix products. */
  readonly products: number;
  /** States of tokens, in all layers: sums, norms and activations are in proportion to them. */
  readonly states: number;
  /** The same of decoders, whose layers have more to do to each. */
  readonly statesOfDecoder: number;
  /** Attention scores, of every token to every token, in all heads and layers. */
  readonly scores: number;
  /** Logits over the vocabulary. */
  readonly logits: number;
}

const kinds = ['products', 'states', 'statesOfDecoder', 'scores', 'logits'] as const;

export function plus(...all: readonly Arithmetic[]): Arithmetic {
  return ofKinds((kind) => all.reduce((sum, each) => sum + each[kind], 0));
}

export function times(factor: number, of: Arithmetic): Arithmetic {
  return ofKinds((kind) => factor * of[kind]);
}

function ofKinds(countOf: (kind: keyof Arithmetic) => number): Arithmetic {
  return Object.fromEntries(kinds.map((kind) => [kind, countOf(kind)])) as unknown as Arithmetic;
}

export const nothing: Arithmetic = ofKinds(() => 0);

/** How a number of layers is passed. */
export interface Pass {
  readonly rows: number;
  /** Tokens of a row. */
  readonly length: number;
  /** Layers forward: above `from`, up to `to`; of which those above `backFrom` are passed backward too. */
  readonly from: number;
  readonly to: number;
  /** Null: forward alone. */
  readonly backFrom: number | null;
  /** Whether the gradient of weights is computed; an adapter's are few. */
  readonly trainsWeights: boolean;
}

/** Passes through layers 1 … n of an encoder or decoder. A token takes 2 · weights + 4 · T · width in each. */
export function layersPass({ config, layers }: Model, pass: Pass): Arithmetic {
  const { rows, length: T, from, to, backFrom, trainsWeights } = pass;
  const tokens = rows * T;
  const passed = layers.filter(
    ({ index, tensors }) =>
      index > from && index <= Math.min(to, config.layers) && !tensors.some(isLanguageModelTensor),
  );
  return plus(
    ...passed.map(({ index, parameterCount }) => {
      // Backward towards inputs as much as forward, and towards weights again; attention has two inputs, no weights.
      const isBackward = backFrom !== null && index > backFrom;
      const ofWeights = isBackward ? (trainsWeights ? 3 : 2) : 1;
      const ofInputs = isBackward ? 3 : 1;
      return {
        ...nothing,
        products: tokens * (ofWeights * 2 * parameterCount + ofInputs * 4 * T * attentionWidth(config)),
        [traitsOf(config).isCausal ? 'statesOfDecoder' : 'states']: tokens * ofInputs * config.hiddenSize,
        scores: tokens * ofInputs * config.attentionHeads * T,
      };
    }),
  );
}

/** Logits of tokens, with their loss. */
export function logitsPass(
  { config }: Pick<Model, 'config'>,
  { targets, isBackward, trainsTable }: Targets,
): Arithmetic {
  const passes = isBackward ? (trainsTable ? 3 : 2) : 1;
  const logits = targets * config.vocabularySize;
  return {
    ...nothing,
    products: passes * 2 * logits * embeddingWidth(config),
    logits: (isBackward ? 1 : 0.5) * logits,
  };
}

interface Targets {
  readonly targets: number;
  readonly isBackward: boolean;
  readonly trainsTable: boolean;
}

function attentionWidth(config: ArchitectureConfig): number {
  return 'headSize' in config ? config.attentionHeads * config.headSize : config.hiddenSize;
}

/** Of one thread of the engine, on the machine of reference. */
export function secondsOf({ products, states, statesOfDecoder, scores, logits }: Arithmetic): number {
  const ofStates = costs.state * states + costs.stateOfDecoder * statesOfDecoder;
  return costs.product * products + ofStates + costs.score * scores + costs.logit * logits;
}
