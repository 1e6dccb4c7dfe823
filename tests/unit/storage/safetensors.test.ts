import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSafetensors, SafetensorsError, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';

/** A file with any header: `declaredLength` may lie about it. */
function fileOf(header: string | Uint8Array, data: Uint8Array, declaredLength?: bigint): Buffer {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(declaredLength ?? BigInt(json.byteLength));
  return Buffer.concat([length, json, data]);
}

function entry(begin: number, end: number, shape: number[], dtype = 'F32') {
  return { dtype, shape, data_offsets: [begin, end] };
}

function errorCode(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return error.code;
    throw error;
  }
  return 'READ';
}

describe('readSafetensors', () => {
  test('reads what the Python package wrote', () => {
    // safetensors.torch.save({'b.weight': [[1.5, -2], [0, 3.25]], 'a': [0.1]}, metadata={'format': 'pt'})
    const file = Buffer.from(
      'mAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMCw0XX0sImIud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOls0LDIwXX19ICAgIM3MzD0AAMA/AAAAwAAAAAAAAFBA',
      'base64',
    );
    const { tensors, metadata } = readSafetensors(file);
    expect([...tensors.keys()]).toEqual(['a', 'b.weight']);
    expect(tensors.get('b.weight')).toEqual({ shape: [2, 2], data: Float32Array.of(1.5, -2, 0, 3.25) });
    expect(tensors.get('a')).toEqual({ shape: [1], data: Float32Array.of(0.1) });
    expect([...metadata]).toEqual([['format', 'pt']]);
  });

  test('copies tensors that lie at an odd address', () => {
    const file = Buffer.concat(writeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(7) }]])));
    const shifted = Buffer.concat([Buffer.alloc(1), file]).subarray(1);
    expect(readSafetensors(shifted).tensors.get('w')?.data).toEqual(Float32Array.of(7));
  });

  const hostile: [string, Uint8Array, string][] = [
    ['an empty file', Buffer.alloc(0), 'TRUNCATED'],
    ['a length without a header', fileOf('', Buffer.alloc(0), 5n), 'TRUNCATED'],
    ['a length near 2⁶⁴', fileOf('{}', Buffer.alloc(0), 0xffff_ffff_ffff_fff0n), 'INVALID_HEADER'],
    ['a header that is not JSON', fileOf('{"a":', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['a header that is not UTF-8', fileOf(Buffer.from([0x7b, 0x22, 0xff, 0x22]), Buffer.alloc(0)), 'INVALID_HEADER'],
    ['an array as header', fileOf('[]', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['an entry that is a number', fileOf('{"a":1}', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['a negative size', fileOf(JSON.stringify({ a: entry(0, 4, [-1]) }), Buffer.alloc(4)), 'INVALID_HEADER'],
    ['a size beyond 2⁵³', fileOf(JSON.stringify({ a: entry(0, 4, [2 ** 60]) }), Buffer.alloc(4)), 'INVALID_HEADER'],
    ['metadata that are null inside', fileOf('{"__metadata__":{"a":null}}', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['metadata that are a list', fileOf('{"__metadata__":[]}', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['metadata that are numbers', fileOf('{"__metadata__":{"a":1}}', Buffer.alloc(0)), 'INVALID_HEADER'],
    ['offsets past the end', fileOf(JSON.stringify({ a: entry(0, 8, [2]) }), Buffer.alloc(4)), 'TRUNCATED'],
    [
      'a shape that takes other bytes',
      fileOf(JSON.stringify({ a: entry(0, 4, [2]) }), Buffer.alloc(4)),
      'INVALID_TENSOR',
    ],
    [
      'a shape whose product overflows',
      fileOf(JSON.stringify({ a: entry(0, 4, [2 ** 52, 2 ** 52]) }), Buffer.alloc(4)),
      'INVALID_TENSOR',
    ],
    [
      'an end before the beginning',
      fileOf(JSON.stringify({ a: entry(0, -4, [1]) }), Buffer.alloc(4)),
      'INVALID_HEADER',
    ],
    [
      'bytes before the first tensor',
      fileOf(JSON.stringify({ a: entry(4, 8, [1]) }), Buffer.alloc(8)),
      'INVALID_TENSOR',
    ],
    [
      'a gap',
      fileOf(JSON.stringify({ a: entry(0, 4, [1]), b: entry(8, 12, [1]) }), Buffer.alloc(12)),
      'INVALID_TENSOR',
    ],
    [
      'an overlap',
      fileOf(JSON.stringify({ a: entry(0, 8, [2]), b: entry(4, 12, [2]) }), Buffer.alloc(12)),
      'INVALID_TENSOR',
    ],
    ['bytes after the last tensor', fileOf(JSON.stringify({ a: entry(0, 4, [1]) }), Buffer.alloc(8)), 'INVALID_TENSOR'],
    ['float16', fileOf(JSON.stringify({ a: entry(0, 2, [1], 'F16') }), Buffer.alloc(2)), 'UNSUPPORTED_DTYPE'],
  ];
  test.each([
    ['metadata that are null', { __metadata__: null, a: entry(0, 4, [1]) }],
    ['further keys of an entry', { a: { ...entry(0, 4, [1]), quantization: { bits: 4 }, note: null } }],
  ])('reads %s, as the reference implementation does', (_, header) => {
    const { tensors, metadata } = readSafetensors(
      fileOf(JSON.stringify(header), Buffer.from(Float32Array.of(7).buffer)),
    );
    expect(tensors).toEqual(new Map([['a', { shape: [1], data: Float32Array.of(7) }]]));
    expect(metadata).toEqual(new Map());
  });

  test.each(hostile)('refuses %s', (_, bytes, code) => {
    expect(errorCode(bytes)).toBe(code);
  });

  test('fails with a typed error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 80 }), (bytes, headerLength) => {
        expect(['TRUNCATED', 'INVALID_HEADER', 'INVALID_TENSOR', 'READ']).toContain(
          errorCode(fileOf('', bytes, BigInt(headerLength))),
        );
      }),
    );
  });
});

describe('writeSafetensors', () => {
  const tensor = fc
    .array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
    .chain((shape) =>
      fc
        .float32Array({ minLength: product(shape), maxLength: product(shape) })
        .map((data): Tensor => ({ shape, data })),
    );
  const tensors = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), tensor), {
    selector: ([name]) => name,
    maxLength: 6,
  });

  test('is read back as it was, bit for bit', () => {
    fc.assert(
      fc.property(tensors, (entries) => {
        const read = readSafetensors(Buffer.concat(writeSafetensors(new Map(entries)))).tensors;
        expect(read.size).toBe(entries.length);
        for (const [name, { shape, data }] of entries) {
          expect(read.get(name)?.shape).toEqual(shape);
          expect(bits(read.get(name)!.data)).toEqual(bits(data));
        }
      }),
    );
  });

  test('gives the same bytes in whatever order the tensors come', () => {
    fc.assert(
      fc.property(tensors, (entries) => {
        const forward = Buffer.concat(writeSafetensors(new Map(entries)));
        const backward = Buffer.concat(writeSafetensors(new Map([...entries].reverse())));
        expect(forward.equals(backward)).toBe(true);
      }),
    );
  });

  test('starts the data at a multiple of 8', () => {
    const [header] = writeSafetensors(new Map([['w', { shape: [], data: Float32Array.of(1) }]]), new Map([['k', 'v']]));
    expect(header?.byteLength).toBe(
      8 + Math.ceil('{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}'.length / 8) * 8,
    );
  });

  test('refuses a shape that does not fit its elements', () => {
    const wrong = new Map([['w', { shape: [2, 2], data: new Float32Array(3) }]]);
    expect(() => writeSafetensors(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_TENSOR' }));
  });
});

function product(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

function bits(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}
