import type { ElectraConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import { readBertKeys, writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/** ELECTRA in transformers: BERT's keys, and a width of the embeddings. Its bare model has no pooler. */
export const electra: TransformersFamily<ElectraConfig> = {
  title: 'ELECTRA',
  classPrefix: 'Electra',
  readConfig,
  writeConfig: ({ embeddingSize, ...config }) => ({ ...writeBertKeys(config), embedding_size: embeddingSize }),
  baseModule: 'electra',
  classifier: { head: 'classifier.out_proj', pooler: 'classifier.dense' },
  tokenHead: 'classifier',
  languageModelClass: 'ElectraForMaskedLM',
  tokenPredictor: {
    dense: 'generator_predictions.dense',
    norm: 'generator_predictions.LayerNorm',
    bias: 'generator_lm_head.bias',
  },
  poolerActivation: 'gelu',
  bareModelPooler: 'none',
  // One module, of which head and pooler are parts.
  modulesToSave: ['classifier'],
  // Replaced tokens, what is left of masked words, multiple choice.
  leftOut: /^(discriminator_predictions|generator_predictions|generator_lm_head|sequence_summary)\./,
};

function readConfig(keys: ConfigKeys): ElectraConfig {
  return {
    architecture: 'electra',
    ...readBertKeys(keys, {
      vocabularySize: 30_522,
      padTokenId: 0,
      hiddenSize: 256,
      intermediateSize: 1024,
      attentionHeads: 4,
    }),
    embeddingSize: keys.size('embedding_size', 128),
  };
}
