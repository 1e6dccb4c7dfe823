import type { XlmRobertaConfig } from '../../../src/protocol/architectures/index.js';
import { writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';
import { readRobertaKeys, roberta } from './roberta.js';

/** XLM-RoBERTa in transformers: RoBERTa, down to the name of the bare model in its classifiers. */
export const xlmRoberta: TransformersFamily<XlmRobertaConfig> = {
  ...roberta,
  title: 'XLM-RoBERTa',
  classPrefix: 'XLMRoberta',
  readConfig: (keys) => ({ architecture: 'xlm-roberta', ...readRobertaKeys(keys, { vocabularySize: 30_522 }) }),
  writeConfig: writeBertKeys,
  languageModelClass: 'XLMRobertaForMaskedLM',
};
