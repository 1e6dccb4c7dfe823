import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ExportInput, exportOnnx, type OnnxFile } from '../../../gpu-worker/engine/export/export-onnx.js';
import { GraphBuilder } from '../../../gpu-worker/engine/graph/builder.js';
import type { Graph } from '../../../gpu-worker/engine/graph/graph.js';
import { onnxFiles } from '../../../gpu-worker/engine/onnx/files.js';
import { onnx } from '../../../gpu-worker/engine/onnx/generated/onnx.js';
import { InferenceSession, Tensor } from '../../../gpu-worker/engine/runtime/onnx-runtime.js';
import type { ForwardFunction, Tensors } from '../../../gpu-worker/engine/types.js';
import { attend, paddingBias, splitHeads } from '../../../gpu-worker/nn/attention.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { gelu } from '../../../gpu-worker/nn/gelu.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { withoutDropout } from '../../../gpu-worker/nn/without-dropout.js';
import { expectClose, openEngine, uniform } from './compare.js';

const random = uniform(5);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);
const [V, P, H, A] = [11, 512, 8, 2];
const shapes = { words: [V, H], positions: [P, H], query: [H, H], gain: [H], bias: [H], unused: [3] };
const specs = Object.entries(shapes).map(([name, shape]) => ({ name, shape, trainable: true, decay: true }));
const values = new Map(specs.map(({ name, shape }) => [name, draw(shape.reduce((a, b) => a * b, 1))]));
const weights = { specs, value: (name: string) => values.get(name)! };

/**
 * What encoders are made of: embeddings, positions cut to length, attention with padding, norms, GELU, the first token
 * and a mean.
 */
const encode = (parameters: Tensors, ids: tf.Tensor, mask: tf.Tensor): Record<string, tf.Tensor> => {
  const [B = 0, T = 0] = ids.shape;
  const rows = tf.reshape(embedding(parameters.words!, ids), [B, T, H]);
  const states = tf.reshape(tf.add(rows, tf.slice(parameters.positions!, [0, 0], [T, H])), [B * T, H]);
  const heads = splitHeads(tf.matMul(states as tf.Tensor2D, parameters.query as tf.Tensor2D, false, true), T, A);
  const context = tf.transpose(attend(heads, heads, heads, paddingBias(mask), withoutDropout, 0), [0, 2, 1, 3]);
  const joined = tf.reshape(context, [B * T, H]);
  const normed = layerNorm(gelu(tf.add(joined, states)), parameters.gain!, parameters.bias!, 1e-12);
  const all = tf.reshape(normed, [B, T, H]);
  return { first: tf.reshape(tf.slice(all, [0, 0, 0], [B, 1, H]), [B, H]), mean: tf.mean(all, 1), states: all };
};
const forward: ForwardFunction = (parameters, { ids, mask }) => encode(parameters, ids!, mask!);
const dynamicInputs: Readonly<Record<string, ExportInput>> = {
  ids: { shape: ['batch', 'sequence'], dtype: 'int32', fileType: 'int64' },
  mask: { shape: ['batch', 'sequence'], dtype: 'float32', fileType: 'int64' },
  ignored: { shape: ['batch'], dtype: 'int32' },
};

const bytesOf = async (file: OnnxFile): Promise<Buffer> => {
  const bytes = await buffer(file.chunks());
  expect(bytes.length).toBe(file.byteLength);
  return bytes;
};
const int64 = (numbers: ArrayLike<number>, dims: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(Array.from(numbers, BigInt)), dims);

function exportEncoder(): Promise<Buffer> {
  const [file, ...others] = exportOnnx(weights, dynamicInputs, forward, {
    fileName: 'model.onnx',
    metadata: { epoch: '2' },
  });
  expect(others).toEqual([]);
  return bytesOf(file!);
}

