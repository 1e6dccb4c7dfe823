import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { ArchitectureConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { invalidModel } from '../../models/invalid-model.js';
import { ln } from '../../portable-math.js';
import type { RunnableModel } from '../certified-model.js';
import { weightsFrom } from '../weights-from.js';
import { type GgufReader, openGguf } from './gguf-file.js';

/**
 * The model of a GGUF file, read as llama.cpp understands it and turned into Attune's: sizes, bases and norms from the
 * metadata, tensors by llama.cpp's names, dequantized.
 *
 * @param trained says what GGUF has no key for: the family, its biases and its window
 * @throws ProblemError INVALID_MODEL
 */
export async function openExportedGguf<Result>(
  path: string,
  trained: ModelManifest,
  use: (model: RunnableModel) => Promise<Result>,
): Promise<Result> {
  const file = await openGguf(path);
  try {
    const config = configOf(file, trained.config as DecoderConfig);
    const shapes = new Map(trained.layers.flatMap(({ tensors }) => tensors).map(({ name, shape }) => [name, shape]));
    const weights = weightsFrom((name) => tensorOf(file, name, shapes.get(name) ?? [], config));
    return await use({ manifest: { ...trained, config, heads: [], adapter: null }, weights });
  } finally {
    await file.close();
  }
}

/** The configuration that the metadata tell. */
function configOf(file: GgufReader, trained: DecoderConfig): DecoderConfig {
  const { metadata, shapes } = file;
  const name = metadata.get('general.architecture');
  const value = (key: string) => metadata.get(`${String(name)}.${key}`);
  const number = (key: string): number => {
    const found = value(key);
    if (typeof found !== 'number') throw invalidModel(`the file lacks ${String(name)}.${key}`);
    return found;
  };
  const told = {
    ...trained,
    vocabularySize: shapes.get('token_embd.weight')?.[0],
    hiddenSize: number('embedding_length'),
    intermediateSize: number('feed_forward_length'),
    attentionHeads: number('attention.head_count'),
    layers: number('block_count'),
    tiesEmbeddings: !shapes.has('output.weight'),
    ...(trained.architecture === 'gpt2'
      ? { layerNormEpsilon: number('attention.layer_norm_epsilon'), activation: 'gelu_new' }
      : {
          keyValueHeads: number('attention.head_count_kv'),
          headSize: number('attention.key_length'),
          normEpsilon: number('attention.layer_norm_rms_epsilon'),
          rotaryBase: number('rope.freq_base'),
          rotaryScaling: scalingOf(file, value, trained.rotaryScaling),
        }),
    ...(trained.architecture === 'gemma3_text' ? ofGemma3(value, number) : {}),
  };
  const parsed = ArchitectureConfig.safeParse(told);
  if (!parsed.success) throw invalidModel('the metadata describe no model', parsed.error);
  return parsed.data as DecoderConfig;
}

/** Gemma's layers with a window, and what llama.cpp divides scores by the square root of. */
function ofGemma3(value: (key: string) => unknown, number: (key: string) => number) {
  const layers = number('block_count');
  const window = value('attention.sliding_window');
  const pattern = value('attention.sliding_window_pattern');
  const isWindowed = typeof window === 'number';
  return {
    slidingWindow: isWindowed ? window : null,
    slidingRotaryBase: isWindowed ? number('rope.freq_base_swa') : number('rope.freq_base'),
    slidingLayers: Array.from({ length: layers }, (_, layer) =>
      Array.isArray(pattern) ? pattern[layer] === true : isWindowed && layer % 6 < 5,
    ),
    // That of the model of 27 billion parameters, which llama.cpp knows by its layers, is another.
    queryScalar:
      layers === 62
        ? Math.floor(number('embedding_length') / number('attention.head_count'))
        : number('attention.key_length'),
  };
}

type Scaling = Extract<DecoderConfig, { readonly rotaryScaling: unknown }>['rotaryScaling'];

/** How the file stretches rotary positions. Factors of a Llama 3.1 are a tensor, which has to be there. */
function scalingOf({ shapes }: GgufReader, value: (key: string) => unknown, trained: Scaling): unknown {
  if (shapes.has('rope_freqs.weight')) return trained;
  const factor = value('rope.scaling.factor');
  switch (value('rope.scaling.type')) {
    case 'linear':
      return { kind: 'linear', factor };
    case 'yarn': {
      const own = value('rope.scaling.attn_factor');
      return {
        kind: 'yarn',
        factor,
        originalPositions: value('rope.scaling.original_context_length'),
        betaFast: value('rope.scaling.yarn_beta_fast'),
        betaSlow: value('rope.scaling.yarn_beta_slow'),
        truncates: true,
        attentionFactor: Number(own) * (1 + 0.1 * ln(Number(factor))),
      };
    }
    default:
      return { kind: 'none' };
  }
}

/** llama.cpp's names of modules, by those of the families; `N` is a layer's number. */
const names: Readonly<Record<string, string>> = {
  wte: 'token_embd',
  wpe: 'position_embd',
  ln_f: 'output_norm',
  lm_head: 'output',
  embed_tokens: 'token_embd',
  norm: 'output_norm',
  'h.N.ln_1': 'blk.N.attn_norm',
  'h.N.attn.c_attn': 'blk.N.attn_qkv',
  'h.N.attn.c_proj': 'blk.N.attn_output',
  'h.N.ln_2': 'blk.N.ffn_norm',
  'h.N.mlp.c_fc': 'blk.N.ffn_up',
  'h.N.mlp.c_proj': 'blk.N.ffn_down',
  'layers.N.input_layernorm': 'blk.N.attn_norm',
  'layers.N.self_attn.q_proj': 'blk.N.attn_q',
  'layers.N.self_attn.k_proj': 'blk.N.attn_k',
  'layers.N.self_attn.v_proj': 'blk.N.attn_v',
  'layers.N.self_attn.o_proj': 'blk.N.attn_output',
  'layers.N.self_attn.q_norm': 'blk.N.attn_q_norm',
  'layers.N.self_attn.k_norm': 'blk.N.attn_k_norm',
  'layers.N.mlp.gate_proj': 'blk.N.ffn_gate',
  'layers.N.mlp.up_proj': 'blk.N.ffn_up',
  'layers.N.mlp.down_proj': 'blk.N.ffn_down',
  'layers.N.pre_feedforward_layernorm': 'blk.N.ffn_norm',
  'layers.N.post_feedforward_layernorm': 'blk.N.post_ffw_norm',
};

/** A tensor by Attune's name, as Attune has it. */
async function* tensorOf(
  file: GgufReader,
  name: string,
  shape: readonly number[],
  config: DecoderConfig,
): AsyncGenerator<Float32Array, void, void> {
  const stored = storedName(name, config);
  const back = wayBack(stored, shape, config);
  const expected = back.isTransposed ? shape.toReversed() : shape;
  const found = file.shapes.get(stored);
  if (found?.join() !== expected.join()) {
    throw invalidModel(`its tensor ${stored} is [${found ?? 'missing'}] where the model needs [${expected}]`);
  }
  if (back.change === null) {
    yield* file.chunks(stored);
    return;
  }
  yield back.change(await weightsFrom((each) => file.chunks(each)).read(stored));
}

function storedName(name: string, { architecture }: DecoderConfig): string {
  const [, module = '', part = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const layer = /\.(\d+)\./.exec(module)?.[1] ?? '';
  const general = module.replace(/\.\d+\./, '.N.');
  // What Llama calls the norm after attention comes before the feed-forward network; Gemma has both.
  const ofModule =
    general === 'layers.N.post_attention_layernorm'
      ? architecture === 'gemma3_text'
        ? 'blk.N.post_attention_norm'
        : 'blk.N.ffn_norm'
      : names[general];
  return `${(ofModule ?? general).replace('N', layer)}.${part}`;
}

/** How a tensor of the file becomes Attune's. */
interface WayBack {
  readonly isTransposed: boolean;
  /** Null: it is the same. */
  readonly change: ((stored: Float32Array) => Float32Array) | null;
}

function wayBack(stored: string, shape: readonly number[], config: DecoderConfig): WayBack {
  const as = (change: WayBack['change'], isTransposed = false): WayBack => ({ isTransposed, change });
  switch (config.architecture) {
    case 'gpt2':
      return /^blk\.\d+\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(stored)
        ? as((values) => turned(values, shape), true)
        : as(null);
    case 'llama':
    case 'mistral':
      return /\.attn_[qk]\./.test(stored) ? as((values) => apart(values, shape, config.headSize)) : as(null);
    case 'gemma3_text':
      // transformers adds 1 to what it stores, llama.cpp does not.
      return /norm\.weight$/.test(stored) ? as((values) => values.map((value) => value - 1)) : as(null);
    case 'qwen2':
    case 'qwen3':
      return as(null);
    default:
      return config satisfies never;
  }
}

/** [columns,rows] → [rows,columns]. */
function turned(stored: Float32Array, [rows = 0, columns = 0]: readonly number[]): Float32Array {
  const result = new Float32Array(stored.length);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) result[row * columns + column] = stored[column * rows + row]!;
  }
  return result;
}

/**
 * llama.cpp rotates row 2j of a head with row 2j + 1, transformers row j with row j + D/2: the rows of queries and keys
 * [heads·D,…] go back there.
 */
function apart(stored: Float32Array, [rows = 1]: readonly number[], headSize: number): Float32Array {
  const width = stored.length / rows;
  const half = headSize / 2;
  const result = new Float32Array(stored.length);
  for (let row = 0; row < rows; row++) {
    const [head, within] = [Math.floor(row / headSize), row % headSize];
    const from = head * headSize + 2 * (within % half) + (within < half ? 0 : 1);
    result.set(stored.subarray(from * width, (from + 1) * width), row * width);
  }
  return result;
}
