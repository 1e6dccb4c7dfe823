import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { type ArchitectureConfig, type TransformerConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import type { Tensors } from '../engine/types.js';
import { lastTokens } from '../nn/last-token.js';
import { meanPool } from '../nn/mean-pool.js';
import { applyPooler, firstTokenStates } from './encoder.js';
import { type EncoderConfig, type EncoderRun, isEncoder, isTransformer, type TokenInputs } from './encoder-run.js';
import { firstTokens } from './post-norm-layer.js';
import { runLayers, tokenStates } from './transformer.js';
import { encode } from './use-lite.js';

/** What heads read of a model, before the dropout of `dropHeadInputs`. */
export interface HeadInputs {
  /** One vector for each text, [B,O]: what heads of whole texts read. */
  readonly pooled?: Tensor;
  /** The state of each token, [B·T,H]: what heads of tokens read. */
  readonly tokens?: Tensor;
}

/** Which of `HeadInputs` the heads need. */
export interface HeadNeeds {
  readonly pooled: boolean;
  readonly tokens: boolean;
}

/**
 * Computes what heads read from token ids. The encoder runs once, whatever is needed; where that is the first token's
 * state alone, its last layer computes less.
 *
 * For Universal Sentence Encoder Lite, `pooled` is the tanh projection, not its unit-length form: the components of the
 * projection have a standard deviation near 0.7 (norms 11 to 20 over 512 components), while vectors of unit length
 * would need twenty times the learning rate (docs/experiments.md).
 *
 * @param pooling null for Universal Sentence Encoder Lite, which has its own, and where heads read tokens alone
 */
export function headInputs(
  parameters: Tensors,
  inputs: TokenInputs,
  config: ArchitectureConfig,
  pooling: Pooling | null,
  needs: HeadNeeds,
  run: EncoderRun,
): HeadInputs {
  if (!isTransformer(config)) {
    const { pooled, tokenStates } = encode(parameters, inputs, config, run);
    return {
      ...(needs.pooled ? { pooled } : {}),
      ...(needs.tokens ? { tokens: reshape(tokenStates, [-1, config.hiddenSize]) } : {}),
    };
  }
  const firstOnly = isFirstEnough(config, pooling, needs);
  const states =
    firstOnly && isEncoder(config)
      ? firstTokenStates(parameters, inputs, config, run) //                            [B,H]
      : tokenStates(parameters, inputs, config, run); //                                [B·T,H]
  return fromStates(parameters, states, inputs.mask, firstOnly, config, pooling, needs, run);
}

/** The same from states [B,T,H] after the first `after` layers, which `statesAfter` computed. */
export function headInputsAfter(
  parameters: Tensors,
  { states, mask }: { readonly states: Tensor; readonly mask: Tensor },
  after: number,
  config: TransformerConfig,
  pooling: Pooling | null,
  needs: HeadNeeds,
  run: EncoderRun,
): HeadInputs {
  const firstOnly = isFirstEnough(config, pooling, needs);
  const last = runLayers(parameters, states, mask, { after, firstOnly }, config, run);
  return fromStates(parameters, last, mask, firstOnly, config, pooling, needs, run);
}

/**
 * The vector of each text that a pooler reads, [B,H]: the first token's state, or the mean where the family's pooler
 * reads that too.
 */
export function unpooledVector(
  parameters: Tensors,
  inputs: TokenInputs,
  config: EncoderConfig,
  pooling: Pooling | null,
  run: EncoderRun,
): Tensor {
  const chosen = chosenPooling(config, pooling);
  return chosen === 'firstToken'
    ? firstTokenStates(parameters, inputs, config, run)
    : vectorOf(tokenStates(parameters, inputs, config, run), inputs.mask, false, config, chosen);
}

/** Computes the vector of a whole text alone, [B,O]. */
export function headInput(
  parameters: Tensors,
  inputs: TokenInputs,
  config: ArchitectureConfig,
  pooling: Pooling | null,
  run: EncoderRun,
): Tensor {
  return headInputs(parameters, inputs, config, pooling, { pooled: true, tokens: false }, run).pooled as Tensor;
}

function isFirstEnough(config: TransformerConfig, pooling: Pooling | null, needs: HeadNeeds): boolean {
  return !needs.tokens && chosenPooling(config, pooling) === 'firstToken';
}

function chosenPooling(config: TransformerConfig, pooling: Pooling | null): Pooling {
  const { defaultPooling, poolings } = traitsOf(config);
  const chosen = pooling ?? defaultPooling;
  if (chosen === null || !poolings.includes(chosen)) {
    throw new RangeError(`Models of the family ${config.architecture} cannot be read by ${chosen}.`);
  }
  return chosen;
}

/** @param states of the last layer: the first tokens' [B,H] with `firstOnly`, else all [B·T,H] */
function fromStates(
  parameters: Tensors,
  states: Tensor,
  mask: Tensor,
  firstOnly: boolean,
  config: TransformerConfig,
  pooling: Pooling | null,
  needs: HeadNeeds,
  run: EncoderRun,
): HeadInputs {
  const { poolsAll = false } = traitsOf(config);
  const throughPooler = (read: Tensor, isFirst: boolean) =>
    isEncoder(config) && (poolsAll || isFirst) ? applyPooler(parameters, read, config, run) : read;
  return {
    ...(needs.pooled ? { pooled: pool() } : {}),
    ...(needs.tokens ? { tokens: throughPooler(states, false) } : {}),
  };

  function pool(): Tensor {
    const chosen = chosenPooling(config, pooling);
    return throughPooler(vectorOf(states, mask, firstOnly, config, chosen), chosen === 'firstToken');
  }
}

/** The vector of each text, before a pooler: [B,H]. @param states see `fromStates` */
function vectorOf(
  states: Tensor,
  mask: Tensor,
  firstOnly: boolean,
  { hiddenSize: H }: TransformerConfig,
  pooling: Pooling,
): Tensor {
  const [B = 0, T = 0] = mask.shape;
  switch (pooling) {
    case 'lastToken':
      return lastTokens(reshape(states, [B, T, H]), mask);
    case 'firstToken':
      return firstOnly ? states : firstTokens(states, T);
    case 'mean':
      return meanPool(reshape(states, [B, T, H]), mask);
    default:
      return pooling satisfies never;
  }
}

/**
 * Applies the dropout that comes right before heads. It is always on in training, as heads are always trained. In
 * transformers' DistilBERT and DeBERTa, its rate for tokens differs from that for whole texts.
 */
export function dropHeadInputs(
  { pooled, tokens }: HeadInputs,
  config: ArchitectureConfig,
  { random, dropout }: EncoderRun,
): HeadInputs {
  return {
    ...(pooled === undefined ? {} : { pooled: random.dropout(pooled, dropout ?? rates(config).pooled) }),
    ...(tokens === undefined ? {} : { tokens: random.dropout(tokens, dropout ?? rates(config).tokens) }),
  };
}

function rates(config: ArchitectureConfig): { readonly pooled: number; readonly tokens: number } {
  switch (config.architecture) {
    case 'use-lite':
      return { pooled: 0, tokens: 0 };
    case 'bert':
    case 'roberta':
    case 'xlm-roberta':
    case 'electra':
    case 'mpnet':
    case 'modernbert':
      return { pooled: config.classifierDropout, tokens: config.classifierDropout };
    case 'distilbert':
    case 'deberta-v2':
      return { pooled: config.classifierDropout, tokens: config.hiddenDropout };
    case 'gpt2':
    case 'llama':
    case 'mistral':
    case 'qwen2':
    case 'qwen3':
    case 'gemma3_text':
      return { pooled: 0, tokens: config.classifierDropout };
    default:
      return config satisfies never;
  }
}
