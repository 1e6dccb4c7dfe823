import {
  add,
  cast,
  cos,
  exp,
  log,
  maximum,
  mul,
  reshape,
  sin,
  slice,
  type Tensor,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { RotaryDecoder } from '../../src/protocol/architectures/index.js';
import type { Rotations } from '../nn/rotate.js';
import { ln, pow } from '../portable-math.js';

/**
 * Rotary positions with transformers' ways to stretch them (`modeling_rope_utils.py`): how the families of Llama tell
 * places apart.
 *
 * In the margin: T tokens, D width of a head.
 */

export type RotaryPositions = Pick<RotaryDecoder, 'headSize' | 'maxPositions' | 'rotaryBase' | 'rotaryScaling'>;

/** Cosines and sines for places [T], times the attention factor where there is one: [T,D/2]. */
export function rotationsAt(places: Tensor, config: RotaryPositions): Rotations {
  const [T = 0] = places.shape;
  const fixed = frequenciesOf(config); //                                       [1,D/2]
  const tokens = () => add(slice(places, [T - 1], [1]), 1); //                  [1]
  const frequencies = config.rotaryScaling.kind === 'dynamic' ? stretched(fixed, tokens(), config) : fixed;
  return rotationsBy(mul(reshape(places, [T, 1]), frequencies), config); //     [T,D/2]
}

/**
 * The same for rows of several texts, with the place of each token in its own: places int32 [B,T] → [B,1,T,D/2]. A
 * scaling that grows with the text has no one growth for such a row.
 */
export function packedRotations(places: Tensor, config: RotaryPositions): Rotations {
  if (config.rotaryScaling.kind === 'dynamic') throw new RangeError('the dynamic scaling does not take several texts');
  const [B = 0, T = 0] = places.shape;
  const angles = mul(reshape(cast(places, 'float32'), [B, 1, T, 1]), frequenciesOf(config)); // [B,1,T,D/2]
  return rotationsBy(angles, config);
}

/**
 * The same for rows that go on with a text each: places int32 [B,T] of the new tokens → [B,1,T,D/2]. A scaling that
 * grows with the text takes the growth of the text as it is now; keys of earlier tokens stay as they were turned. That
 * is what transformers does when it generates from one text.
 *
 * @param tokens float32 [B]: of each row's text, the new ones included
 */
export function continuedRotations(places: Tensor, tokens: Tensor, config: RotaryPositions): Rotations {
  if (config.rotaryScaling.kind !== 'dynamic') return packedRotations(places, config);
  const [B = 0, T = 0] = places.shape;
  const frequencies = stretched(frequenciesOf(config), reshape(tokens, [B, 1, 1, 1]), config); // [B,1,1,D/2]
  return rotationsBy(mul(reshape(cast(places, 'float32'), [B, 1, T, 1]), frequencies), config);
}

function frequenciesOf(config: RotaryPositions): Tensor {
  return reshape(tensor1d(inverseFrequencies(config)), [1, config.headSize / 2]);
}

function rotationsBy(angles: Tensor, config: RotaryPositions): Rotations {
  const factor = config.rotaryScaling.kind === 'yarn' ? config.rotaryScaling.attentionFactor : 1;
  return factor === 1
    ? { cos: cos(angles), sin: sin(angles) }
    : { cos: mul(cos(angles), factor), sin: mul(sin(angles), factor) };
}

/**
 * The frequencies of a text of T tokens whose base grows with T: base · (s · T / L − (s − 1))^(D / (D − 2)) for T above
 * L = maxPositions. Of the i-th frequency base^(−2i/D) that leaves a factor with exponent −2i/(D − 2), which is exactly
 * 1 up to L. fixed [1,D/2], tokens [1] or [B,1,1,1] → [1,D/2] or [B,1,1,D/2].
 */
function stretched(
  fixed: Tensor,
  tokens: Tensor,
  { headSize: D, maxPositions, rotaryScaling }: RotaryPositions,
): Tensor {
  if (rotaryScaling.kind !== 'dynamic') throw new RangeError('only the dynamic scaling depends on the text');
  const { factor } = rotaryScaling;
  const growth = add(mul(maximum(tokens, maxPositions), factor / maxPositions), 1 - factor);
  const exponents = Float32Array.from({ length: D / 2 }, (_, i) => (-2 * i) / (D - 2));
  return mul(fixed, exp(mul(log(maximum(growth, 1)), reshape(tensor1d(exponents), [1, D / 2]))));
}

/**
 * The angle between neighbouring places for each pair of components [D/2], rounded to float32 where transformers
 * rounds: at places in the thousands the last digit counts.
 */
function inverseFrequencies({ headSize: D, rotaryBase, rotaryScaling }: RotaryPositions): Float32Array {
  const plain = Float32Array.from({ length: D / 2 }, (_, i) => {
    const exponent = Math.fround((2 * i) / D);
    return 1 / Math.fround(pow(rotaryBase, exponent));
  });
  switch (rotaryScaling.kind) {
    case 'none':
    case 'dynamic':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / rotaryScaling.factor);
    case 'llama3':
      return plain.map((frequency) => ofLlama3(frequency, rotaryScaling));
    case 'yarn':
      return ofYarn(plain, rotaryBase, rotaryScaling);
    default:
      return rotaryScaling satisfies never;
  }
}

type Scaling<Kind extends RotaryPositions['rotaryScaling']['kind']> = Extract<
  RotaryPositions['rotaryScaling'],
  { kind: Kind }
>;

/**
 * Waves longer than the original text at `lowFrequencyFactor` are stretched, those shorter at the other one are not.
 */
function ofLlama3(
  frequency: number,
  { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions }: Scaling<'llama3'>,
): number {
  const waves = (originalPositions * frequency) / (2 * Math.PI);
  if (waves > high) return frequency;
  if (waves < low) return frequency / factor;
  const smooth = (waves - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** A ramp over the components, from those that turn often enough within the original text to those that do not. */
function ofYarn(
  plain: Float32Array,
  base: number,
  { factor, originalPositions, betaFast, betaSlow, truncates }: Scaling<'yarn'>,
): Float32Array {
  const D = 2 * plain.length;
  const componentOf = (turns: number) => (D * ln(originalPositions / (turns * 2 * Math.PI))) / (2 * ln(base));
  const [fast, slow] = [componentOf(betaFast), componentOf(betaSlow)];
  const from = Math.max(truncates ? Math.floor(fast) : fast, 0);
  const to = Math.min(truncates ? Math.ceil(slow) : slow, D - 1);
  const width = from === to ? 0.001 : to - from;
  return plain.map((frequency, i) => {
    const ramp = Math.min(Math.max((i - from) / width, 0), 1);
    return (frequency / factor) * ramp + frequency * (1 - ramp);
  });
}
