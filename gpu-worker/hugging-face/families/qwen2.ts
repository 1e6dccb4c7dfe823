import type { Qwen2Config } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import type { TransformersFamily } from './family.js';
import { readWindow, writeWindow } from './layer-types.js';
import { readRotaryKeys, writeRotaryKeys } from './rotary-keys.js';

/** Qwen2 and Qwen2.5 in transformers: Llama's keys, and a sliding window in some layers. */
export const qwen2: TransformersFamily<Qwen2Config> = {
  title: 'Qwen2 (and so Qwen2.5)',
  classPrefix: 'Qwen2',
  readConfig,
  writeConfig: (config) => ({ ...writeRotaryKeys(config), ...writeWindow(config) }),
  baseModule: 'model',
  classifier: { head: 'score', pooler: null },
  tokenHead: 'score',
  languageModelClass: 'Qwen2ForCausalLM',
  poolerActivation: null,
  bareModelPooler: 'none',
  untiedByDefault: true,
  modulesToSave: ['score'],
  leftOut: /rotary_emb\.inv_freq$/,
};

function readConfig(keys: ConfigKeys): Qwen2Config {
  const read = readRotaryKeys(keys, {
    vocabularySize: 151_936,
    intermediateSize: 22_016,
    maxPositions: 32_768,
    keyValueHeads: 32,
  });
  // Queries, keys and values have biases and nothing else has: transformers does not read these keys here.
  keys.only('attention_bias', [true, null], 'true');
  keys.only('mlp_bias', [false, null], 'false');
  return {
    architecture: 'qwen2',
    ...read,
    ...readWindow(keys, read.layers),
    attentionBias: true,
    feedForwardBias: false,
  };
}
