import type { MpnetConfig } from '../../../src/protocol/architectures/index.js';
import { firstMpnetPosition } from '../../../src/protocol/architectures/mpnet.js';
import type { ConfigKeys } from '../config-keys.js';
import { readBertKeys, writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/** MPNet in transformers: keys as BERT's, without token types and without a rate of the classifier's own. */
export const mpnet: TransformersFamily<MpnetConfig> = {
  title: 'MPNet',
  classPrefix: 'MPNet',
  readConfig,
  writeConfig,
  baseModule: 'mpnet',
  classifier: { head: 'classifier.out_proj', pooler: 'classifier.dense' },
  tokenHead: 'classifier',
  languageModelClass: 'MPNetForMaskedLM',
  tokenPredictor: {
    dense: 'lm_head.dense',
    norm: 'lm_head.layer_norm',
    bias: 'lm_head.bias',
  },
  poolerActivation: 'tanh',
  bareModelPooler: 'unused',
  // One module, of which head and pooler are parts.
  modulesToSave: ['classifier'],
  // What is left of masked words.
  leftOut: /^lm_head\./,
};

function readConfig(keys: ConfigKeys): MpnetConfig {
  // transformers' code has these two numbers, whatever the file says.
  keys.only('pad_token_id', [1], '1');
  keys.only('relative_attention_num_buckets', [32], '32');
  const { tokenTypes: _, ...read } = readBertKeys(keys, { vocabularySize: 30_527, padTokenId: 1 });
  if (read.maxPositions <= firstMpnetPosition) {
    keys.findings.push(
      `max_position_embeddings is ${read.maxPositions}; MPNet counts positions from ${firstMpnetPosition}, which leaves none for a token`,
    );
  }
  return { architecture: 'mpnet', ...read, classifierDropout: read.hiddenDropout };
}

function writeConfig(config: MpnetConfig): Record<string, unknown> {
  const { type_vocab_size: _, classifier_dropout: __, ...keys } = writeBertKeys({ ...config, tokenTypes: 1 });
  return { ...keys, relative_attention_num_buckets: 32 };
}
