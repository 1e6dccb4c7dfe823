import type { BertConfig } from '../../../src/protocol/architectures/index.js';
import { readBertKeys, writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/** BERT in transformers. Its pooler belongs to the bare model, and its classifiers of texts read that. */
export const bert: TransformersFamily<BertConfig> = {
  title: 'BERT (and so MiniLM and its like)',
  classPrefix: 'Bert',
  readConfig: (keys) => ({ architecture: 'bert', ...readBertKeys(keys, { vocabularySize: 30_522, padTokenId: 0 }) }),
  writeConfig: writeBertKeys,
  baseModule: 'bert',
  classifier: { head: 'classifier', pooler: 'bert.pooler.dense' },
  tokenHead: 'classifier',
  languageModelClass: 'BertForMaskedLM',
  tokenPredictor: {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  },
  poolerActivation: 'tanh',
  bareModelPooler: 'ofClassifier',
  modulesToSave: ['classifier'],
  // Next sentence, and what is left of masked words.
  leftOut: /^cls\./,
};
