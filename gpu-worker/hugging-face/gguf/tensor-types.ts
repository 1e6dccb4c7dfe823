import type { GgufType } from '../../../src/protocol/job.js';
import { float32ToFloat16 } from '../../../src/storage/half-precision.js';
import { ProblemError } from '../../problem-error.js';
import { blockBytes, blockElements, quantizeQ8_0 } from './q8-0.js';

/** How the numbers of a tensor are stored; Attune writes these of ggml's types. */
export type TensorType = GgufType;

/** Numbers of the types in a file (`ggml_type`), which are also those of `general.file_type` but for Q8_0's 7. */
export const typeCodes: Readonly<Record<TensorType, number>> = { F32: 0, F16: 1, Q8_0: 8 };

export function bytesOf(type: TensorType, elements: number): number {
  switch (type) {
    case 'F32':
      return 4 * elements;
    case 'F16':
      return 2 * elements;
    case 'Q8_0':
      return (elements / blockElements) * blockBytes;
    default:
      return type satisfies never;
  }
}

/**
 * The type that a tensor [rows,columns] has in a file of a type. Vectors (norms and biases) and the table of positions
 * stay float32, as llama.cpp's converter leaves them. Rows that no whole blocks fill are stored as F16.
 */
export function storedType(wanted: TensorType, name: string, shape: readonly number[]): TensorType {
  if (shape.length < 2 || name === 'position_embd.weight') return 'F32';
  return wanted === 'Q8_0' && shape.at(-1)! % blockElements !== 0 ? 'F16' : wanted;
}

/**
 * The bytes of a tensor that comes in pieces of any length. Errors: ProblemError UNSUPPORTED_EXPORT for a number that
 * the type cannot hold.
 */
export async function* encodePieces(
  type: TensorType,
  name: string,
  pieces: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let rest = new Float32Array();
  for await (const piece of pieces) {
    if (type !== 'Q8_0') {
      yield encoded(type, name, piece);
      continue;
    }
    const all = rest.length === 0 ? piece : joined(rest, piece);
    const whole = all.length - (all.length % blockElements);
    rest = all.slice(whole);
    if (whole > 0) yield encoded(type, name, all.subarray(0, whole));
  }
}

function encoded(type: TensorType, name: string, values: Float32Array): Uint8Array {
  switch (type) {
    case 'F32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'F16':
      refuseBeyond(largestHalf, type, name, values);
      return float32ToFloat16(values);
    case 'Q8_0':
      refuseBeyond(127 * largestHalf, type, name, values);
      return quantizeQ8_0(values);
    default:
      return type satisfies never;
  }
}

const largestHalf = 65_504;

function refuseBeyond(limit: number, type: TensorType, name: string, values: Float32Array): void {
  const beyond = values.find((value) => Math.abs(value) > limit);
  if (beyond === undefined) return;
  throw new ProblemError({
    path: ['ggufType'],
    code: 'UNSUPPORTED_EXPORT',
    message: `the tensor ${name} holds ${beyond}, and ${type} holds numbers up to ${limit}`,
    hint: 'Export it with ggufType: F32.',
  });
}

function joined(first: Float32Array, second: Float32Array): Float32Array<ArrayBuffer> {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
