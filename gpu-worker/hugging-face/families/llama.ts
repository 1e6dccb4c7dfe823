import type { LlamaConfig } from '../../../src/protocol/architectures/index.js';
import type { TransformersFamily } from './family.js';
import { readRotaryKeys, writeRotaryKeys } from './rotary-keys.js';

/** Llama in transformers, and so SmolLM and other models that are stored as Llama. */
export const llama: TransformersFamily<LlamaConfig> = {
  title: 'Llama (and so SmolLM and its like)',
  classPrefix: 'Llama',
  readConfig: (keys) => ({
    architecture: 'llama',
    ...readRotaryKeys(keys, { intermediateSize: 11_008, maxPositions: 2048, keyValueHeads: null }),
  }),
  writeConfig: (config) => ({
    ...writeRotaryKeys(config),
    attention_bias: config.attentionBias,
    mlp_bias: config.feedForwardBias,
  }),
  baseModule: 'model',
  classifier: { head: 'score', pooler: null },
  tokenHead: 'score',
  languageModelClass: 'LlamaForCausalLM',
  poolerActivation: null,
  bareModelPooler: 'none',
  untiedByDefault: true,
  modulesToSave: ['score'],
  // Buffers of the rotary embedding, which older versions stored.
  leftOut: /rotary_emb\.inv_freq$/,
};
