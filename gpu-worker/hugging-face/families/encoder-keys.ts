import type { BertConfig } from '../../../src/protocol/architectures/index.js';
import type { EncoderConfig } from '../../architectures/encoder-run.js';
import type { ConfigKeys } from '../config-keys.js';

/** More layers than any encoder has. */
export const mostLayers = 1000;

/** Activations by transformers' names. Several names are of one function, and differ in rounding at most. */
export const activations: ReadonlyMap<string, EncoderConfig['activation']> = new Map<
  string,
  EncoderConfig['activation']
>([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_new', 'gelu_new'],
  ['gelu_pytorch_tanh', 'gelu_new'],
  ['relu', 'relu'],
]);

/** Defaults in which the families differ; of sizes that are left out, BERT's. */
interface AbsentBertKeys {
  readonly vocabularySize: number;
  readonly padTokenId: number;
  readonly hiddenSize?: number;
  readonly intermediateSize?: number;
  readonly attentionHeads?: number;
  readonly layers?: number;
  readonly layerNormEpsilon?: number;
  /** 0: a file may say that there are none. */
  readonly tokenTypes?: number;
}

/** Reads the keys that BERT and its descendants share. */
export function readBertKeys(keys: ConfigKeys, absent: AbsentBertKeys): Omit<BertConfig, 'architecture'> {
  const hiddenDropout = keys.rate('hidden_dropout_prob', 0.1);
  return {
    vocabularySize: keys.size('vocab_size', absent.vocabularySize),
    hiddenSize: keys.size('hidden_size', absent.hiddenSize ?? 768),
    intermediateSize: keys.size('intermediate_size', absent.intermediateSize ?? 3072),
    attentionHeads: keys.size('num_attention_heads', absent.attentionHeads ?? 12),
    layers: keys.size('num_hidden_layers', absent.layers ?? 12, mostLayers),
    maxPositions: keys.size('max_position_embeddings', 512),
    layerNormEpsilon: keys.epsilon('layer_norm_eps', absent.layerNormEpsilon ?? 1e-12),
    activation: keys.word('hidden_act', 'gelu', activations),
    hiddenDropout,
    attentionDropout: keys.rate('attention_probs_dropout_prob', 0.1),
    classifierDropout: keys.rate('classifier_dropout', hiddenDropout),
    padTokenId: keys.index('pad_token_id', absent.padTokenId),
    tokenTypes: absent.tokenTypes === 0 ? keys.index('type_vocab_size', 0) : keys.size('type_vocab_size', 2),
  };
}

/** The reverse of `readBertKeys`. */
export function writeBertKeys(config: Omit<BertConfig, 'architecture'>): Record<string, unknown> {
  return {
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    pad_token_id: config.padTokenId,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_attention_heads: config.attentionHeads,
    num_hidden_layers: config.layers,
    layer_norm_eps: config.layerNormEpsilon,
    hidden_act: config.activation,
    hidden_dropout_prob: config.hiddenDropout,
    attention_probs_dropout_prob: config.attentionDropout,
    classifier_dropout: config.classifierDropout,
    type_vocab_size: config.tokenTypes,
  };
}
