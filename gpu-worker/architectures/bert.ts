import { add, reshape, slice, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { ParameterSpec, Tensors, TrainingRandomness } from '../engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../nn/attention.js';
import { embedding } from '../nn/embedding.js';
import { gelu } from '../nn/gelu.js';
import { layerNorm } from '../nn/layer-norm.js';
import { linear } from '../nn/linear.js';

/**
 * BERT's encoder (Devlin et al. 2019, arXiv:1810.04805) with Hugging Face's parameter names and layouts, so that its
 * safetensors load as they are. Post-LayerNorm, learned positions, exact GELU.
 *
 * In the margin: B texts, T tokens, H hidden size, F intermediate size, A attention heads of D = H/A, V vocabulary.
 */
export interface BertConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly attentionHeads: number;
  readonly layers: number;
  readonly maxPositions: number;
  readonly tokenTypes: number;
  readonly layerNormEpsilon: number;
  /** Of embeddings, attention outputs and feed-forward outputs. */
  readonly hiddenDropout: number;
  /** Of attention probabilities. */
  readonly attentionDropout: number;
}

export interface BertInputs {
  /** int32 [B,T], any valid id at padding. */
  readonly ids: Tensor;
  /** float32 [B,T], 1 at tokens, 0 at padding. */
  readonly mask: Tensor;
}

/** States of all tokens [B·T,H]. All tokens are of type 0 (one text an example). */
export function encode(
  parameters: Tensors,
  inputs: BertInputs,
  config: BertConfig,
  random: TrainingRandomness,
): Tensor {
  return encoder(parameters, inputs, config, random, 'all tokens');
}

/**
 * States of the first token, [CLS], alone [B,H]: exactly those rows of `encode`, for less. In the last layer the other
 * tokens are only looked at (keys and values), so its queries, feed-forward and norms are computed for one token of T.
 */
export function encodeFirstToken(
  parameters: Tensors,
  inputs: BertInputs,
  config: BertConfig,
  random: TrainingRandomness,
): Tensor {
  return encoder(parameters, inputs, config, random, 'first token');
}

/** BERT's pooler: tanh of a projection of the [CLS] state, [B,H] → [B,H]. */
export function pool(parameters: Tensors, firstTokenStates: Tensor): Tensor {
  const { weight, bias } = pair(parameters, 'pooler.dense');
  return tanh(linear(firstTokenStates, weight, bias));
}

function encoder(
  parameters: Tensors,
  { ids, mask }: BertInputs,
  config: BertConfig,
  random: TrainingRandomness,
  wanted: 'all tokens' | 'first token',
): Tensor {
  const bias = paddingBias(mask); //                                               [B,1,1,T]
  let states = embed(parameters, ids, config, random); //                          [B·T,H]
  for (let layer = 0; layer < config.layers; layer++) {
    const firstOnly = wanted === 'first token' && layer === config.layers - 1;
    states = encoderLayer(parameters, `encoder.layer.${layer}`, states, bias, ids.shape[1]!, firstOnly, config, random);
  }
  return states;
}

/** Token, position and type embeddings, normalized: ids [B,T] → [B·T,H]. */
function embed(parameters: Tensors, ids: Tensor, config: BertConfig, random: TrainingRandomness): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const H = config.hiddenSize;
  const tokens = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), ids); // [B·T,H]
  const positions = slice(parameter(parameters, 'embeddings.position_embeddings.weight'), [0, 0], [T, H]);
  const types = slice(parameter(parameters, 'embeddings.token_type_embeddings.weight'), [0, 0], [1, H]);
  const sum = add(reshape(tokens, [B, T, H]), add(positions, types)); //           [B,T,H]
  const normed = norm(parameters, 'embeddings.LayerNorm', reshape(sum, [B * T, H]), config);
  return random.dropout(normed, config.hiddenDropout);
}

