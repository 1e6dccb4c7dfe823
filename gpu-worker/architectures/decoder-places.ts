import { sum, type Tensor } from '@tensorflow/tfjs-core';
import { type DecoderConfig, longestText, type Qwen2Config } from '../../src/protocol/architectures/index.js';
import { causalBias, continuedCausalBias, followingCausalBias, packedCausalBias, positions } from '../nn/causal.js';
import type { Rotations } from '../nn/rotate.js';
import type { DecoderPlaces } from './decoder-run.js';
import type { TokenInputs } from './encoder-run.js';
import { slidingRotary } from './gemma3-text.js';
import { continuedRotations, packedRotations, type RotaryPositions, rotationsAt } from './rotary.js';

/**
 * What each layer reads of the places of tokens: those of a row of T or, where it holds several texts, of each text.
 * Layers that read alike share it.
 *
 * @returns by the layer, counted from 0
 */
export function placesOf(
  T: number,
  { segments, places }: Pick<TokenInputs, 'segments' | 'places'>,
  config: DecoderConfig,
): (layer: number) => DecoderPlaces {
  const ofRow = positions(T, longestText(config));
  return sharedPlaces(config, {
    biasOf: (window) =>
      segments === undefined ? causalBias(ofRow, window) : packedCausalBias(ofRow, segments, window),
    rotationsOf: (rotary) => (places === undefined ? rotationsAt(ofRow, rotary) : packedRotations(places, rotary)),
  });
}

/**
 * The same for new tokens of texts whose earlier tokens are kept in C slots, the first of a text in the first slot:
 * places int32 [B,T], one after another in each row; tokens float32 [B], how many each text has with the new ones.
 */
export function continuedPlaces(
  C: number,
  { places, tokens }: { readonly places: Tensor; readonly tokens: Tensor },
  config: DecoderConfig,
): (layer: number) => DecoderPlaces {
  const slots = positions(C, longestText(config));
  return sharedPlaces(config, {
    biasOf: (window) => continuedCausalBias(slots, places, window),
    rotationsOf: (rotary) => continuedRotations(places, tokens, rotary),
  });
}

/**
 * The same for new tokens that follow P earlier ones of their row, wherever its padding is: places int32 [B,T] of the
 * new tokens in their texts; mask float32 [B,P+T].
 */
export function followingPlaces(
  P: number,
  { places, mask }: { readonly places: Tensor; readonly mask: Tensor },
  config: DecoderConfig,
): (layer: number) => DecoderPlaces {
  return sharedPlaces(config, {
    biasOf: (window) => followingCausalBias(mask, P, longestText(config), window),
    rotationsOf: (rotary) => continuedRotations(places, sum(mask, 1), rotary),
  });
}

interface PlaceTensors {
  readonly biasOf: (window: number | null) => Tensor;
  readonly rotationsOf: (rotary: RotaryPositions) => Rotations;
}

function sharedPlaces(config: DecoderConfig, { biasOf, rotationsOf }: PlaceTensors): (layer: number) => DecoderPlaces {
  switch (config.architecture) {
    case 'gpt2': {
      const ofAll = { bias: biasOf(null), rotations: null };
      return () => ofAll;
    }
    case 'llama':
    case 'mistral': {
      const rotations = rotationsOf(config);
      const ofAll = { bias: biasOf(config.slidingWindow), rotations };
      return () => ofAll;
    }
    case 'qwen2':
    case 'qwen3': {
      const rotations = rotationsOf(config);
      return byKind(config, (window) => ({ bias: biasOf(window), rotations }));
    }
    case 'gemma3_text':
      return byKind(config, (window) => ({
        bias: biasOf(window),
        rotations: rotationsOf(window === null ? config : slidingRotary(config)),
      }));
    default:
      return config satisfies never;
  }
}

/** Makes what layers with the window read, and what the others do, once each. @param make of a window, or of none */
function byKind(
  { slidingLayers, slidingWindow }: Pick<Qwen2Config, 'slidingLayers' | 'slidingWindow'>,
  make: (window: number | null) => DecoderPlaces,
): (layer: number) => DecoderPlaces {
  const made = new Map<number | null, DecoderPlaces>();
  return (layer) => {
    const window = slidingLayers[layer] === true ? slidingWindow : null;
    const found = made.get(window) ?? make(window);
    made.set(window, found);
    return found;
  };
}
