import { buffer } from 'node:stream/consumers';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type ExportInput, exportOnnx } from '../../../gpu-worker/engine/export/export-onnx.js';
import type { NumbersOfFile } from '../../../gpu-worker/engine/index.js';
import { onnx } from '../../../gpu-worker/engine/onnx/generated/onnx.js';
import { InferenceSession, Tensor } from '../../../gpu-worker/engine/runtime/onnx-runtime.js';
import { rowCodes } from '../../../gpu-worker/engine/stored/row-codes.js';
import type { ForwardFunction } from '../../../gpu-worker/engine/types.js';
import { attend } from '../../../gpu-worker/nn/attention.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { rmsNorm } from '../../../gpu-worker/nn/rms-norm.js';
import { withoutDropout } from '../../../gpu-worker/nn/without-dropout.js';

const float16: NumbersOfFile = { type: 'float16', inHalf: new Set() };
const int8: NumbersOfFile = { type: 'int8', kept: new Set() };
const { DataType } = onnx.TensorProto;

/** The file of a function, and what it gives. */
async function exported(
  values: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>,
  inputs: Readonly<Record<string, ExportInput>>,
  forward: ForwardFunction,
  numbers: NumbersOfFile,
) {
  const specs = Object.entries(values).map(([name, { shape }]) => ({ name, shape }));
  const value = (name: string) => Float32Array.from(values[name]!.data);
  const [file] = exportOnnx({ specs, value }, inputs, forward, { fileName: 'model.onnx', numbers });
  const bytes = await buffer(file!.chunks());
  expect(bytes.length).toBe(file!.byteLength);
  const { graph } = onnx.ModelProto.decode(bytes);
  return {
    types: Object.fromEntries(graph!.initializer!.map(({ name, dataType }) => [name, dataType])),
    ops: graph!.node!.map(({ opType }) => opType),
    async run(feeds: Readonly<Record<string, Tensor>>) {
      const session = await InferenceSession.create(bytes);
      try {
        return await session.run(feeds);
      } finally {
        await session.release();
      }
    },
  };
}

const floats = (data: readonly number[], dims: readonly number[]) =>
  new Tensor('float32', Float32Array.from(data), dims);

describe('a file of float16', () => {
  test('keeps residuals and squares beyond its range in float32', async () => {
    const values = { w: { shape: [2, 2], data: [1, 0, 0, 1] } };
    // 70,000 and 90,000 are beyond 65,504; their mean square is beyond 6 · 10⁹.
    const forward: ForwardFunction = ({ w }, { x }) => {
      const states = tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true), [70_000, 90_000]);
      return { states, normed: rmsNorm(states, tf.ones([2]), 0) };
    };
    const file = await exported(values, { x: { shape: ['n', 2], dtype: 'float32' } }, forward, float16);
    expect(file.types.w).toBe(DataType.FLOAT16);
    const { states, normed } = await file.run({ x: floats([0, 0, 1, 2], [2, 2]) });
    expect([...(states!.data as Float32Array)]).toEqual([70_000, 90_000, 70_001, 90_002]);
    // √((0.7² + 0.9²) / 2) = 0.80623
    expect((normed!.data as Float32Array)[0]).toBeCloseTo(0.7 / Math.sqrt(0.65), 5);
  });

  test('scales queries before they meet keys', async () => {
    // 256 products of 30 · 30 are 230,400, beyond the range; times 1/16 they are 14,400.
    const inputs = Object.fromEntries(
      ['q', 'k', 'v'].map((name) => [name, { shape: [1, 1, 'n', 256], dtype: 'float32' } as const]),
    );
    const forward: ForwardFunction = (_, { q, k, v }) => ({
      y: attend(q!, k!, v!, tf.zeros([1]), withoutDropout, 0),
    });
    const file = await exported({}, inputs, forward, float16);
    const [q, k] = [Array(512).fill(30), [...Array(256).fill(30), ...Array(256).fill(29)]];
    const v = [...Array(256).fill(1), ...Array(256).fill(2)];
    const feeds = { q: floats(q, [1, 1, 2, 256]), k: floats(k, [1, 1, 2, 256]), v: floats(v, [1, 1, 2, 256]) };
    const { y } = await file.run(feeds);
    // The first key's score is 480 above the second's, so that its value alone is read.
    expect([...(y!.data as Float32Array)]).toEqual(Array(512).fill(1));
  });
});

