import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../../../src/storage/half-precision.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { decoderFamilies, decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { families, modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

/** Every family from files of 16 bits, in one piece and sharded: the numbers that these bits are. */

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.close());

const models = [
  ...families.map((family) => [family, modelFolder(family)] as const),
  ...decoderFamilies.map((family) => [family, decoderFolder(family)] as const),
];

const types = {
  F16: { write: float32ToFloat16, read: float16ToFloat32 },
  BF16: { write: upperHalves, read: bfloat16ToFloat32 },
};
type Type = keyof typeof types;

/** bfloat16 is the upper half of a float32; little-endian bytes. */
function upperHalves(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer);
}

/** A file of tensors that hold 16 bits a number. */
function fileOf(tensors: readonly (readonly [string, Tensor])[], type: Type): Buffer {
  const parts = tensors.map(([, { data }]) => types[type].write(Float32Array.from(data)));
  let end = 0;
  const entries = tensors.map(([name, { shape }], index) => {
    const start = end;
    end += parts[index]!.byteLength;
    return [name, { dtype: type, shape, data_offsets: [start, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.byteLength));
  return Buffer.concat([length, header, ...parts]);
}

/** A copy of a model with other files of weights. */
async function importWith(model: URL, files: Readonly<Record<string, Buffer | string>>) {
  const folder = join(workshop.root, crypto.randomUUID());
  await cp(fileURLToPath(model), folder, { recursive: true });
  await rm(join(folder, 'model.safetensors'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return importModel(fromFolder(folder), workshop.tools);
}

describe.each(models)('%s', (_, model) => {
  test.each(['F16', 'BF16'] as const)('of %s', async (type) => {
    const tensors = [...readSafetensors(await readFile(new URL('model.safetensors', model))).tensors];
    const rounded = tensors.map(([name, { shape, data }]) => {
      const numbers = new Float32Array(data.length);
      types[type].read(types[type].write(Float32Array.from(data)), numbers);
      return [name, { shape, data: numbers }] as const;
    });
    expect(rounded.some(([, { data }], index) => data.some((value, i) => value !== tensors[index]![1].data[i]))).toBe(
      true,
    );
    const expected = await importWith(model, {
      'model.safetensors': Buffer.concat(writeSafetensors(new Map(rounded))),
    });

    const whole = await importWith(model, { 'model.safetensors': fileOf(tensors, type) });
    expect(whole.manifest.weights).toEqual(expected.manifest.weights);

    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
    const shardOf = (index: number) => shards[index % 2]!;
    const inShard = (shard: string) =>
      fileOf(
        tensors.filter((__, index) => shardOf(index) === shard),
        type,
      );
    const weight_map = Object.fromEntries(tensors.map(([name], index) => [name, shardOf(index)]));
    const sharded = await importWith(model, {
      [shards[0]]: inShard(shards[0]),
      [shards[1]]: inShard(shards[1]),
      'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map }),
    });
    expect(sharded.manifest.weights).toEqual(expected.manifest.weights);
  });
});
