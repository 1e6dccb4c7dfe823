import type { RobertaConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import { readBertKeys, writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/**
 * RoBERTa in transformers: BERT's keys. The bare model has a pooler, but the classifier of texts has a projection of
 * its own and reads that.
 */
export const roberta: TransformersFamily<RobertaConfig> = {
  title: 'RoBERTa',
  classPrefix: 'Roberta',
  readConfig,
  writeConfig: writeBertKeys,
  baseModule: 'roberta',
  classifier: { head: 'classifier.out_proj', pooler: 'classifier.dense' },
  tokenHead: 'classifier',
  languageModelClass: 'RobertaForMaskedLM',
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

function readConfig(keys: ConfigKeys): RobertaConfig {
  return { architecture: 'roberta', ...readRobertaKeys(keys, { vocabularySize: 50_265 }) };
}

/** Reads the keys of RoBERTa and XLM-RoBERTa. */
export function readRobertaKeys(
  keys: ConfigKeys,
  absent: { readonly vocabularySize: number },
): Omit<RobertaConfig, 'architecture'> {
  const read = readBertKeys(keys, { ...absent, padTokenId: 1 });
  const firstPosition = read.padTokenId + 1;
  if (read.maxPositions <= firstPosition) {
    keys.findings.push(
      `max_position_embeddings is ${read.maxPositions}; RoBERTa counts positions from pad_token_id + 1 = ${firstPosition}, which leaves none for a token`,
    );
  }
  return read;
}
