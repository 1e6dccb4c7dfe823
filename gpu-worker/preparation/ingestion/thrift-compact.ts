/** Types of fields and items in Thrift's compact protocol. */
const types = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** A value of Thrift, as Parquet's metadata need them. */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly binary: string }
  | { readonly list: readonly ThriftValue[]; readonly of: keyof typeof types }
  | { readonly struct: ThriftStruct };

/** The values of fields by their numbers, ascending. */
export type ThriftStruct = readonly (readonly [field: number, value: ThriftValue])[];

/** Encodes a struct in Thrift's compact protocol (thrift-compact-protocol.md). Numbers are not negative. */
export function encodeThrift(struct: ThriftStruct): Buffer {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Buffer.from(bytes);
}

/** Appends a number, seven bits a byte, the lowest first (ULEB128). */
export function writeVarint(bytes: number[], value: number): void {
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
}

function writeStruct(bytes: number[], struct: ThriftStruct): void {
  let before = 0;
  for (const [field, value] of struct) {
    // Fields are numbered by their distance, which is at most 15 here.
    bytes.push(((field - before) << 4) | types[kindOf(value)]);
    writeValue(bytes, value);
    before = field;
  }
  bytes.push(0);
}

function writeValue(bytes: number[], value: ThriftValue): void {
  if ('struct' in value) writeStruct(bytes, value.struct);
  else if ('list' in value) {
    const { length } = value.list;
    bytes.push((Math.min(length, 15) << 4) | types[value.of]);
    if (length >= 15) writeVarint(bytes, length);
    for (const item of value.list) writeValue(bytes, item);
  } else if ('binary' in value) {
    const text = Buffer.from(value.binary);
    writeVarint(bytes, text.length);
    for (const byte of text) bytes.push(byte);
  } // Zigzag: a number that is not negative is doubled.
  else writeVarint(bytes, 2 * ('i32' in value ? value.i32 : value.i64));
}

function kindOf(value: ThriftValue): keyof typeof types {
  if ('struct' in value) return 'struct';
  if ('list' in value) return 'list';
  if ('binary' in value) return 'binary';
  return 'i32' in value ? 'i32' : 'i64';
}
