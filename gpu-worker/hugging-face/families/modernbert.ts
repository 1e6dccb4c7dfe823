import type { ModernBertConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import { activations, mostLayers } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';
import { readLayerTypes, writeLayerTypes } from './layer-types.js';
import { readRotation, readRotationTables } from './rotary-keys.js';

/**
 * ModernBERT in transformers. Its prediction head stands before every classifier, and before the matrix of masked
 * words: a checkpoint of masked words brings it to a classifier along.
 */
export const modernBert: TransformersFamily<ModernBertConfig> = {
  title: 'ModernBERT',
  classPrefix: 'ModernBert',
  readConfig,
  writeConfig,
  baseModule: 'model',
  classifier: { head: 'classifier', pooler: 'head.dense', poolerNorm: 'head.norm' },
  poolingKey: 'classifier_pooling',
  tokenHead: 'classifier',
  languageModelClass: 'ModernBertForMaskedLM',
  tokenPredictor: { bias: 'decoder.bias' },
  poolerActivation: 'gelu',
  bareModelPooler: 'none',
  modulesToSave: ['head', 'classifier'],
  // What is left of masked words.
  leftOut: /^decoder\.|rotary_emb\..*inv_freq$/,
};

/** The rotary bases of transformers, where a file has none. */
const usualBases = { full: 160_000, sliding: 10_000 };

function readConfig(keys: ConfigKeys): ModernBertConfig {
  const layers = keys.size('num_hidden_layers', 22, mostLayers);
  const every = keys.size('global_attn_every_n_layers', 3);
  const attentionHeads = keys.size('num_attention_heads', 12);
  const hiddenSize = keys.size('hidden_size', 768);
  if (hiddenSize % (2 * attentionHeads) !== 0) {
    keys.findings.push(`hidden_size ${hiddenSize} gives ${attentionHeads} heads no even width`);
  }
  keys.only('classifier_activation', ['gelu', 'gelu_python'], 'gelu');
  const maxPositions = keys.size('max_position_embeddings', 8192);
  return {
    architecture: 'modernbert',
    vocabularySize: keys.size('vocab_size', 50_368),
    hiddenSize,
    intermediateSize: keys.size('intermediate_size', 1152),
    attentionHeads,
    layers,
    maxPositions,
    layerNormEpsilon: keys.epsilon('norm_eps', 1e-5),
    activation: keys.word('hidden_activation', 'gelu', activations),
    attentionBias: keys.truth('attention_bias', false),
    feedForwardBias: keys.truth('mlp_bias', false),
    normBias: keys.truth('norm_bias', false),
    poolerBias: keys.truth('classifier_bias', false),
    slidingLayers: readLayerTypes(keys, layers, (layer) => layer % every !== 0),
    // transformers divides the whole window, and a token reads itself beside.
    windowEachSide: Math.floor(keys.size('local_attention', 128) / 2),
    ...readBases(keys, maxPositions),
    embeddingDropout: keys.rate('embedding_dropout', 0),
    attentionDropout: keys.rate('attention_dropout', 0),
    feedForwardDropout: keys.rate('mlp_dropout', 0),
    classifierDropout: keys.rate('classifier_dropout', 0),
    padTokenId: keys.index('pad_token_id', 50_283),
  };
}

/**
 * `rope_parameters` of transformers 5, with a table for each kind of layer, or `global_rope_theta` and
 * `local_rope_theta` of the versions before.
 */
function readBases(keys: ConfigKeys, maxPositions: number): Pick<ModernBertConfig, 'rotaryBase' | 'slidingRotaryBase'> {
  keys.only('rope_scaling', [null, {}], 'null');
  const tables = readRotationTables(keys);
  const baseOf = (key: string, table: Readonly<Record<string, unknown>>, absent: number) => {
    const { rotaryBase, rotaryScaling } = readRotation(keys, `rope_parameters: ${key}`, table, absent, maxPositions);
    if (rotaryScaling.kind !== 'none')
      keys.findings.push(`rope_parameters: ${key} has a rope_type; supported: default`);
    return rotaryBase;
  };
  return {
    rotaryBase: baseOf('full_attention', tables.full, keys.positive('global_rope_theta', usualBases.full)),
    slidingRotaryBase: baseOf(
      'sliding_attention',
      tables.sliding,
      keys.positive('local_rope_theta', usualBases.sliding),
    ),
  };
}

function writeConfig(config: ModernBertConfig): Record<string, unknown> {
  const { rotaryBase, slidingRotaryBase, slidingLayers } = config;
  return {
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    pad_token_id: config.padTokenId,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_attention_heads: config.attentionHeads,
    num_hidden_layers: config.layers,
    norm_eps: config.layerNormEpsilon,
    hidden_activation: config.activation,
    classifier_activation: 'gelu',
    attention_bias: config.attentionBias,
    mlp_bias: config.feedForwardBias,
    norm_bias: config.normBias,
    classifier_bias: config.poolerBias,
    decoder_bias: true,
    embedding_dropout: config.embeddingDropout,
    attention_dropout: config.attentionDropout,
    mlp_dropout: config.feedForwardDropout,
    classifier_dropout: config.classifierDropout,
    local_attention: 2 * config.windowEachSide,
    // transformers 5 reads the first two of these keys, earlier versions the other three.
    ...writeLayerTypes(config),
    rope_parameters: {
      full_attention: { rope_theta: rotaryBase, rope_type: 'default' },
      sliding_attention: { rope_theta: slidingRotaryBase, rope_type: 'default' },
    },
    global_rope_theta: rotaryBase,
    local_rope_theta: slidingRotaryBase,
    ...everyOf(slidingLayers),
  };
}

/** The former key of which layers read all tokens, where there is a number that says it. */
function everyOf(slidingLayers: readonly boolean[]): { global_attn_every_n_layers?: number } {
  const second = slidingLayers.indexOf(false, 1);
  const every = second === -1 ? slidingLayers.length : second;
  const isRegular = slidingLayers.every((isSliding, layer) => isSliding === (layer % every !== 0));
  return isRegular ? { global_attn_every_n_layers: every } : {};
}