/** One post-norm layer: states [B·T,H], bias [B,1,1,T] → [B·T,H], or [B,H] for the first tokens only. */
function encoderLayer(
  parameters: Tensors,
  name: string,
  states: Tensor,
  bias: Tensor,
  T: number,
  firstOnly: boolean,
  config: BertConfig,
  random: TrainingRandomness,
): Tensor {
  const project = (part: string, x: Tensor) => {
    const { weight, bias } = pair(parameters, `${name}.${part}`);
    return linear(x, weight, bias);
  };
  const A = config.attentionHeads;
  const asking = firstOnly ? firstTokens(states, T) : states; //                   [B·Q,H], Q = 1 or T
  const queries = splitHeads(project('attention.self.query', asking), firstOnly ? 1 : T, A); // [B,A,Q,D]
  const keys = splitHeads(project('attention.self.key', states), T, A); //         [B,A,T,D]
  const values = splitHeads(project('attention.self.value', states), T, A); //     [B,A,T,D]
  const context = joinHeads(attend(queries, keys, values, bias, random, config.attentionDropout)); // [B·Q,H]
  const attended = random.dropout(project('attention.output.dense', context), config.hiddenDropout);
  const middle = norm(parameters, `${name}.attention.output.LayerNorm`, add(asking, attended), config);

  const hidden = gelu(project('intermediate.dense', middle)); //                   [B·Q,F]
  const fedForward = random.dropout(project('output.dense', hidden), config.hiddenDropout); // [B·Q,H]
  return norm(parameters, `${name}.output.LayerNorm`, add(middle, fedForward), config);
}

/** The first of every T rows: [B·T,H] → [B,H]. */
function firstTokens(states: Tensor, T: number): Tensor {
  const [rows = 0, H = 0] = states.shape;
  const B = rows / T;
  return reshape(slice(reshape(states, [B, T, H]), [0, 0, 0], [B, 1, H]), [B, H]);
}

function norm(parameters: Tensors, name: string, x: Tensor, config: BertConfig): Tensor {
  const { weight, bias } = pair(parameters, name);
  return layerNorm(x, weight, bias, config.layerNormEpsilon);
}

/** Every parameter of the encoder and its pooler, all trainable, in the order of Hugging Face's state dictionary. */
export function bertParameters(config: BertConfig): ParameterSpec[] {
  const { hiddenSize: H, intermediateSize: F } = config;
  const matrix = (name: string, shape: number[]): ParameterSpec => ({ name, shape, trainable: true, decay: true });
  const vector = (name: string, size: number): ParameterSpec => ({
    name,
    shape: [size],
    trainable: true,
    decay: false,
  });
  const projection = (name: string, outputs: number, inputs: number) => [
    matrix(`${name}.weight`, [outputs, inputs]),
    vector(`${name}.bias`, outputs),
  ];
  const normalization = (name: string) => [vector(`${name}.weight`, H), vector(`${name}.bias`, H)];
  const specs = [
    matrix('embeddings.word_embeddings.weight', [config.vocabularySize, H]),
    matrix('embeddings.position_embeddings.weight', [config.maxPositions, H]),
    matrix('embeddings.token_type_embeddings.weight', [config.tokenTypes, H]),
    ...normalization('embeddings.LayerNorm'),
  ];
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `encoder.layer.${layer}`;
    specs.push(
      ...['query', 'key', 'value'].flatMap((part) => projection(`${name}.attention.self.${part}`, H, H)),
      ...projection(`${name}.attention.output.dense`, H, H),
      ...normalization(`${name}.attention.output.LayerNorm`),
      ...projection(`${name}.intermediate.dense`, F, H),
      ...projection(`${name}.output.dense`, H, F),
      ...normalization(`${name}.output.LayerNorm`),
    );
  }
  return [...specs, ...projection('pooler.dense', H, H)];
}

function pair(parameters: Tensors, name: string): { readonly weight: Tensor; readonly bias: Tensor } {
  return { weight: parameter(parameters, `${name}.weight`), bias: parameter(parameters, `${name}.bias`) };
}

function parameter(parameters: Tensors, name: string): Tensor {
  const found = parameters[name];
  if (found === undefined) throw new RangeError(`The encoder has no parameter ${name}.`);
  return found;
}
