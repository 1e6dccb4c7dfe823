import { gather, matMul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { type DecoderConfig, longestText } from '../../src/protocol/architectures/index.js';
import type { DynamicInputSpec, Tensors } from '../engine/types.js';
import { continuedStates, nextTokenTable } from './decoder.js';
import { continuedPlaces } from './decoder-places.js';
import type { EncoderRun } from './encoder-run.js';

/**
 * A decoder that goes on with texts whose earlier tokens' keys and values are kept: of new tokens it gives states, for
 * the logits of what follows them, and their own keys and values, nothing of the earlier ones. Logits have a graph of
 * their own, so that only those that are wanted are computed, and the table of tokens need not be in memory twice.
 *
 * In the margin: B texts, T new tokens, C slots for earlier tokens, K heads of keys and values of width D, V
 * vocabulary.
 */

/** Sizes of what is kept of a token in each layer. */
export interface KeptSizes {
  readonly layers: number;
  /** K */
  readonly heads: number;
  /** D */
  readonly headSize: number;
}

export function keptSizes(config: DecoderConfig): KeptSizes {
  const { layers, attentionHeads: A } = config;
  return 'keyValueHeads' in config
    ? { layers, heads: config.keyValueHeads, headSize: config.headSize }
    : { layers, heads: A, headSize: config.hiddenSize / A };
}

/** Names of keys and values of a layer, counted from 0, among inputs and, of the new tokens, among outputs. */
export const keptNames = {
  pastKeys: (layer: number): string => `past/${layer}/keys`,
  pastValues: (layer: number): string => `past/${layer}/values`,
  keys: (layer: number): string => `new/${layer}/keys`,
  values: (layer: number): string => `new/${layer}/values`,
} as const;

/** What `continueTexts` reads, in sizes `texts` (B), `tokens` (T) and `slots` (C). */
export function continuedInputs(config: DecoderConfig): Record<string, DynamicInputSpec> {
  const { layers, heads: K, headSize: D } = keptSizes(config);
  const past = Array.from({ length: layers }, (_, layer) => [
    [keptNames.pastKeys(layer), { shape: ['texts', K, 'slots', D], dtype: 'float32' }] as const,
    [keptNames.pastValues(layer), { shape: ['texts', K, 'slots', D], dtype: 'float32' }] as const,
  ]).flat();
  return {
    /** The new tokens; padding, any ids, on the right. */
    ids: { shape: ['texts', 'tokens'], dtype: 'int32' },
    /** Their places in their texts. Of the first it is the number of earlier tokens; at padding any valid one. */
    places: { shape: ['texts', 'tokens'], dtype: 'int32' },
    /** Of each text, the place among the B·T new tokens of that whose state is wanted. */
    last: { shape: ['texts'], dtype: 'int32' },
    /** Tokens of each text, the new ones included: where rotations depend on it. */
    ...(growsWithText(config) ? { lengths: { shape: ['texts'], dtype: 'float32' as const } } : {}),
    ...Object.fromEntries(past),
  };
}

/** Whether rotations depend on the length of the text. */
export function growsWithText(config: DecoderConfig): boolean {
  return 'rotaryScaling' in config && config.rotaryScaling.kind === 'dynamic';
}

/** The most slots and tokens that there may be: those of the longest text. */
export function continuedMaxima(config: DecoderConfig): Record<string, number> {
  return { tokens: longestText(config), slots: longestText(config) };
}

/**
 * The states of wanted tokens [B,H], of which `nextLogits` makes logits, and in each layer keys and values of the new
 * tokens, [B,K,T,D] both.
 *
 * @param run how an adapter acts, where `parameters` hold one; without dropout
 */
export function continueTexts(
  parameters: Tensors,
  inputs: Tensors,
  config: DecoderConfig,
  run?: EncoderRun,
): Record<string, Tensor> {
  const { ids, places, last, lengths } = inputs as { ids: Tensor; places: Tensor; last: Tensor; lengths: Tensor };
  const C = inputs[keptNames.pastKeys(0)]!.shape[2]!;
  const placesAt = continuedPlaces(C, { places, tokens: lengths }, config);
  const kept: Record<string, Tensor> = {};
  const states = continuedStates(
    parameters,
    { ids, places },
    (layer) => ({
      ...placesAt(layer),
      past: {
        keys: inputs[keptNames.pastKeys(layer)]!,
        values: inputs[keptNames.pastValues(layer)]!,
        keep(keys, values) {
          kept[keptNames.keys(layer)] = keys;
          kept[keptNames.values(layer)] = values;
        },
      },
    }),
    config,
    run,
  ); //                                                                   [B·T,H]
  return { states: gather(states, reshape(last, [last.size])), ...kept }; //  [B,H]
}

/** What `nextLogits` reads, in a size `texts` (B). */
export function nextInputs({ hiddenSize: H }: DecoderConfig): Record<string, DynamicInputSpec> {
  return { states: { shape: ['texts', H], dtype: 'float32' } };
}

/** The logits of the tokens that follow: states [B,H] → logits [B,V]. */
export function nextLogits(parameters: Tensors, { states }: Tensors, config: DecoderConfig): Record<string, Tensor> {
  return { logits: matMul(states!, nextTokenTable(parameters, config), false, true) };
}
