import type { TextColumns } from './text-columns.js';
import { encodeThrift, type ThriftStruct, type ThriftValue, writeVarint } from './thrift-compact.js';

const magic = Buffer.from('PAR1');

/** Numbers of the Parquet format (parquet.thrift). */
const byteArray = 6;
const utf8 = 0;
const optional = 1;
const dataPage = 0;
const plain = 0;
const rle = 3;
const uncompressed = 0;

/**
 * Writes rows of texts as a Parquet file, uncompressed and with one page for each column of a row group: bytes go into
 * the file as they are, and DuckDB reads of them only the columns that a statement asks for. Missing texts are null.
 */
export class TextParquet {
  private position = 0;
  private rows = 0;
  private readonly groups: ThriftValue[] = [];

  constructor(private readonly names: readonly string[]) {}

  /** The bytes of the next row group, which has at least one row. */
  rowGroup(table: TextColumns): Buffer {
    const parts: Buffer[] = this.position === 0 ? [magic] : [];
    this.position += parts.length * magic.length;
    const { rowCount } = table;
    const begin = this.position;
    const columns = table.columns.map((column, index): ThriftValue => {
      const { texts, present } = column.content(rowCount);
      const levels = definitionLevels(present);
      const header = pageHeader(rowCount, levels.length + texts.length);
      parts.push(header, levels, Buffer.from(texts.buffer, texts.byteOffset, texts.length));
      const size = header.length + levels.length + texts.length;
      const chunk = columnChunk(this.names[index]!, rowCount, size, this.position);
      this.position += size;
      return { struct: chunk };
    });
    this.groups.push({
      struct: [
        [1, { list: columns, of: 'struct' }],
        [2, { i64: this.position - begin }],
        [3, { i64: rowCount }],
      ],
    });
    this.rows += rowCount;
    return Buffer.concat(parts);
  }

  /** The bytes that end the file. */
  footer(): Buffer {
    const root: ThriftStruct = [
      [4, { binary: 'rows' }],
      [5, { i32: this.names.length }],
    ];
    const columns = this.names.map(
      (name): ThriftStruct => [
        [1, { i32: byteArray }],
        [3, { i32: optional }],
        [4, { binary: name }],
        [6, { i32: utf8 }],
      ],
    );
    const metadata = encodeThrift([
      [1, { i32: 1 }],
      [2, { list: [root, ...columns].map((struct) => ({ struct })), of: 'struct' }],
      [3, { i64: this.rows }],
      [4, { list: this.groups, of: 'struct' }],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    return Buffer.concat([...(this.position === 0 ? [magic] : []), metadata, length, magic]);
  }
}

function pageHeader(rows: number, bytes: number): Buffer {
  return encodeThrift([
    [1, { i32: dataPage }],
    [2, { i32: bytes }],
    [3, { i32: bytes }],
    [
      5,
      {
        struct: [
          [1, { i32: rows }],
          [2, { i32: plain }],
          [3, { i32: rle }],
          [4, { i32: rle }],
        ],
      },
    ],
  ]);
}

function columnChunk(name: string, rows: number, bytes: number, position: number): ThriftStruct {
  return [
    [2, { i64: position }],
    [
      3,
      {
        struct: [
          [1, { i32: byteArray }],
          [2, { list: [{ i32: plain }, { i32: rle }], of: 'i32' }],
          [3, { list: [{ binary: name }], of: 'binary' }],
          [4, { i32: uncompressed }],
          [5, { i64: rows }],
          [6, { i64: bytes }],
          [7, { i64: bytes }],
          [9, { i64: position }],
        ],
      },
    ],
  ];
}

/** Which rows have a value: one run where all or none have, else a bit for each, after four bytes of length. */
function definitionLevels(present: Uint8Array): Buffer {
  const first = present[0]!;
  const run: number[] = [];
  if (!present.includes(1 - first)) {
    writeVarint(run, 2 * present.length);
    run.push(first);
    return withLength(Buffer.from(run));
  }
  const bits = Buffer.alloc(Math.ceil(present.length / 8));
  for (let i = 0; i < present.length; i++) bits[i >> 3]! |= present[i]! << (i & 7);
  writeVarint(run, 2 * bits.length + 1);
  return withLength(Buffer.concat([Buffer.from(run), bits]));
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
