import type { Gemma3TextConfig } from '../../../src/protocol/architectures/index.js';
import type { ConfigKeys } from '../config-keys.js';
import type { TransformersFamily } from './family.js';
import { readLayerTypes, writeLayerTypes } from './layer-types.js';
import { readRotation, readRotationTables, readSharedKeys, scalingKeys, writeSharedKeys } from './rotary-keys.js';

/** The text model of Gemma 3 in transformers, which has no class for heads of tokens on it. */
export const gemma3Text: TransformersFamily<Gemma3TextConfig> = {
  title: 'the text models of Gemma 3',
  classPrefix: 'Gemma3Text',
  readConfig,
  writeConfig,
  baseModule: 'model',
  classifier: { head: 'score', pooler: null },
  tokenHead: null,
  languageModelClass: 'Gemma3ForCausalLM',
  poolerActivation: null,
  bareModelPooler: 'none',
  modulesToSave: ['score'],
  leftOut: /rotary_emb\..*inv_freq$/,
  tokensWithoutRow: ['<image_soft_token>'],
};

/** One layer in six reads all tokens before each, where the configuration does not say which do. */
const usualPattern = 6;

/** transformers wants a window even where no layer has one. */
const usualWindow = 4096;

function readConfig(keys: ConfigKeys): Gemma3TextConfig {
  const shared = readSharedKeys(keys, {
    vocabularySize: 262_208,
    hiddenSize: 2304,
    intermediateSize: 9216,
    attentionHeads: 8,
    keyValueHeads: 4,
    headSize: 256,
    layers: 26,
    maxPositions: 131_072,
    tiesEmbeddings: true,
  });
  keys.only('hidden_activation', ['gelu_pytorch_tanh', null], 'gelu_pytorch_tanh');
  // transformers does not read these keys here.
  keys.only('mlp_bias', [false, null], 'false');
  for (const key of ['final_logit_softcapping', 'attn_logit_softcapping']) keys.only(key, [null], 'null');
  keys.only('use_bidirectional_attention', [false, null], 'false');
  const pattern = keys.size('sliding_window_pattern', usualPattern);
  const slidingWindow = keys.sizeOrNone('sliding_window', usualWindow);
  const slidingLayers = readLayerTypes(keys, shared.layers, (layer) => (layer + 1) % pattern !== 0);
  if (slidingWindow === null && slidingLayers.includes(true)) {
    keys.findings.push('sliding_window is null, but there are layers of the type sliding_attention');
  }
  return {
    architecture: 'gemma3_text',
    ...shared,
    // transformers' default.
    padTokenId: shared.padTokenId ?? 0,
    feedForwardBias: false,
    slidingWindow: slidingLayers.includes(true) ? slidingWindow : null,
    slidingLayers,
    queryScalar: keys.positive('query_pre_attn_scalar', 256),
    ...readRotary(keys, shared.maxPositions),
  };
}

/**
 * `rope_parameters` of transformers 5, with a table for each kind of layer, or `rope_theta`, `rope_scaling` and
 * `rope_local_base_freq` of the versions before.
 */
function readRotary(
  keys: ConfigKeys,
  maxPositions: number,
): Pick<Gemma3TextConfig, 'rotaryBase' | 'rotaryScaling' | 'slidingRotaryBase'> {
  const { full, sliding } = readRotationTables(keys);
  const base = keys.positive('rope_theta', 1_000_000);
  const slidingBase = keys.positive('rope_local_base_freq', 10_000);
  const scaling = { ...full, ...keys.object('rope_scaling') };
  const ofSliding = readRotation(keys, 'rope_parameters: sliding_attention', sliding, slidingBase, maxPositions);
  if (ofSliding.rotaryScaling.kind !== 'none') {
    keys.findings.push('rope_parameters: sliding_attention has a rope_type; supported: default');
  }
  return {
    ...readRotation(keys, 'rope_parameters: full_attention', scaling, base, maxPositions),
    slidingRotaryBase: ofSliding.rotaryBase,
  };
}

function writeConfig(config: Gemma3TextConfig): Record<string, unknown> {
  const { rotaryBase, rotaryScaling, slidingRotaryBase } = config;
  return {
    ...writeSharedKeys(config),
    hidden_activation: 'gelu_pytorch_tanh',
    attention_bias: config.attentionBias,
    query_pre_attn_scalar: config.queryScalar,
    sliding_window: config.slidingWindow ?? usualWindow,
    ...writeLayerTypes(config),
    // transformers 5 reads the first of these keys, earlier versions the other three.
    rope_parameters: {
      full_attention: { rope_theta: rotaryBase, ...scalingKeys(rotaryScaling) },
      sliding_attention: { rope_theta: slidingRotaryBase, rope_type: 'default' },
    },
    rope_theta: rotaryBase,
    rope_local_base_freq: slidingRotaryBase,
    rope_scaling: rotaryScaling.kind === 'none' ? null : scalingKeys(rotaryScaling),
  };
}