describe('an exported function', () => {
  test('gives the values of the compiled one at sizes it was never traced at', async () => {
    const session = await InferenceSession.create(await exportEncoder());
    const engine = await openEngine();
    const store = engine.createParameters(specs, values);
    for (const [B, T] of [
      [1, 1],
      [1, 7],
      [3, 2],
      [2, 512],
    ] as const) {
      const ids = Int32Array.from({ length: B * T }, () => Math.floor(random() * V));
      const mask = Float32Array.from({ length: B * T }, (_, index) => (index % T === 0 || random() < 0.7 ? 1 : 0));
      const compiled = await engine.compileForward(
        store,
        { ids: { shape: [B, T], dtype: 'int32' }, mask: { shape: [B, T], dtype: 'float32' } },
        forward,
      );
      const own = await compiled.run({ ids, mask });
      const feeds = {
        ids: int64(ids, [B, T]),
        mask: int64(mask, [B, T]),
        ignored: new Tensor('int32', new Int32Array(B)),
      };
      const served = await session.run(feeds);
      for (const [name, output] of Object.entries(own)) {
        expectClose(served[name]!.data as Float32Array, output, `${name} at ${B} × ${T}`);
      }
      expect(served.states!.dims).toEqual([B, T, H]);
    }
    await session.release();
    await engine.release();
  });

  test("names its inputs, outputs, dimensions and weights, and uses ONNX's own operators alone", async () => {
    const { graph, opsetImport, metadataProps } = onnx.ModelProto.decode(await exportEncoder());
    expect(metadataProps).toMatchObject([{ key: 'epoch', value: '2' }]);
    const described = (infos: onnx.IValueInfoProto[]) =>
      infos.map(({ name, type }) => {
        const { elemType, shape } = type!.tensorType!;
        return [name, elemType, ...shape!.dim!.map(({ dimParam, dimValue }) => dimParam || Number(dimValue))];
      });
    const { INT64, INT32, FLOAT } = onnx.TensorProto.DataType;
    expect(described(graph!.input!)).toEqual([
      ['ids', INT64, 'batch', 'sequence'],
      ['mask', INT64, 'batch', 'sequence'],
      ['ignored', INT32, 'batch'],
    ]);
    expect(described(graph!.output!)).toEqual([
      ['first', FLOAT, 'batch', H],
      ['mean', FLOAT, 'batch', H],
      ['states', FLOAT, 'batch', 'sequence', H],
    ]);
    expect(opsetImport!.map(({ domain }) => domain)).toEqual(['']);
    expect([...new Set(graph!.node!.map(({ domain }) => domain))]).toEqual(['']);
    const initializers = graph!.initializer!.map(({ name }) => name).filter((name) => !name!.startsWith('constant/'));
    expect(initializers).toEqual(['words', 'positions', 'query', 'gain', 'bias']);
  });

  test('has fixed sizes where it is asked for them', async () => {
    const inputs = {
      ids: { shape: [2, 3], dtype: 'int32' },
      mask: { shape: [2, 3], dtype: 'float32' },
    } as const;
    const [file] = exportOnnx(weights, inputs, forward, { fileName: 'model.onnx' });
    const { graph } = onnx.ModelProto.decode(await bytesOf(file!));
    const sizes = graph!.output!.map(({ type }) =>
      type!.tensorType!.shape!.dim!.map(({ dimValue }) => Number(dimValue)),
    );
    expect(sizes).toEqual([
      [2, H],
      [2, H],
      [2, 3, H],
    ]);
  });

  test('stays below the largest size it may have', () => {
    const short: ForwardFunction = ({ bias }, { x }) => ({ y: tf.add(x!, tf.slice(bias!, [0], [x!.shape[0]!])) });
    const inputs: Record<string, ExportInput> = { x: { shape: ['length'], dtype: 'float32' } };
    const options = { fileName: 'model.onnx', dimensions: { length: { maximum: H } } };
    // At any larger size than the bias's the function itself fails.
    expect(() => exportOnnx(weights, inputs, short, options)).not.toThrow();
    expect(() => exportOnnx(weights, inputs, short, { fileName: 'model.onnx' })).toThrow(/slice/i);
  });

  test('is refused where another size is another function', () => {
    const inputs: Record<string, ExportInput> = { x: { shape: ['batch', 2], dtype: 'float32' } };
    const refused = (forward: ForwardFunction) => () => exportOnnx(weights, inputs, forward, { fileName: 'm.onnx' });
    const size = (x: tf.Tensor | undefined): number => x!.shape[0]!;
    expect(refused((_, { x }) => ({ y: tf.mul(x!, size(x)) }))).toThrow(/constant float32 \[\] depends on the size/);
    expect(refused((_, { x }) => ({ y: size(x) % 2 === 0 ? tf.neg(x!) : tf.exp(x!) }))).toThrow(/operations differ/);
    expect(refused((_, { x }) => ({ y: tf.slice(x!, [0, 0], [size(x) - 3, 2]) }))).not.toThrow();
    expect(refused((_, { x }) => ({ y: tf.slice(x!, [0, 0], [size(x) >> 2, 2]) }))).toThrow(/not linear/);
    expect(refused((_, { x }) => ({ y: tf.tile(x!, [size(x), 1]) }))).not.toThrow();
    expect(refused((_, { x }) => ({ y: tf.tile(x!, [size(x) ** 2, 1]) }))).toThrow(/not linear/);
  });

  test('is refused where two of its names are equal', () => {
    const inputs: Record<string, ExportInput> = { bias: { shape: [2], dtype: 'float32' } };
    const negated: ForwardFunction = (_, { bias }) => ({ y: tf.neg(bias!) });
    expect(() => exportOnnx(weights, inputs, negated, { fileName: 'm.onnx' })).toThrow(/called bias/);
  });

  test('puts its weights beside it from the limit on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-export-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const graph = sumGraph();
    const tensors = [
      { name: 'a', shape: [3], type: 'float32' as const, read: () => Float32Array.of(1, 2, 3) },
      { name: 'b', shape: [2, 1], type: 'float32' as const, read: async () => Float32Array.of(10, 20) },
    ];
    const files = onnxFiles(graph, tensors, { fileName: 'model.onnx', maxBytes: 20 });
    expect(files.map(({ name }) => name)).toEqual(['model.onnx', 'model.onnx_data']);
    // The second tensor begins at the next page.
    expect(files[1]!.byteLength).toBe(4096 + 8);
    for (const file of files) await writeFile(join(folder, file.name), await bytesOf(file));
    const session = await InferenceSession.create(join(folder, 'model.onnx'));
    const { sum } = await session.run({});
    expect(sum!.data).toEqual(Float32Array.of(11, 12, 13, 21, 22, 23));
    await session.release();

    const divided = onnxFiles(graph, tensors, { fileName: 'model.onnx', maxBytes: 20, maxDataBytes: 4096 });
    expect(divided.map(({ name, byteLength }) => [name, byteLength]).slice(1)).toEqual([
      ['model.onnx_data', 12],
      ['model.onnx_data_1', 8],
    ]);
    await rm(join(folder, 'model.onnx_data'));
    for (const file of divided) await writeFile(join(folder, file.name), await bytesOf(file));
    const ofSeveral = await InferenceSession.create(join(folder, 'model.onnx'));
    expect((await ofSeveral.run({})).sum!.data).toEqual(sum!.data);
    await ofSeveral.release();

    const [inside, ...others] = onnxFiles(graph, tensors, { fileName: 'model.onnx' });
    expect(others).toEqual([]);
    const same = await InferenceSession.create(await bytesOf(inside!));
    expect((await same.run({})).sum!.data).toEqual(sum!.data);
    await same.release();
  });

  test('does not write a tensor of another length than its shape says', async () => {
    const tensors = ['a', 'b'].map((name) => ({
      name,
      shape: [3],
      type: 'float32' as const,
      read: () => new Float32Array(2),
    }));
    const [file] = onnxFiles(sumGraph(), tensors, { fileName: 'model.onnx' });
    await expect(buffer(file!.chunks())).rejects.toThrow('a [3] was read as 2 values');
  });
});

/** a [3] + b [2,1] → sum [2,3] */
function sumGraph(): Graph {
  const builder = new GraphBuilder();
  const a = builder.input('a', [3], 'float32');
  const b = builder.input('b', [2, 1], 'float32');
  return builder.finish([{ name: 'sum', value: builder.node('Add', [a, b], { shape: [2, 3], type: 'float32' }) }]);
}
