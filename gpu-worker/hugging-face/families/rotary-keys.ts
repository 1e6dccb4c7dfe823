import type { RotaryDecoder, RotaryScaling } from '../../../src/protocol/architectures/index.js';
import { ln } from '../../portable-math.js';
import { type ConfigKeys, configKeys } from '../config-keys.js';
import { mostLayers } from './encoder-keys.js';
import { readPadToken } from './pad-token.js';

/** Defaults of transformers in which the families differ. */
interface Absent {
  readonly vocabularySize?: number;
  readonly hiddenSize?: number;
  readonly intermediateSize: number;
  readonly attentionHeads?: number;
  /** Null: as many as there are heads of queries. */
  readonly keyValueHeads: number | null;
  /** Absent: hidden size / heads. */
  readonly headSize?: number;
  readonly layers?: number;
  readonly maxPositions: number;
  readonly tiesEmbeddings?: boolean;
}

/**
 * Reads the keys that Llama and its descendants share, but for rotary positions.
 *
 * @param absent Llama's where left out
 */
export function readSharedKeys(keys: ConfigKeys, absent: Absent): Omit<RotaryDecoder, 'rotaryBase' | 'rotaryScaling'> {
  const hiddenSize = keys.size('hidden_size', absent.hiddenSize ?? 4096);
  const attentionHeads = keys.size('num_attention_heads', absent.attentionHeads ?? 32);
  const keyValueHeads =
    keys.sizeOrNone('num_key_value_heads', absent.keyValueHeads ?? attentionHeads) ?? attentionHeads;
  const headSize = keys.size('head_dim', absent.headSize ?? Math.max(1, Math.floor(hiddenSize / attentionHeads)));
  if (attentionHeads % keyValueHeads !== 0) {
    keys.findings.push(`num_attention_heads ${attentionHeads} is no multiple of num_key_value_heads ${keyValueHeads}`);
  }
  if (headSize % 2 !== 0) keys.findings.push(`head_dim is ${headSize}; supported: an even number`);
  return {
    vocabularySize: keys.size('vocab_size', absent.vocabularySize ?? 32_000),
    hiddenSize,
    intermediateSize: keys.size('intermediate_size', absent.intermediateSize),
    attentionHeads,
    keyValueHeads,
    headSize,
    layers: keys.size('num_hidden_layers', absent.layers ?? 32, mostLayers),
    maxPositions: keys.size('max_position_embeddings', absent.maxPositions),
    normEpsilon: keys.epsilon('rms_norm_eps', 1e-6),
    slidingWindow: null,
    attentionBias: keys.truth('attention_bias', false),
    feedForwardBias: keys.truth('mlp_bias', false),
    attentionDropout: keys.rate('attention_dropout', 0),
    classifierDropout: keys.rate('classifier_dropout', 0.1),
    padTokenId: readPadToken(keys),
    tiesEmbeddings: keys.truth('tie_word_embeddings', absent.tiesEmbeddings ?? false),
  };
}

/** The same with one rotation for all layers, and the gate of Llama's feed-forward network. */
export function readRotaryKeys(keys: ConfigKeys, absent: Absent): RotaryDecoder {
  const shared = readSharedKeys(keys, absent);
  keys.only('hidden_act', ['silu', 'swish'], 'silu');
  return { ...shared, ...readRotary(keys, shared.maxPositions) };
}

/** The reverse of `readSharedKeys`. */
export function writeSharedKeys(config: RotaryDecoder): Record<string, unknown> {
  return {
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    pad_token_id: config.padTokenId,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_attention_heads: config.attentionHeads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headSize,
    num_hidden_layers: config.layers,
    rms_norm_eps: config.normEpsilon,
    attention_dropout: config.attentionDropout,
    classifier_dropout: config.classifierDropout,
    tie_word_embeddings: config.tiesEmbeddings,
  };
}

/** The reverse of `readRotaryKeys`. */
export function writeRotaryKeys(config: RotaryDecoder): Record<string, unknown> {
  return {
    ...writeSharedKeys(config),
    hidden_act: 'silu',
    // transformers 5 reads the first of these keys, earlier versions the other two.
    rope_parameters: { rope_theta: config.rotaryBase, ...scalingKeys(config.rotaryScaling) },
    rope_theta: config.rotaryBase,
    rope_scaling: config.rotaryScaling.kind === 'none' ? null : scalingKeys(config.rotaryScaling),
  };
}

/**
 * `rope_parameters` of transformers 5, or `rope_theta` and `rope_scaling` of the versions before, which counts where a
 * file has both.
 */
