import type { DecoderConfig, Gpt2Config, RotaryDecoder } from '../../../src/protocol/architectures/index.js';
import { ln } from '../../portable-math.js';
import { float32, type Metadata, type MetadataValue, string, uint32 } from './metadata-values.js';

type Entries = readonly (readonly [key: string, value: MetadataValue])[];

/** llama.cpp's names of the families (`LLM_ARCH_NAMES` in llama-arch.cpp); its Llama is Mistral too. */
export const ggufArchitectures: Readonly<Record<DecoderConfig['architecture'], string>> = {
  gpt2: 'gpt2',
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  gemma3_text: 'gemma3',
};

/** The metadata of a model's sizes, under the name of its architecture: `llama.block_count`. */
export function hyperparameters(config: DecoderConfig): Metadata {
  const name = ggufArchitectures[config.architecture];
  const entries: Entries = [
    ['block_count', uint32(config.layers)],
    ['context_length', uint32(ggufContext(config))],
    ['embedding_length', uint32(config.hiddenSize)],
    ['feed_forward_length', uint32(config.intermediateSize)],
    ['attention.head_count', uint32(config.attentionHeads)],
    ...(config.architecture === 'gpt2' ? ofGpt2(config) : ofRotary(config)),
    ...ofFamily(config),
  ];
  return new Map(entries.map(([key, value]) => [`${name}.${key}`, value]));
}

/**
 * The longest text of which llama.cpp computes what the model does. Where layers read through a window and llama.cpp
 * has none for the family, that is the window's length: within it every token reads all before it.
 */
export function ggufContext(config: DecoderConfig): number {
  if (config.architecture === 'gpt2' || config.architecture === 'gemma3_text') return config.maxPositions;
  const isWindowed = 'slidingLayers' in config ? config.slidingLayers.includes(true) : true;
  return Math.min(config.maxPositions, (isWindowed ? config.slidingWindow : null) ?? config.maxPositions);
}

function ofGpt2({ layerNormEpsilon }: Gpt2Config): Entries {
  return [['attention.layer_norm_epsilon', float32(layerNormEpsilon)]];
}

function ofRotary(config: RotaryDecoder): Entries {
  return [
    ['attention.head_count_kv', uint32(config.keyValueHeads)],
    ['rope.freq_base', float32(config.rotaryBase)],
    ...scaling(config.rotaryScaling),
    ['attention.layer_norm_rms_epsilon', float32(config.normEpsilon)],
    ['attention.key_length', uint32(config.headSize)],
    ['attention.value_length', uint32(config.headSize)],
  ];
}

function ofFamily(config: DecoderConfig): Entries {
  switch (config.architecture) {
    case 'llama':
    case 'mistral':
      return [
        ['vocab_size', uint32(config.vocabularySize)],
        ['rope.dimension_count', uint32(config.headSize)],
      ];
    case 'gemma3_text':
      return config.slidingWindow === null
        ? []
        : [
            ['rope.freq_base_swa', float32(config.slidingRotaryBase)],
            ['attention.sliding_window', uint32(config.slidingWindow)],
            ...windowPattern(config.slidingLayers),
          ];
    case 'gpt2':
    case 'qwen2':
    case 'qwen3':
      return [];
    default:
      return config satisfies never;
  }
}

/** Of every six layers llama.cpp lets the last read all tokens, unless the file says of each layer how it reads. */
function windowPattern(slidingLayers: readonly boolean[]): Entries {
  const isUsual = slidingLayers.every((isSliding, layer) => isSliding === layer % 6 < 5);
  return isUsual ? [] : [['attention.sliding_window_pattern', { type: 'bools', value: slidingLayers }]];
}

/** Scalings that llama.cpp has no keys for are refused before (`requireExpressible`). */
function scaling(scaled: RotaryDecoder['rotaryScaling']): Entries {
  switch (scaled.kind) {
    case 'linear':
      return [
        ['rope.scaling.type', string('linear')],
        ['rope.scaling.factor', float32(scaled.factor)],
      ];
    case 'yarn': {
      // llama.cpp multiplies by Peng et al.'s factor for attention; its own key is what comes on top of that.
      const usual = 1 + 0.1 * ln(scaled.factor);
      return [
        ['rope.scaling.type', string('yarn')],
        ['rope.scaling.factor', float32(scaled.factor)],
        ['rope.scaling.original_context_length', uint32(scaled.originalPositions)],
        ['rope.scaling.attn_factor', float32(scaled.attentionFactor / usual)],
        ['rope.scaling.yarn_beta_fast', float32(scaled.betaFast)],
        ['rope.scaling.yarn_beta_slow', float32(scaled.betaSlow)],
      ];
    }
    case 'none':
    case 'dynamic':
    case 'llama3':
      return [];
    default:
      return scaled satisfies never;
  }
}
