import type { MistralConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import type { TransformersFamily } from './family.js';
import { readRotaryKeys, writeRotaryKeys } from './rotary-keys.js';

/** Mistral in transformers: Llama's keys, and a sliding window. */
export const mistral: TransformersFamily<MistralConfig> = {
  title: 'Mistral',
  classPrefix: 'Mistral',
  readConfig,
  writeConfig: (config) => ({ ...writeRotaryKeys(config), sliding_window: config.slidingWindow }),
  baseModule: 'model',
  classifier: { head: 'score', pooler: null },
  tokenHead: 'score',
  languageModelClass: 'MistralForCausalLM',
  poolerActivation: null,
  bareModelPooler: 'none',
  untiedByDefault: true,
  modulesToSave: ['score'],
  leftOut: /rotary_emb\.inv_freq$/,
};

function readConfig(keys: ConfigKeys): MistralConfig {
  const read = readRotaryKeys(keys, { intermediateSize: 14_336, maxPositions: 131_072, keyValueHeads: 8 });
  // Its projections have no biases: transformers does not read these keys here.
  for (const key of ['attention_bias', 'mlp_bias']) keys.only(key, [false, null], 'false');
  return { architecture: 'mistral', ...read, slidingWindow: keys.sizeOrNone('sliding_window', 4096) };
}
