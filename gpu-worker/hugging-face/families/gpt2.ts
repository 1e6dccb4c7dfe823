import type { Gpt2Config } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import { activations, mostLayers } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';
import { readPadToken } from './pad-token.js';

/** GPT-2 in transformers: its configuration has keys of its own, and its matrices are stored transposed (Conv1D). */
export const gpt2: TransformersFamily<Gpt2Config> = {
  title: 'GPT-2',
  classPrefix: 'GPT2',
  readConfig,
  writeConfig: (config) => ({
    vocab_size: config.vocabularySize,
    n_positions: config.maxPositions,
    pad_token_id: config.padTokenId,
    n_embd: config.hiddenSize,
    n_inner: config.intermediateSize,
    n_head: config.attentionHeads,
    n_layer: config.layers,
    layer_norm_epsilon: config.layerNormEpsilon,
    activation_function: config.activation,
    embd_pdrop: config.embeddingDropout,
    resid_pdrop: config.hiddenDropout,
    attn_pdrop: config.attentionDropout,
    classifier_dropout: config.classifierDropout,
    tie_word_embeddings: config.tiesEmbeddings,
  }),
  baseModule: 'transformer',
  classifier: { head: 'score', pooler: null },
  tokenHead: 'classifier',
  languageModelClass: 'GPT2LMHeadModel',
  poolerActivation: null,
  bareModelPooler: 'none',
  modulesToSave: ['score'],
  // Masks of attention, which older versions stored, and the second head of `GPT2DoubleHeadsModel`.
  leftOut: /^(h\.\d+\.attn\.(masked_)?bias$|multiple_choice_head\.)/,
};

function readConfig(keys: ConfigKeys): Gpt2Config {
  const hiddenSize = keys.size('n_embd', 768);
  keys.only('scale_attn_weights', [true, null], 'true');
  keys.only('scale_attn_by_inverse_layer_idx', [false, null], 'false');
  return {
    architecture: 'gpt2',
    vocabularySize: keys.size('vocab_size', 50_257),
    hiddenSize,
    intermediateSize: keys.size('n_inner', 4 * hiddenSize),
    attentionHeads: keys.size('n_head', 12),
    layers: keys.size('n_layer', 12, mostLayers),
    maxPositions: keys.size('n_positions', 1024),
    layerNormEpsilon: keys.epsilon('layer_norm_epsilon', 1e-5),
    activation: keys.word('activation_function', 'gelu_new', activations),
    embeddingDropout: keys.rate('embd_pdrop', 0.1),
    hiddenDropout: keys.rate('resid_pdrop', 0.1),
    attentionDropout: keys.rate('attn_pdrop', 0.1),
    classifierDropout: keys.rate('classifier_dropout', 0.1),
    padTokenId: readPadToken(keys),
    tiesEmbeddings: keys.truth('tie_word_embeddings', true),
  };
}
