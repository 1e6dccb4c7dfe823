import { createHash } from 'node:crypto';

/** A GGUF file of version 3, read from its specification alone (ggml, docs/gguf.md). */
export interface GgufFile {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, GgufFileTensor>;
}

interface GgufFileTensor {
  readonly type: string;
  /** The outermost dimension first. */
  readonly shape: readonly number[];
  readonly bytes: Buffer;
  readonly sha256: string;
}

const tensorTypes: Readonly<Record<number, { readonly name: string; readonly block: number; readonly bytes: number }>> =
  {
    0: { name: 'F32', block: 1, bytes: 4 },
    1: { name: 'F16', block: 1, bytes: 2 },
    8: { name: 'Q8_0', block: 32, bytes: 34 },
  };

export function readGguf(file: Buffer): GgufFile {
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  const u32 = () => file.readUInt32LE(take(4));
  const u64 = () => Number(file.readBigUInt64LE(take(8)));
  const text = () => {
    const length = u64();
    return file.toString('utf8', take(length), at);
  };
  const value = (type: number): unknown => {
    switch (type) {
      case 0:
        return file.readUInt8(take(1));
      case 4:
        return u32();
      case 5:
        return file.readInt32LE(take(4));
      case 6:
        return file.readFloatLE(take(4));
      case 7:
        return file.readUInt8(take(1)) === 1;
      case 8:
        return text();
      case 9: {
        const element = u32();
        return Array.from({ length: u64() }, () => value(element));
      }
      default:
        throw new Error(`type ${type} of a value`);
    }
  };
  if (file.toString('latin1', take(4), at) !== 'GGUF' || u32() !== 3) throw new Error('no GGUF of version 3');
  const [tensorCount, valueCount] = [u64(), u64()];
  const metadata = Object.fromEntries(Array.from({ length: valueCount }, () => [text(), value(u32())]));
  const described = Array.from({ length: tensorCount }, () => {
    const name = text();
    const shape = Array.from({ length: u32() }, u64).reverse();
    return { name, shape, type: tensorTypes[u32()]!, offset: u64() };
  });
  const start = Math.ceil(at / 32) * 32;
  return {
    metadata,
    tensors: new Map(
      described.map(({ name, shape, type, offset }) => {
        if (offset % 32 !== 0) throw new Error(`${name} begins at ${offset}`);
        const elements = shape.reduce((product, size) => product * size, 1);
        const bytes = file.subarray(start + offset, start + offset + (elements / type.block) * type.bytes);
        return [name, { type: type.name, shape, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }];
      }),
    ),
  };
}
