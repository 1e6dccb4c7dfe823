import type { DebertaV2Config } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import { readBertKeys, writeBertKeys } from './encoder-keys.js';
import type { TransformersFamily } from './family.js';

/**
 * DeBERTa-v2 and v3 in transformers: BERT's keys and those of distances, of which many are read by name alone and are
 * no part of transformers' own list. The bare model has no pooler; the classifier of texts has one beside it.
 */
export const debertaV2: TransformersFamily<DebertaV2Config> = {
  title: 'DeBERTa-v2 and v3',
  classPrefix: 'DebertaV2',
  readConfig,
  writeConfig,
  baseModule: 'deberta',
  classifier: { head: 'classifier', pooler: 'pooler.dense' },
  tokenHead: 'classifier',
  languageModelClass: 'DebertaV2ForMaskedLM',
  // The class's own default (`legacy`), which is BERT's; the other form has other names, and is left out.
  tokenPredictor: {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  },
  poolerActivation: 'gelu',
  bareModelPooler: 'none',
  modulesToSave: ['classifier', 'pooler'],
  // Masked words, and masked words' replacements.
  leftOut: /^(cls|lm_predictions|mask_predictions)\./,
  leftOutWhereUnread: /^embeddings\.position_embeddings\./,
};

function readConfig(keys: ConfigKeys): DebertaV2Config {
  const read = readBertKeys(keys, {
    vocabularySize: 128_100,
    padTokenId: 0,
    hiddenSize: 1536,
    intermediateSize: 6144,
    attentionHeads: 24,
    layers: 24,
    layerNormEpsilon: 1e-7,
    tokenTypes: 0,
  });
  const { hiddenSize, hiddenDropout, attentionHeads } = read;
  keys.only('conv_kernel_size', [0, null], '0 (no convolution)');
  keys.only('attention_head_size', [hiddenSize / attentionHeads], 'hidden_size / num_attention_heads');
  keys.only('pooler_hidden_size', [hiddenSize], 'hidden_size');
  keys.only('pooler_hidden_act', ['gelu', 'gelu_python'], 'gelu');
  if (!keys.truth('relative_attention', false)) {
    keys.findings.push('relative_attention is false; supported: true (attention that reads distances)');
  }
  return {
    architecture: 'deberta-v2',
    ...read,
    classifierDropout: keys.rate('cls_dropout', hiddenDropout),
    embeddingSize: keys.size('embedding_size', hiddenSize),
    hasPositionTable: keys.truth('position_biased_input', true),
    distances: readDistances(keys, read.maxPositions),
    poolerDropout: keys.rate('pooler_dropout', 0),
  };
}

function readDistances(keys: ConfigKeys, maxPositions: number): DebertaV2Config['distances'] {
  const buckets = keys.sizeFromOne('position_buckets');
  const most = keys.sizeFromOne('max_relative_positions') ?? maxPositions;
  const kinds = keys.flags('pos_att_type', ['c2p', 'p2c']);
  if (kinds.size === 0) keys.findings.push('pos_att_type names nothing; supported: c2p, p2c or both');
  // transformers divides by the half, and by the logarithm of how many times it goes into what is farthest.
  if (buckets !== null && (buckets < 2 || most - 1 <= Math.floor(buckets / 2))) {
    keys.findings.push(
      `position_buckets is ${buckets}; supported: from 2 to less than twice max_relative_positions, ${most}`,
    );
  }
  return {
    ...(buckets === null ? { span: most, farthest: null } : { span: buckets, farthest: most }),
    ofKeys: kinds.has('c2p'),
    ofQueries: kinds.has('p2c'),
    sharesProjections: keys.truth('share_att_key', false),
    isNormalized: keys.flags('norm_rel_ebd', ['layer_norm', 'none']).has('layer_norm'),
  };
}

function writeConfig(config: DebertaV2Config): Record<string, unknown> {
  const { classifier_dropout, ...keys } = writeBertKeys(config);
  const { span, farthest, ofKeys, ofQueries, sharesProjections, isNormalized } = config.distances;
  return {
    ...keys,
    cls_dropout: classifier_dropout,
    ...(config.embeddingSize === config.hiddenSize ? {} : { embedding_size: config.embeddingSize }),
    position_biased_input: config.hasPositionTable,
    relative_attention: true,
    position_buckets: farthest === null ? -1 : span,
    max_relative_positions: farthest ?? span,
    pos_att_type: [...(ofKeys ? ['c2p'] : []), ...(ofQueries ? ['p2c'] : [])],
    share_att_key: sharesProjections,
    norm_rel_ebd: isNormalized ? 'layer_norm' : 'none',
    pooler_hidden_size: config.hiddenSize,
    pooler_hidden_act: 'gelu',
    pooler_dropout: config.poolerDropout,
    // The form of what predicts masked tokens, whatever the file said that the model came with.
    legacy: true,
  };
}