function readRotary(keys: ConfigKeys, maxPositions: number): Rotary {
  const scaling = keys.object('rope_scaling');
  const parameters = keys.object('rope_parameters');
  const isOld = parameters === null || (scaling !== null && Object.keys(scaling).length > 0);
  const [key, given] = isOld ? (['rope_scaling', scaling ?? {}] as const) : (['rope_parameters', parameters] as const);
  const outer = keys.positive('rope_theta', 10_000);
  keys.only('partial_rotary_factor', [1, null], '1');
  return readRotation(keys, key, given, outer, maxPositions);
}

/** `rope_parameters` where it has a table for each kind of layer; empty where it is absent. */
export function readRotationTables(
  keys: ConfigKeys,
): Readonly<Record<'full' | 'sliding', Readonly<Record<string, unknown>>>> {
  const { full_attention: full, sliding_attention: sliding, ...others } = keys.object('rope_parameters') ?? {};
  for (const key of Object.keys(others)) {
    keys.findings.push(`rope_parameters: ${key} is not known; supported: full_attention, sliding_attention`);
  }
  const tableOf = (value: unknown) => (typeof value === 'object' && value !== null ? { ...value } : {});
  return { full: tableOf(full), sliding: tableOf(sliding) };
}

type Rotary = Pick<RotaryDecoder, 'rotaryBase' | 'rotaryScaling'>;

/**
 * One rotation, by a table of its keys.
 *
 * @param key what messages call the table
 * @param base where the table names none
 */
export function readRotation(
  keys: ConfigKeys,
  key: string,
  given: Readonly<Record<string, unknown>>,
  base: number,
  maxPositions: number,
): Rotary {
  const own = configKeys(given);
  const rotaryBase = own.positive('rope_theta', base);
  own.only('partial_rotary_factor', [1, null], '1');
  for (const [name, value] of Object.entries(given)) {
    // Another rotation for some of the layers.
    if (typeof value === 'object' && value !== null)
      own.findings.push(`${name} is a table; supported: one rotation for all`);
  }
  const rotaryScaling = readScaling(given.rope_type === undefined ? 'type' : 'rope_type', own, maxPositions);
  keys.findings.push(...own.findings.map((finding) => `${key}: ${finding}`));
  return { rotaryBase, rotaryScaling };
}

const kinds: ReadonlyMap<string, RotaryScaling['kind']> = new Map<string, RotaryScaling['kind']>([
  ['default', 'none'],
  ['linear', 'linear'],
  ['dynamic', 'dynamic'],
  ['llama3', 'llama3'],
  ['yarn', 'yarn'],
]);

function readScaling(typeKey: string, own: ConfigKeys, maxPositions: number): RotaryScaling {
  const kind = own.word(typeKey, 'default', kinds);
  const factor = kind === 'none' ? 1 : own.atLeastOne('factor');
  const originalPositions = () => own.size('original_max_position_embeddings', maxPositions);
  switch (kind) {
    case 'none':
      return { kind };
    case 'linear':
    case 'dynamic':
      return { kind, factor };
    case 'llama3': {
      const [low, high] = [own.positive('low_freq_factor', 1), own.positive('high_freq_factor', 4)];
      if (high <= low) own.findings.push(`high_freq_factor ${high} is not above low_freq_factor ${low}`);
      return {
        kind,
        factor,
        lowFrequencyFactor: low,
        highFrequencyFactor: high,
        originalPositions: originalPositions(),
      };
    }
    case 'yarn':
      return {
        kind,
        factor,
        originalPositions: originalPositions(),
        betaFast: own.positive('beta_fast', 32),
        betaSlow: own.positive('beta_slow', 1),
        truncates: own.truth('truncate', true),
        attentionFactor: own.positive('attention_factor', attentionFactor(factor, own)),
      };
    default:
      return kind satisfies never;
  }
}

/** Peng et al. 2023, equation 22; with the two scales of DeepSeek where a file has both. */
function attentionFactor(factor: number, own: ConfigKeys): number {
  const scaled = (by: number) => (factor <= 1 ? 1 : 0.1 * by * ln(factor) + 1);
  const [scale, ofAll] = [own.nullable('mscale'), own.nullable('mscale_all_dim')];
  return scale !== null && ofAll !== null ? scaled(scale) / scaled(ofAll) : scaled(1);
}

/** The reverse of `readScaling`. */
export function scalingKeys(scaling: RotaryScaling): Record<string, unknown> {
  switch (scaling.kind) {
    case 'none':
      return { rope_type: 'default' };
    case 'linear':
    case 'dynamic':
      return { rope_type: scaling.kind, factor: scaling.factor };
    case 'llama3':
      return {
        rope_type: scaling.kind,
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalPositions,
      };
    case 'yarn':
      return {
        rope_type: scaling.kind,
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalPositions,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        truncate: scaling.truncates,
        attention_factor: scaling.attentionFactor,
      };
    default:
      return scaling satisfies never;
  }
}
