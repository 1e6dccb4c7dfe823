import { DuckDBInstance } from '@duckdb/node-api';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';

export interface SplitRows {
  /** Texts of the split in row order, each cut to `maxCharacters`; rows without a text, or without the second of a pair, are left out. */
  readonly texts: readonly string[];
  /** Second text of each row; null without a second column. */
  readonly pairs: readonly string[] | null;
  /** One array a label column; null: missing. */
  readonly labels: readonly (readonly (string | null)[])[];
  /** Rows of the split that lack a text, or one of two. */
  readonly rowsWithoutText: number;
}

/** A name that a user gave, and where: for the problem when it names nothing. */
export interface NamedInput {
  readonly name: string;
  readonly path: Problem['path'];
}

export interface SplitQuery {
  /** The dataset version's Parquet file. */
  readonly path: string;
  readonly split: NamedInput;
  readonly textColumn: NamedInput;
  /** Column of second texts, for tasks on pairs. */
  readonly pairColumn: NamedInput | null;
  readonly labelColumns: readonly NamedInput[];
  /** Longer texts leave the file already cut: a 10 MB text costs no more than the end of it that is kept. */
  readonly maxCharacters: number;
  /** The side that is cut off. */
  readonly truncationSide: TruncationSide;
}

/**
 * Reads one split of a dataset version.
 * Errors: ProblemError UNKNOWN_COLUMN, EMPTY_SPLIT (no row with a text).
 */
export async function readSplitRows(query: SplitQuery): Promise<SplitRows> {
  const { path, split, textColumn, pairColumn, labelColumns, maxCharacters, truncationSide } = query;
  const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll('SELECT name FROM parquet_schema($path)', { path });
    const names = new Set(described.getColumns()[0]);
    for (const column of [...textColumns, ...labelColumns]) {
      if (!names.has(column.name)) throw unknownColumn(column);
    }
    const labels = labelColumns.map(({ name }, index) => `CAST(${quoted(name)} AS VARCHAR) AS label${index}`);
    const kept = truncationSide === 'right' ? 'left' : 'right';
    const texts = textColumns.map(
      ({ name }, index) => `${kept}(CAST(${quoted(name)} AS VARCHAR), ${maxCharacters}) AS text${index}`,
    );
    const result = await connection.runAndReadAll(
      `SELECT ${[...texts, ...labels].join(', ')} FROM read_parquet($path) WHERE ${quoted(splitColumn)} = $split ORDER BY ${quoted(rowColumn)}`,
      { path, split: split.name },
    );
    const columns = result.getColumns() as (string | null)[][];
    const allTexts = columns.slice(0, textColumns.length);
    const rows = allTexts[0]?.length ?? 0;
    const isWhole = (_: unknown, row: number) => allTexts.every((column) => column[row] !== null);
    const [whole = [], second = null] = allTexts.map((column) => column.filter(isWhole) as string[]);
    if (whole.length === 0) throw emptySplit(split, textColumns, rows);
    return {
      texts: whole,
      pairs: second,
      labels: columns.slice(textColumns.length).map((values) => values.filter(isWhole)),
      rowsWithoutText: rows - whole.length,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function unknownColumn({ name, path }: NamedInput): ProblemError {
  return new ProblemError({
    path,
    code: 'UNKNOWN_COLUMN',
    message: `the dataset version has no column “${name}”`,
    hint: null,
  });
}

function emptySplit(split: NamedInput, textColumns: readonly NamedInput[], rows: number): ProblemError {
  const named = textColumns.map(({ name }) => `“${name}”`).join(' and ');
  return new ProblemError({
    path: split.path,
    code: 'EMPTY_SPLIT',
    message:
      rows === 0
        ? `the dataset version has no row in split “${split.name}”`
        : `none of the ${rows} rows of split “${split.name}” has a text in ${textColumns.length === 1 ? 'column' : 'both columns,'} ${named}`,
    hint: 'Choose another split, or a dataset version whose splits all have rows.',
  });
}
