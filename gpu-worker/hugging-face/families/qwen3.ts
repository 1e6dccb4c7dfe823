import type { Qwen3Config } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import type { TransformersFamily } from './family.js';
import { readWindow, writeWindow } from './layer-types.js';
import { readRotaryKeys, writeRotaryKeys } from './rotary-keys.js';

/** Qwen3 in transformers: Llama's keys, heads that are 128 wide by default, and a sliding window in some layers. */
export const qwen3: TransformersFamily<Qwen3Config> = {
  title: 'Qwen3',
  classPrefix: 'Qwen3',
  readConfig,
  writeConfig: (config) => ({
    ...writeRotaryKeys(config),
    attention_bias: config.attentionBias,
    ...writeWindow(config),
  }),
  baseModule: 'model',
  classifier: { head: 'score', pooler: null },
  tokenHead: 'score',
  languageModelClass: 'Qwen3ForCausalLM',
  poolerActivation: null,
  bareModelPooler: 'none',
  untiedByDefault: true,
  modulesToSave: ['score'],
  leftOut: /rotary_emb\.inv_freq$/,
};

function readConfig(keys: ConfigKeys): Qwen3Config {
  const read = readRotaryKeys(keys, {
    vocabularySize: 151_936,
    intermediateSize: 22_016,
    maxPositions: 32_768,
    keyValueHeads: 32,
    headSize: 128,
  });
  // Its feed-forward network has no biases: transformers does not read this key here.
  keys.only('mlp_bias', [false, null], 'false');
  return { architecture: 'qwen3', ...read, ...readWindow(keys, read.layers), feedForwardBias: false };
}
