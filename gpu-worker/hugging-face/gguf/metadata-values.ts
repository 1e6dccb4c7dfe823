/**
 * Values of a GGUF file's metadata (ggml, docs/gguf.md, version 3). A value says its type, as llama.cpp reads a key
 * only in the type that it expects.
 */
export type MetadataValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s' | 'float32s' | 'uint8s'; readonly value: ArrayLike<number> }
  | { readonly type: 'bools'; readonly value: readonly boolean[] };

/** By key, in the order of the file. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

export const uint32 = (value: number): MetadataValue => ({ type: 'uint32', value });
export const float32 = (value: number): MetadataValue => ({ type: 'float32', value });
export const bool = (value: boolean): MetadataValue => ({ type: 'bool', value });
export const string = (value: string): MetadataValue => ({ type: 'string', value });

/** Numbers of the types in a file. */
const codes = { uint8: 0, int32: 5, uint32: 4, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** A value with its type before it, little-endian. */
export function encodeValue(given: MetadataValue): Uint8Array {
  switch (given.type) {
    case 'uint32':
      return Buffer.concat([uint32Bytes(codes.uint32), uint32Bytes(given.value)]);
    case 'float32':
      return Buffer.concat([uint32Bytes(codes.float32), float32Bytes([given.value])]);
    case 'bool':
      return Buffer.concat([uint32Bytes(codes.bool), boolBytes([given.value])]);
    case 'string':
      return Buffer.concat([uint32Bytes(codes.string), encodeString(given.value)]);
    case 'strings':
      return array(codes.string, given.value.length, Buffer.concat(given.value.map(encodeString)));
    case 'int32s':
      return array(codes.int32, given.value.length, int32Bytes(given.value));
    case 'float32s':
      return array(codes.float32, given.value.length, float32Bytes(given.value));
    case 'uint8s':
      return array(codes.uint8, given.value.length, Uint8Array.from(given.value));
    case 'bools':
      return array(codes.bool, given.value.length, boolBytes(given.value));
    default:
      return given satisfies never;
  }
}

/** UTF-8 with its length before it. */
export function encodeString(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64Bytes(bytes.length), bytes]);
}

export function uint32Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function array(elementCode: number, length: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([uint32Bytes(codes.array), uint32Bytes(elementCode), uint64Bytes(length), content]);
}

function int32Bytes(values: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (let index = 0; index < values.length; index++) bytes.writeInt32LE(values[index]!, 4 * index);
  return bytes;
}

function float32Bytes(values: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (let index = 0; index < values.length; index++) bytes.writeFloatLE(values[index]!, 4 * index);
  return bytes;
}

function boolBytes(values: readonly boolean[]): Uint8Array {
  return Uint8Array.from(values, Number);
}
