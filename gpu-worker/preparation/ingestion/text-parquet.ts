import type { TextColumn, TextColumns } from './text-columns.js';
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

/** Rows of texts in a Parquet file, in columns c0, c1, … */
export interface TextFile {
  readonly path: string;
  readonly parquet: TextParquet;
  readonly columns: number;
}

interface RowGroup {
  readonly rows: number;
  readonly columns: ThriftValue[];
  bytes: number;
}

/**
 * Writes rows of texts as a Parquet file, uncompressed and with one page for each column of a row group: bytes go into
 * the file as they are, and DuckDB reads of them only the columns that a statement asks for. Missing texts are null.
 * What the methods return follows one another in the file, the last of it a footer.
 */
export class TextParquet {
  private position = 0;
  private readonly groups: RowGroup[] = [];
  private readonly names: string[];

  constructor(names: readonly string[]) {
    this.names = [...names];
  }

  /** The rows of each row group. */
  get groupRows(): readonly number[] {
    return this.groups.map(({ rows }) => rows);
  }

  /** The bytes of the next row group, which has at least one row. */
  rowGroup({ columns, rowCount: rows }: TextColumns): Buffer {
    const parts = this.begin();
    const group: RowGroup = { rows, columns: [], bytes: 0 };
    this.groups.push(group);
    for (const [index, column] of columns.entries()) parts.push(...this.page(group, this.names[index]!, column));
    return Buffer.concat(parts);
  }

  /**
   * The bytes of another column, for a file that has a footer already; another one is to follow.
   * @param texts the column's part in each row group, one after another
   */
  async *column(name: string, texts: AsyncIterable<TextColumn>): AsyncGenerator<Buffer> {
    this.names.push(name);
    let index = 0;
    for await (const column of texts) yield Buffer.concat(this.page(this.groups[index++]!, name, column));
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
    const groups = this.groups.map(
      (group): ThriftStruct => [
        [1, { list: group.columns, of: 'struct' }],
        [2, { i64: group.bytes }],
        [3, { i64: group.rows }],
      ],
    );
    const structs = (all: readonly ThriftStruct[]): ThriftValue => ({
      list: all.map((struct) => ({ struct })),
      of: 'struct',
    });
    const metadata = encodeThrift([
      [1, { i32: 1 }],
      [2, structs([root, ...columns])],
      [3, { i64: this.groups.reduce((sum, { rows }) => sum + rows, 0) }],
      [4, structs(groups)],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    const bytes = Buffer.concat([...this.begin(), metadata, length, magic]);
    this.position += metadata.length + length.length + magic.length;
    return bytes;
  }

  private begin(): Buffer[] {
    if (this.position > 0) return [];
    this.position = magic.length;
    return [magic];
  }

  private page(group: RowGroup, name: string, column: TextColumn): Buffer[] {
    const { texts, present } = column.content(group.rows);
    const levels = definitionLevels(present);
    const header = pageHeader(group.rows, levels.length + texts.length);
    const bytes = header.length + levels.length + texts.length;
    group.columns.push({ struct: columnChunk(name, group.rows, bytes, this.position) });
    group.bytes += bytes;
    this.position += bytes;
    return [header, levels, texts];
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
