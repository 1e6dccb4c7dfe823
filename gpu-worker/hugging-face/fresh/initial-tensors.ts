import type { Fresh, TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../../src/protocol/model-manifest.js';
import { elementCount } from '../../../src/storage/safetensors.js';
import type { StreamedTensor } from '../../../src/storage/safetensors-stream.js';
import { normalOf } from '../../data/normal.js';
import { createRandom } from '../../data/random.js';

/** How the values of a new model are drawn. */
export interface Draw {
  readonly seed: number;
  /** Standard deviation of matrices and embeddings. */
  readonly deviation: number;
}

type Described = LayerDescription['tensors'][number];

/** A word of the seed: it keeps these random numbers apart from those of a training. */
const weightStream = 0x66726573;
/** Values in memory at a time. */
const pieceElements = 2 ** 16;

/**
 * The tensors of a model that is made from nothing, as transformers' `_init_weights` has them: matrices and embeddings
 * normal, norms one (or zero, where they count from one), biases zero; what adds to GPT-2's residual stream with its
 * deviation divided by √(2 · layers); the row of the padding token zero where PyTorch's embedding has a `padding_idx`.
 * Each tensor's random numbers depend on the seed and its name alone, whatever the order in which tensors are written.
 */
export function initialTensors(
  tensors: readonly Described[],
  config: Pick<TransformerConfig, 'layers' | 'padTokenId'>,
  { normWeight, scaledDown, withEmptyPadRow }: Pick<Fresh<never>, 'normWeight' | 'scaledDown' | 'withEmptyPadRow'>,
  { seed, deviation }: Draw,
): StreamedTensor[] {
  return tensors.map(({ name, shape }) => {
    const size = elementCount(shape);
    if (shape.length === 1) {
      return { name, shape, values: () => constants(size, name.endsWith('.bias') ? 0 : normWeight) };
    }
    const own = scaledDown?.test(name) === true ? deviation / Math.sqrt(2 * config.layers) : deviation;
    const width = shape.at(-1)!;
    const emptyRow = withEmptyPadRow?.test(name) === true ? config.padTokenId : null;
    const empty = emptyRow === null ? [0, 0] : [emptyRow * width, (emptyRow + 1) * width];
    return { name, shape, values: () => normals(size, own, seed, name, empty as [number, number]) };
  });
}

function* constants(size: number, value: number): Generator<Float32Array> {
  for (let from = 0; from < size; from += pieceElements) {
    yield new Float32Array(Math.min(pieceElements, size - from)).fill(value);
  }
}

/** @param empty the range of values that are zero */
function* normals(
  size: number,
  deviation: number,
  seed: number,
  name: string,
  [emptyFrom, emptyTo]: readonly [number, number],
): Generator<Float32Array> {
  const random = createRandom(seed, weightStream, ...Buffer.from(name));
  for (let from = 0; from < size; from += pieceElements) {
    const piece = new Float32Array(Math.min(pieceElements, size - from));
    for (let index = 0; index < piece.length; index++) piece[index] = normalOf(random, deviation);
    if (emptyFrom < from + piece.length && emptyTo > from) {
      piece.fill(0, Math.max(0, emptyFrom - from), Math.min(piece.length, emptyTo - from));
    }
    yield piece;
  }
}
