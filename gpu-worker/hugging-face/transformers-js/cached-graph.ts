import { concat, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { type DecoderConfig, longestText } from '../../../src/protocol/architectures/index.js';
import { keptSizes } from '../../architectures/cached-decoder.js';
import { continuedStates } from '../../architectures/decoder.js';
import { followingPlaces } from '../../architectures/decoder-places.js';
import { allTokenLogits } from '../../architectures/token-logits.js';
import type { ExportInput, ForwardFunction } from '../../engine/index.js';
import type { ModelGraph } from './model-graph.js';

/**
 * A language model as transformers.js generates with it, under the names of Optimum's exports: new tokens, and keys and
 * values of the earlier ones in each layer, give the logits that follow each new token, and keys and values of all.
 * Padding may be on the left: places and mask tell.
 *
 * In the margin: B texts, T new tokens, P earlier ones, K heads of keys and values of width D, V vocabulary.
 */

/** Sizes by the names that transformers.js knows: it begins with `batch_size` texts and no earlier tokens. */
const [B, T, P] = ['batch_size', 'sequence_length', 'past_sequence_length'];

const pastName = (layer: number, part: 'key' | 'value') => `past_key_values.${layer}.${part}`;
const presentName = (layer: number, part: 'key' | 'value') => `present.${layer}.${part}`;

export function cachedGraph(config: DecoderConfig): ModelGraph {
  const { layers } = keptSizes(config);
  const names = [pastName, presentName].flatMap((nameOf) =>
    Array.from({ length: layers }, (_, layer) => [nameOf(layer, 'key'), nameOf(layer, 'value')]).flat(),
  );
  // Both are recorded at their largest at once.
  const most = Math.floor(longestText(config) / 2);
  return {
    form: 'languageModel',
    inputs: cachedInputs(config),
    forward: cachedForward(config),
    maxima: { [T]: most, [P]: most },
    inHalf: new Set(names),
  };
}

function cachedInputs(config: DecoderConfig): Record<string, ExportInput> {
  const { layers, heads: K, headSize: D } = keptSizes(config);
  const kept = { shape: [B, K, P, D], dtype: 'float32' } as const;
  return {
    input_ids: { shape: [B, T], dtype: 'int32', fileType: 'int64' },
    attention_mask: { shape: [B, `${P} + ${T}`], dtype: 'float32', fileType: 'int64' },
    position_ids: { shape: [B, T], dtype: 'int32', fileType: 'int64' },
    ...Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [
        [pastName(layer, 'key'), kept],
        [pastName(layer, 'value'), kept],
      ]).flat(),
    ),
  };
}

/** logits [B,T,V], and in each layer keys and values of all tokens, [B,K,P+T,D] both. */
function cachedForward(config: DecoderConfig): ForwardFunction {
  return (parameters, inputs) => {
    const { input_ids: ids, attention_mask: mask, position_ids: places } = inputs as Record<string, Tensor>;
    const [texts = 0, tokens = 0] = ids!.shape;
    const earlier = inputs[pastName(0, 'key')]!.shape[2]!;
    const placesAt = followingPlaces(earlier, { places: places!, mask: mask! }, config);
    const present: Record<string, Tensor> = {};
    const states = continuedStates(
      parameters,
      { ids: ids!, places: places! },
      (layer) => ({
        ...placesAt(layer),
        past: {
          join(newKeys, newValues) {
            const keys = concat([inputs[pastName(layer, 'key')]!, newKeys], 2); //       [B,K,P+T,D]
            const values = concat([inputs[pastName(layer, 'value')]!, newValues], 2); // [B,K,P+T,D]
            present[presentName(layer, 'key')] = keys;
            present[presentName(layer, 'value')] = values;
            return { keys, values };
          },
        },
      }),
      config,
    ); //                                                                              [B·T,H]
    const logits = allTokenLogits(parameters, states, config); //                      [B·T,V]
    return { logits: reshape(logits, [texts, tokens, config.vocabularySize]), ...present };
  };
}
