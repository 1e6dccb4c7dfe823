import type { DecoderConfig, Gemma3TextConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ModelWeights } from '../../models/model-weights.js';
import type { GgufTensor } from './gguf-stream.js';
import { llama3Factors } from './rotary-factors.js';
import { ggufName } from './tensor-names.js';
import { storedType, type TensorType } from './tensor-types.js';

/** A tensor's values as llama.cpp has them, from Attune's, row-major of `shape`. */
type Change = (values: Float32Array, shape: readonly number[]) => Float32Array;

/**
 * The tensors of a decoder as llama.cpp has them. A tensor that llama.cpp has otherwise than Attune is read as a whole,
 * one at a time; the others come in pieces.
 */
export function ggufTensors(
  { layers }: Pick<ModelManifest, 'layers'>,
  config: DecoderConfig,
  weights: Pick<ModelWeights, 'read' | 'chunks'>,
  type: TensorType,
): GgufTensor[] {
  const factors = llama3Factors(config);
  const extra: GgufTensor[] =
    factors === null
      ? []
      : [{ name: 'rope_freqs.weight', shape: [factors.length], type: 'F32', values: () => [factors] }];
  const ofLayers = layers.flatMap(({ tensors }) =>
    tensors.map(({ name: source, shape: stored }): GgufTensor => {
      const name = ggufName(source, config);
      const isTransposed = traitsOf(config).storesInputsFirst && isProjection(source);
      const shape = isTransposed ? stored.toReversed() : stored;
      const change = isTransposed ? transposed : changeOf(source, config);
      return {
        name,
        shape,
        type: storedType(type, name, shape),
        async *values() {
          if (change === null) yield* weights.chunks(source);
          else yield change(await weights.read(source), stored);
        },
      };
    }),
  );
  return [...extra, ...ofLayers];
}

/** Matrices of transformers' Conv1D: those of GPT-2's layers. */
function isProjection(source: string): boolean {
  return /\.c_\w+\.weight$/.test(source);
}

/** How the values of a tensor differ in llama.cpp; null: they do not. */
function changeOf(source: string, config: DecoderConfig): Change | null {
  switch (config.architecture) {
    case 'llama':
    case 'mistral':
      return /\.[qk]_proj\.(weight|bias)$/.test(source) ? pairNeighbours(config.headSize) : null;
    case 'gemma3_text':
      return /norm\.weight$/.test(source) ? wholeNorm(source, config) : null;
    case 'gpt2':
    case 'qwen2':
    case 'qwen3':
      return null;
    default:
      return config satisfies never;
  }
}

/** [inputs,outputs] → [outputs,inputs]. */
function transposed(values: Float32Array, [rows = 0, columns = 0]: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}

/**
 * Puts the rows of queries or keys [heads·headSize,…] in the order in which llama.cpp's Llama rotates them: a row
 * together with its neighbour, where transformers rotates it with the row half a head further on. The order of products
 * of queries and keys does not matter, so that attention stays the same.
 */
function pairNeighbours(headSize: number): Change {
  const half = headSize / 2;
  return (values, [rows = 0]) => {
    const width = values.length / rows;
    const result = new Float32Array(values.length);
    for (let row = 0; row < rows; row++) {
      const within = row % headSize;
      const source = row - within + (within % 2) * half + Math.floor(within / 2);
      result.set(values.subarray(source * width, (source + 1) * width), row * width);
    }
    return result;
  };
}

/**
 * The weights of a norm of Gemma's, which transformers stores less one. llama.cpp divides scores by the square root of
 * the head's size, whatever `query_pre_attn_scalar` is: the norm of queries makes up for the difference.
 */
function wholeNorm(source: string, config: Gemma3TextConfig): Change {
  const factor = source.endsWith('.q_norm.weight') ? Math.sqrt(llamaCppScalar(config) / config.queryScalar) : 1;
  return (values) => values.map((value) => (1 + value) * factor);
}

/** What llama.cpp takes for `query_pre_attn_scalar`: the head's size, but in the model of 27 billion parameters. */
function llamaCppScalar({ layers, hiddenSize, attentionHeads, headSize }: Gemma3TextConfig): number {
  return layers === 62 ? Math.floor(hiddenSize / attentionHeads) : headSize;
}