describe('a file of int8', () => {
  test('rounds each row to 255 steps of its own', () => {
    const { codes, scales, sums } = rowCodes(Float32Array.of(127, -63.6, 0, 0, 2, 1), 3, false);
    expect([...codes]).toEqual([255, 64, 128, 128, 255, 192]);
    expect([...scales]).toEqual([1, 1, Math.fround(2 / 127)]);
    expect([...sums]).toEqual([63, 0, 191]);
    expect([...rowCodes(Float32Array.of(127, 0, 2, -63.6, 0, 1), 3, true).codes]).toEqual([
      255, 128, 255, 64, 128, 192,
    ]);
  });

  test.each([
    ['as it is read, [K,N]', false],
    ['transposed, [N,K]', true],
  ])('multiplies integers, each row by its own scale: a matrix stored %s', async (_, isTransposed) => {
    const columns = [
      [127, -127, 1],
      [2, 4, -1],
    ];
    const data = isTransposed ? columns.flat() : [0, 1, 2].flatMap((k) => columns.map((column) => column[k]!));
    const values = { w: { shape: isTransposed ? [2, 3] : [3, 2], data } };
    const forward: ForwardFunction = ({ w }, { x }) => ({
      y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, isTransposed),
    });
    const file = await exported(values, { x: { shape: ['n', 3], dtype: 'float32' } }, forward, int8);
    expect(file.types).toMatchObject({ 'w/codes': DataType.UINT8, 'w/scales': DataType.FLOAT });
    expect(file.ops).toContain('MatMulInteger');
    // A row is rounded to 255 steps from its least number, or 0, to its greatest, or 0: of 0.5, 0.5 and 10⁶. A row of
    // zeros gives zeros; a large row coarsens no other.
    const rows = [127, 1, 2, -100, 27, 10, 0, 0, 0, 255e6, 0, 0];
    const { y } = await file.run({ x: floats(rows, [4, 3]) });
    const given = [...(y!.data as Float32Array)];
    const exact = (row: number) =>
      columns.map((column) => column.reduce((sum, w, k) => sum + w * rows[row * 3 + k]!, 0));
    for (const row of [0, 1]) {
      for (const [column, expected] of exact(row).entries()) {
        // Each number is off by a quarter of a step at most, times the weights of its column; those have 255 steps too.
        expect(Math.abs(given[row * 2 + column]! - expected)).toBeLessThan(0.25 * 255 + 0.01 * Math.abs(expected));
      }
    }
    expect(given.slice(4, 6)).toEqual([0, 0]);
    expect(given[6]! / (127 * 255e6)).toBeCloseTo(1, 6);
  });

  test('is right where pairs of products are beyond 16 bits', async () => {
    // On x86 without VNNI, ONNX Runtime adds pairs of uint8 · int8 in 16 bits: 2 · 255 · 127 is 64,770.
    const columns = [1, -1, 0.5];
    const data = Array.from({ length: 64 }, () => columns).flat();
    const forward: ForwardFunction = ({ w }, { x }) => ({ y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D) });
    const values = { w: { shape: [64, 3], data } };
    const file = await exported(values, { x: { shape: ['n', 64], dtype: 'float32' } }, forward, int8);
    const { y } = await file.run({ x: floats([...Array(64).fill(1), ...Array(64).fill(-1)], [2, 64]) });
    expect([...(y!.data as Float32Array)]).toEqual(
      [64, -64, 32, -64, 64, -32].map((value) => expect.closeTo(value, 3)),
    );
  });

  test('has one copy of a table that rows are taken from and that predicts tokens', async () => {
    const data = [127, 0, 0, 63.5, 1, 1];
    const forward: ForwardFunction = ({ table }, { ids }) => {
      const rows = embedding(table!, ids!);
      return { rows, logits: tf.matMul(rows as tf.Tensor2D, table as tf.Tensor2D, false, true) };
    };
    const inputs = { ids: { shape: ['n'], dtype: 'int32', fileType: 'int64' } as const };
    const file = await exported({ table: { shape: [3, 2], data } }, inputs, forward, int8);
    expect(Object.keys(file.types).filter((name) => name.includes('/'))).toEqual(
      expect.arrayContaining(['table/codes', 'table/scales']),
    );
    const { rows, logits } = await file.run({ ids: new Tensor('int64', BigInt64Array.of(2n, 0n), [2]) });
    expect([...(rows!.data as Float32Array)]).toEqual([1, 1, 127, 0].map((value) => expect.closeTo(value, 5)));
    const expected = [127, 63.5, 2, 127 * 127, 0, 127];
    expect([...(logits!.data as Float32Array)]).toEqual(expected.map((value) => expect.closeTo(value, 0)));
  });

  test('keeps what it is told to keep, and what is read otherwise', async () => {
    const values = {
      w: { shape: [2, 2], data: [1, 2, 3, 4] },
      places: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
    };
    const forward: ForwardFunction = ({ w, places }, { x }) => ({
      y: tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), tf.slice(places!, [0, 0], [1, 2])),
    });
    const kept: NumbersOfFile = { type: 'int8', kept: new Set(['w']) };
    const file = await exported(values, { x: { shape: ['n', 2], dtype: 'float32' } }, forward, kept);
    expect(file.types).toMatchObject({ w: DataType.FLOAT, places: DataType.FLOAT });
    const { y } = await file.run({ x: floats([0.3, 0.7], [1, 2]) });
    const expected = [0.3 + 2.1 + 1, 0.6 + 2.8 + 2].map((value) => expect.closeTo(value, 5));
    expect([...(y!.data as Float32Array)]).toEqual(expected);
  });
});
