import { expect, test } from 'vitest';
import { quantizeQ8_0 } from '../../../../gpu-worker/hugging-face/gguf/q8-0.js';
import { encodePieces, storedType } from '../../../../gpu-worker/hugging-face/gguf/tensor-types.js';

const block = (...values: number[]) => Float32Array.from({ length: 32 }, (_, index) => values[index] ?? 0);
const numbers = (bytes: Uint8Array) => [...new Int8Array(bytes.buffer, bytes.byteOffset + 2, 32)];

test('a block has the largest magnitude / 127 for its scale, and halves are rounded away from zero', () => {
  // Largest magnitude 254: the scale is 2, and 3 and −3 lie in the middle between two multiples of it.
  const bytes = quantizeQ8_0(block(254, -254, 3, -3, 2.9, 1, 0.9));
  expect(numbers(bytes).slice(0, 7)).toEqual([127, -127, 2, -2, 1, 1, 0]);
  // 2 in half precision, little-endian.
  expect([...bytes.subarray(0, 2)]).toEqual([0x00, 0x40]);
});

test('values are divided by the scale before it is rounded to half precision', () => {
  // The scale 0.1 is 0.0999755859375 as a half, by which 6.35 would be divided to 63.51…, and 6.3499 too.
  const bytes = quantizeQ8_0(block(12.7, 6.3498));
  expect(numbers(bytes).slice(0, 2)).toEqual([127, 63]);
  expect([...bytes.subarray(0, 2)]).toEqual([0x66, 0x2e]);
});

test('a block of zeros has the scale 0', () => {
  expect([...quantizeQ8_0(block())]).toEqual(Array.from({ length: 34 }, () => 0));
});

test('pieces need not end where blocks do', async () => {
  const values = Float32Array.from({ length: 96 }, (_, index) => index - 40);
  const parts = [values.subarray(0, 5), values.subarray(5, 70), values.subarray(70)];
  const pieces: Uint8Array[] = [];
  for await (const piece of encodePieces('Q8_0', 'x', parts)) pieces.push(piece);
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(quantizeQ8_0(values)));
});

test('vectors and positions stay float32; rows that no blocks fill are F16', () => {
  expect(storedType('Q8_0', 'blk.0.attn_norm.weight', [64])).toBe('F32');
  expect(storedType('F16', 'position_embd.weight', [40, 64])).toBe('F32');
  expect(storedType('Q8_0', 'token_embd.weight', [40, 64])).toBe('Q8_0');
  expect(storedType('Q8_0', 'token_embd.weight', [40, 48])).toBe('F16');
});
