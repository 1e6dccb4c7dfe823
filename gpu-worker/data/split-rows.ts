import { DuckDBInstance } from '@duckdb/node-api';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { ProblemError } from '../problem-error.js';

export interface SplitRows {
  /** Texts of the split in row order, each cut to `maxCharacters`; rows without a text are left out. */
  readonly texts: readonly string[];
  /** One array a label column; null: missing. */
  readonly labels: readonly (readonly (string | null)[])[];
  /** Rows of the split that have no text. */
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
  readonly labelColumns: readonly NamedInput[];
  /** Longer texts leave the file already cut: a 10 MB text costs no more than its beginning. */
  readonly maxCharacters: number;
}

/**
 * Reads one split of a dataset version.
 * Errors: ProblemError UNKNOWN_COLUMN, EMPTY_SPLIT (no row with a text).
 */
export async function readSplitRows(query: SplitQuery): Promise<SplitRows> {
  const { path, split, textColumn, labelColumns, maxCharacters } = query;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll('SELECT name FROM parquet_schema($path)', { path });
    const columns = new Set(described.getColumns()[0]);
    for (const column of [textColumn, ...labelColumns]) {
      if (!columns.has(column.name)) throw unknownColumn(column);
    }
    const labels = labelColumns.map(({ name }, index) => `CAST(${quoted(name)} AS VARCHAR) AS label${index}`);
    const selected = [`left(CAST(${quoted(textColumn.name)} AS VARCHAR), ${maxCharacters}) AS text`, ...labels].join(
      ', ',
    );
    const result = await connection.runAndReadAll(
      `SELECT ${selected} FROM read_parquet($path) WHERE ${quoted(splitColumn)} = $split ORDER BY ${quoted(rowColumn)}`,
      { path, split: split.name },
    );
    const [allTexts = [], ...allLabels] = result.getColumns() as (string | null)[][];
    const texts = allTexts.filter((text) => text !== null);
    if (texts.length === 0) throw emptySplit(split, textColumn, allTexts.length);
    return {
      texts,
      labels: allLabels.map((values) => values.filter((_, row) => allTexts[row] !== null)),
      rowsWithoutText: allTexts.length - texts.length,
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

function emptySplit(split: NamedInput, textColumn: NamedInput, rows: number): ProblemError {
  return new ProblemError({
    path: split.path,
    code: 'EMPTY_SPLIT',
    message:
      rows === 0
        ? `the dataset version has no row in split “${split.name}”`
        : `none of the ${rows} rows of split “${split.name}” has a text in column “${textColumn.name}”`,
    hint: 'Choose another split, or a dataset version whose splits all have rows.',
  });
}
