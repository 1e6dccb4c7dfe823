import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { openSafetensors } from '../../../src/storage/safetensors-file.js';
import { SafetensorsError } from '../../../src/storage/safetensors-header.js';
import { type StreamedTensor, safetensorsStream } from '../../../src/storage/safetensors-stream.js';
import { StorageError } from '../../../src/storage/storage-error.js';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-safetensors-'));
  path = join(folder, 'model.safetensors');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file with any header. */
function fileOf(header: string, data: Uint8Array, declaredLength = BigInt(Buffer.byteLength(header))): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(declaredLength);
  return Buffer.concat([length, Buffer.from(header), data]);
}

function entry(begin: number, end: number, shape: number[], dtype = 'F32') {
  return { dtype, shape, data_offsets: [begin, end] };
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** The code of the typed error that opening and reading everything fails with. */
async function outcomeOf(bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  try {
    const file = await openSafetensors(path);
    try {
      for (const name of file.tensors.keys()) await file.read(name);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof StorageError) return error.code;
    throw error;
  }
  return 'READ';
}

describe('openSafetensors', () => {
  test('reads half precision as the float32 that it stands for', async () => {
    // float16: 1, −2, 65504 (largest), 2⁻²⁴ (smallest), +0, −∞. bfloat16: 1, −3.140625.
    const float16 = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0000, 0xfc00).buffer);
    const bfloat16 = Buffer.from(Uint16Array.of(0x3f80, 0xc049).buffer);
    const header = JSON.stringify({ half: entry(0, 12, [2, 3], 'F16'), brain: entry(12, 16, [2], 'BF16') });
    await writeFile(path, fileOf(header, Buffer.concat([float16, bfloat16])));
    const file = await openSafetensors(path);
    expect([...file.tensors.keys()]).toEqual(['brain', 'half']);
    expect(await file.read('half')).toEqual(Float32Array.of(1, -2, 65504, 2 ** -24, 0, Number.NEGATIVE_INFINITY));
    expect(await file.read('brain')).toEqual(Float32Array.of(1, -3.140625));
    await file.close();
  });

  test('reads a tensor in pieces that lie where they should, whatever the data’s alignment', async () => {
    const values = Float32Array.from({ length: 10 }, (_, index) => index / 3);
    const header = JSON.stringify({ w: entry(0, 40, [10]) });
    for (const padding of ['', ' ', '   ']) {
      await writeFile(path, fileOf(header + padding, Buffer.from(values.buffer)));
      const file = await openSafetensors(path);
      const pieces: Float32Array[] = [];
      for await (const piece of file.chunks('w', 4)) pieces.push(piece);
      await file.close();
      expect(pieces).toEqual([values.slice(0, 4), values.slice(4, 8), values.slice(8)]);
    }
  });

  test('names a tensor of another type than floats, and still reads the others', async () => {
    const header = JSON.stringify({ ids: entry(0, 8, [1], 'I64'), w: entry(8, 12, [1]) });
    await writeFile(path, fileOf(header, Buffer.alloc(12)));
    const file = await openSafetensors(path);
    expect(await file.read('w')).toEqual(Float32Array.of(0));
    await expect(file.read('ids')).rejects.toMatchObject({
      code: 'UNSUPPORTED_DTYPE',
      message: 'tensor “ids” holds I64, not F32, F16 or BF16',
    });
    await file.close();
  });

  test('notices that the file is cut off while it is read', async () => {
    await writeFile(path, fileOf(JSON.stringify({ w: entry(0, 40, [10]) }), Buffer.alloc(40)));
    const file = await openSafetensors(path);
    await truncate(path, 60);
    await expect(file.read('w')).rejects.toMatchObject({ code: 'TRUNCATED' });
    await file.close();
  });

  test.each([
    ['a file that is empty', Buffer.alloc(0), 'TRUNCATED'],
    ['a header past the end', fileOf('{}', Buffer.alloc(0), 3n), 'TRUNCATED'],
    ['a header of 2⁶³ bytes', fileOf('{}', Buffer.alloc(0), 2n ** 63n), 'INVALID_HEADER'],
    ['data that end early', fileOf(JSON.stringify({ w: entry(0, 8, [2]) }), Buffer.alloc(7)), 'TRUNCATED'],
    [
      'a half-precision shape',
      fileOf(JSON.stringify({ w: entry(0, 8, [2], 'F16') }), Buffer.alloc(8)),
      'INVALID_TENSOR',
    ],
    [
      'a name that is given twice',
      fileOf(
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        Buffer.alloc(4),
      ),
      'INVALID_HEADER',
    ],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await outcomeOf(bytes)).toBe(code);
  });

  test('names a file that is not there', async () => {
    await expect(openSafetensors(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  const codes = ['TRUNCATED', 'INVALID_HEADER', 'INVALID_TENSOR', 'UNSUPPORTED_DTYPE', 'READ'];

  test('fails with a typed error on any header', async () => {
    const anyEntry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'BF16', 'F64', 'I64', 'F4', 'nonsense'),
      shape: fc.array(fc.oneof(fc.nat(4), fc.maxSafeInteger()), { maxLength: 3 }),
      data_offsets: fc.tuple(fc.oneof(fc.nat(40), fc.maxSafeInteger()), fc.oneof(fc.nat(40), fc.maxSafeInteger())),
    });
    const anyHeader = fc.oneof(fc.dictionary(fc.string(), anyEntry), fc.json());
    await fc.assert(
      fc.asyncProperty(anyHeader, fc.uint8Array({ maxLength: 48 }), async (header, data) => {
        expect(codes).toContain(
          await outcomeOf(fileOf(typeof header === 'string' ? header : JSON.stringify(header), data)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('fails with a typed error when any byte of a good file is another, or the file ends anywhere', async () => {
    const good = Buffer.concat(
      writeSafetensors(
        new Map([
          ['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
          ['b', { shape: [1], data: Float32Array.of(5) }],
        ]),
      ),
    );
    for (let length = 0; length < good.length; length++)
      expect(await outcomeOf(good.subarray(0, length))).not.toBe('READ');
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (position, byte) => {
        const changed = Buffer.from(good);
        changed[position] = byte;
        expect(codes).toContain(await outcomeOf(changed));
      }),
      { numRuns: 300 },
    );
  });
});

describe('safetensorsStream', () => {
  const tensor = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
    const length = shape.reduce((all, size) => all * size, 1);
    return fc.float32Array({ minLength: length, maxLength: length }).map((data): Tensor => ({ shape, data }));
  });
  const named = fc.uniqueArray(fc.tuple(fc.string(), tensor), { selector: ([name]) => name, maxLength: 5 });

  test('gives the bytes of writeSafetensors, and openSafetensors reads them back', async () => {
    await fc.assert(
      fc.asyncProperty(named, fc.integer({ min: 1, max: 5 }), async (entries, pieceSize) => {
        const metadata = new Map([['format', 'pt']]);
        const streamed = entries.map(
          ([name, { shape, data }]): StreamedTensor => ({
            name,
            shape,
            *values() {
              for (let first = 0; first < data.length; first += pieceSize)
                yield data.subarray(first, first + pieceSize);
            },
          }),
        );
        const bytes = await bytesOf(safetensorsStream(streamed, metadata));
        expect(bytes.equals(Buffer.concat(writeSafetensors(new Map(entries), metadata)))).toBe(true);
        await writeFile(path, bytes);
        const file = await openSafetensors(path);
        expect(file.metadata).toEqual(metadata);
        for (const [name, { shape, data }] of entries) {
          expect(file.tensors.get(name)?.shape).toEqual(shape);
          expect(Buffer.from((await file.read(name)).buffer)).toEqual(Buffer.from(data.slice().buffer));
        }
        await file.close();
      }),
      { numRuns: 50 },
    );
  });

  test('fails when values are missing or too many, and when a name comes twice', async () => {
    const one = (name: string, elements: number): StreamedTensor => ({
      name,
      shape: [2],
      values: () => [new Float32Array(elements)],
    });
    for (const elements of [1, 3]) {
      await expect(bytesOf(safetensorsStream([one('w', elements)]))).rejects.toMatchObject({ code: 'INVALID_TENSOR' });
    }
    expect(() => safetensorsStream([one('w', 2), one('w', 2)])).toThrow('tensor “w” is given twice');
  });
});
