import type { LlamaConfig } from '../../../src/protocol/architectures/index.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import { unsupported } from '../problems.js';

/**
 * The checkpoints of llama2.c (https://github.com/karpathy/llama2.c, `export.py`): a header of integers, then all
 * tensors as float32, one after the other.
 */

/** A tensor of the file, under the name that it has in transformers. */
export interface PlacedTensor {
  readonly shape: readonly number[];
  /** Where it begins in the file. */
  readonly startBytes: number;
  /**
   * Heads whose rows are paired for the rotation as neighbours (2i, 2i + 1), where transformers pairs i with i + D/2; 0
   * for other tensors.
   */
  readonly pairedHeads: number;
}

export interface CheckpointLayout {
  readonly config: LlamaConfig;
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
}

/** Bytes of the longest header. */
export const headerBytes = 256;

const magic = 0x616b3432;
const floatBytes = 4;

type Block = readonly [name: string, shape: readonly number[], pairedHeads?: number];

/**
 * Reads the header of a file. Null where the file is no such checkpoint: its size is exactly what its header says.
 * Errors: ProblemError UNSUPPORTED_MODEL for weights in int8.
 *
 * @param start the file's first `headerBytes`, fewer where it is shorter
 */
export function checkpointLayout(start: Buffer, fileBytes: number): CheckpointLayout | null {
  if (start.length < headerBytes) return null;
  const isVersioned = start.readUInt32LE(0) === magic;
  const version = isVersioned ? start.readInt32LE(4) : 0;
  if (version !== 0 && version !== 1) {
    throw unsupported(
      `the checkpoint of llama2.c is of version ${version}, whose weights are int8`,
      'Export it as float32: version 0 or 1 of export.py.',
    );
  }
  const sizes = sizesIn(start, isVersioned ? 8 : 0, isVersioned);
  if (sizes === null) return null;
  const blocks = version === 1 ? blocksOfVersion1(sizes) : blocksOfVersion0(sizes);
  let at = version === 1 ? headerBytes : 7 * floatBytes;
  const tensors = new Map<string, PlacedTensor>();
  for (const [name, shape, pairedHeads = 0] of blocks) {
    if (name !== '') tensors.set(name, { shape, startBytes: at, pairedHeads });
    at += elementCount(shape) * floatBytes;
  }
  return at === fileBytes ? { config: configOf(sizes), tensors } : null;
}

interface Sizes {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly isTied: boolean;
}

/** Null where the numbers are of no model. In version 0 a negative vocabulary says that the logits have a matrix. */
function sizesIn(start: Buffer, at: number, isVersioned: boolean): Sizes | null {
  const [hidden, intermediate, layers, heads, keyValueHeads, vocabulary, positions] = Array.from(
    { length: 7 },
    (_, index) => start.readInt32LE(at + index * floatBytes),
  ) as [number, number, number, number, number, number, number];
  const isTied = isVersioned ? start.readUInt8(at + 7 * floatBytes) === 1 : vocabulary > 0;
  const sizes = { hidden, intermediate, layers, heads, keyValueHeads, vocabulary: Math.abs(vocabulary), positions };
  const arePlausible = Object.values(sizes).every((size) => size > 0 && size < 2 ** 24) && layers <= 1000;
  if (!arePlausible || hidden % heads !== 0 || heads % keyValueHeads !== 0 || (hidden / heads) % 2 !== 0) return null;
  return { ...sizes, isTied };
}

/** Each kind of tensor for all layers. */
function perLayer(layers: number, module: string, shape: readonly number[], pairedHeads = 0): Block[] {
  return Array.from({ length: layers }, (_, layer) => [`model.layers.${layer}.${module}.weight`, shape, pairedHeads]);
}

function norms({ layers, hidden }: Sizes): { readonly attention: Block[]; readonly feedForward: Block[] } {
  return {
    attention: perLayer(layers, 'input_layernorm', [hidden]),
    feedForward: perLayer(layers, 'post_attention_layernorm', [hidden]),
  };
}

function attention({ layers, hidden, heads, keyValueHeads }: Sizes): Block[] {
  const narrow = (hidden / heads) * keyValueHeads;
  return [
    ...perLayer(layers, 'self_attn.q_proj', [hidden, hidden], heads),
    ...perLayer(layers, 'self_attn.k_proj', [narrow, hidden], keyValueHeads),
    ...perLayer(layers, 'self_attn.v_proj', [narrow, hidden]),
    ...perLayer(layers, 'self_attn.o_proj', [hidden, hidden]),
  ];
}

function feedForward({ layers, hidden, intermediate }: Sizes): Block[] {
  return [
    ...perLayer(layers, 'mlp.gate_proj', [intermediate, hidden]),
    ...perLayer(layers, 'mlp.down_proj', [hidden, intermediate]),
    ...perLayer(layers, 'mlp.up_proj', [intermediate, hidden]),
  ];
}

function ends({ hidden, vocabulary, isTied }: Sizes): { readonly embeddings: Block; readonly logits: Block[] } {
  return {
    embeddings: ['model.embed_tokens.weight', [vocabulary, hidden]],
    logits: isTied ? [] : [['lm_head.weight', [vocabulary, hidden]]],
  };
}

function blocksOfVersion0(sizes: Sizes): Block[] {
  const { embeddings, logits } = ends(sizes);
  const { attention: first, feedForward: second } = norms(sizes);
  // Cosines and sines, which follow from the configuration.
  const rotations: Block = ['', [2, sizes.positions, sizes.hidden / sizes.heads / 2]];
  return [
    embeddings,
    ...first,
    ...attention(sizes),
    ...second,
    ...feedForward(sizes),
    ['model.norm.weight', [sizes.hidden]],
    rotations,
    ...logits,
  ];
}

function blocksOfVersion1(sizes: Sizes): Block[] {
  const { embeddings, logits } = ends(sizes);
  const { attention: first, feedForward: second } = norms(sizes);
  const last: Block = ['model.norm.weight', [sizes.hidden]];
  return [...first, ...second, last, embeddings, ...attention(sizes), ...feedForward(sizes), ...logits];
}

/** What the header does not say is in the code of llama2.c. */
function configOf(sizes: Sizes): LlamaConfig {
  return {
    architecture: 'llama',
    vocabularySize: sizes.vocabulary,
    hiddenSize: sizes.hidden,
    intermediateSize: sizes.intermediate,
    attentionHeads: sizes.heads,
    keyValueHeads: sizes.keyValueHeads,
    headSize: sizes.hidden / sizes.heads,
    layers: sizes.layers,
    maxPositions: sizes.positions,
    normEpsilon: 1e-5,
    rotaryBase: 10_000,
    rotaryScaling: { kind: 'none' },
    slidingWindow: null,
    attentionBias: false,
    feedForwardBias: false,
    attentionDropout: 0,
    classifierDropout: 0.1,
    padTokenId: null,
    tiesEmbeddings: sizes.isTied,
  };
}
