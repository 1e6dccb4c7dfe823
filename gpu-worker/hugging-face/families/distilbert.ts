import type { DistilBertConfig } from '../../../src/protocol/architectures/index.js';
import { activations, mostLayers } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/** DistilBERT in transformers: its configuration has keys of its own, and its bare model has no pooler. */
export const distilBert: TransformersFamily<DistilBertConfig> = {
  title: 'DistilBERT',
  classPrefix: 'DistilBert',
  readConfig: (keys) => ({
    architecture: 'distilbert',
    vocabularySize: keys.size('vocab_size', 30_522),
    hiddenSize: keys.size('dim', 768),
    intermediateSize: keys.size('hidden_dim', 3072),
    attentionHeads: keys.size('n_heads', 12),
    layers: keys.size('n_layers', 6, mostLayers),
    maxPositions: keys.size('max_position_embeddings', 512),
    // The code of transformers has this number, and no key changes it.
    layerNormEpsilon: 1e-12,
    activation: keys.word('activation', 'gelu', activations),
    hiddenDropout: keys.rate('dropout', 0.1),
    attentionDropout: keys.rate('attention_dropout', 0.1),
    classifierDropout: keys.rate('seq_classif_dropout', 0.2),
    padTokenId: keys.index('pad_token_id', 0),
  }),
  writeConfig: (config) => ({
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    pad_token_id: config.padTokenId,
    dim: config.hiddenSize,
    hidden_dim: config.intermediateSize,
    n_heads: config.attentionHeads,
    n_layers: config.layers,
    activation: config.activation,
    dropout: config.hiddenDropout,
    attention_dropout: config.attentionDropout,
    seq_classif_dropout: config.classifierDropout,
  }),
  baseModule: 'distilbert',
  classifier: { head: 'classifier', pooler: 'pre_classifier' },
  tokenHead: 'classifier',
  languageModelClass: 'DistilBertForMaskedLM',
  tokenPredictor: {
    dense: 'vocab_transform',
    norm: 'vocab_layer_norm',
    bias: 'vocab_projector.bias',
  },
  poolerActivation: 'relu',
  bareModelPooler: 'none',
  modulesToSave: ['classifier', 'pre_classifier'],
  // What is left of masked words.
  leftOut: /^(vocab_transform|vocab_layer_norm|vocab_projector)\./,
};
