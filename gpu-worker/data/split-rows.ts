import { DuckDBInstance, DuckDBListValue } from '@duckdb/node-api';
import { rowColumn, splitColumn, textColumnOf } from '../../src/protocol/dataset-layout.js';
import { identifier } from '../../src/protocol/duckdb-names.js';
import { type DividedSplit, selectHeldOut } from '../../src/protocol/held-out.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';
import { type PromptsDrawn, selectDrawn } from './drawn-rows.js';

/**
 * A column's values as targets are read from them: texts (those of the user's file, where it has them), lists of texts,
 * or numbers (also NaN and the infinities).
 */
export type ColumnValues =
  | { readonly as: 'text'; readonly values: readonly (string | null)[] }
  | { readonly as: 'texts'; readonly values: readonly (readonly (string | null)[] | null)[] }
  | { readonly as: 'number'; readonly values: readonly (number | null)[] };

export interface SplitRows {
  /** The numbers of the rows in the dataset version. */
  readonly rows: readonly number[];
  /**
   * Texts of the split in row order. Each is cut to `maxCharacters`, unless its words are wanted and it is a plain
   * text; the words of a list are joined by spaces. Rows without a text, or without one of a pair, are left out.
   */
  readonly texts: readonly string[];
  /** Second text of each row; null without a second column. */
  readonly pairs: readonly string[] | null;
  /**
   * The words of each text, all of them, from a column of lists; null where the text column holds plain texts, or where
   * words are not wanted.
   */
  readonly words: readonly (readonly string[])[] | null;
  /** One for each target column. */
  readonly targets: readonly ColumnValues[];
  /** Rows of the split that lack a text, or one of a pair. */
  readonly rowsWithoutText: number;
}

/** A name that a user gave, and its path in the input, for the problem that is reported when nothing has that name. */
export interface NamedInput {
  readonly name: string;
  readonly path: readonly string[];
}

/** A column of targets, and what its values are read as. */
export interface TargetColumn extends NamedInput {
  readonly as: ColumnValues['as'];
}

/** A part of a split: what is held out of it, or the rest. */
export interface SplitPart {
  readonly division: DividedSplit;
  readonly isHeldOut: boolean;
}

export interface SplitQuery {
  /** The dataset version's Parquet file. */
  readonly path: string;
  readonly split: NamedInput;
  /** Reads a part of the split alone. Default: all of it. */
  readonly part?: SplitPart | null;
  /** Reads no more rows with all texts than these, drawn from all over the split, always the same. Default: all. */
  readonly most?: number | null;
  /** Draws prompt by prompt, of a column of targets, and `most` counts pairs of answers. Default: row by row. */
  readonly mostBy?: PromptsDrawn | null;
  readonly textColumn: NamedInput;
  /** Column of second texts, for tasks on pairs. */
  readonly pairColumn: NamedInput | null;
  readonly targetColumns: readonly TargetColumn[];
  /**
   * Whether words are wanted. If so, a text column of lists gives them beside the texts, and plain texts are not cut,
   * so that their words can be counted.
   */
  readonly wantsWords: boolean;
  /** Texts are cut while the file is read: a 10 MB text costs no more than the part of it that is kept. */
  readonly maxCharacters: number;
  /** The side that is cut off. */
  readonly truncationSide: TruncationSide;
}

/**
 * Reads one split of a dataset version.
 * Errors: ProblemError UNKNOWN_COLUMN, WRONG_COLUMN_TYPE (a target column has single values where lists are needed, or
 * lists where single values are), EMPTY_SPLIT (no row with a text).
 */
export async function readSplitRows(query: SplitQuery): Promise<SplitRows> {
  const { path, split, part = null, most = null, mostBy = null } = query;
  const { textColumn, pairColumn, targetColumns, maxCharacters, truncationSide } = query;
  const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll(
      'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))',
      { path },
    );
    const [names = [], types = []] = described.getColumns() as string[][];
    const typeOf = new Map(names.map((name, index) => [name, types[index] ?? '']));
    const isList = ({ name }: NamedInput) => typeOf.get(name)?.endsWith('[]') === true;
    for (const column of [...textColumns, ...targetColumns]) {
      if (!typeOf.has(column.name)) throw unknownColumn(column);
    }
    for (const column of targetColumns) {
      if ((column.as === 'texts') !== isList(column)) throw wrongType(column, typeOf.get(column.name) ?? '');
    }
    const kept = truncationSide === 'right' ? 'left' : 'right';
    const texts = textColumns.map((column, index) => {
      const text = isList(column)
        ? `array_to_string(${identifier(column.name)}, ' ')`
        : `CAST(${identifier(column.name)} AS VARCHAR)`;
      // Words of a plain text are counted, so that all of it is needed.
      const isUncut = query.wantsWords && !isList(column);
      return isUncut ? `${text} AS text${index}` : `${kept}(${text}, ${maxCharacters}) AS text${index}`;
    });
    const hasWords = query.wantsWords && isList(textColumn);
    const words = hasWords ? [`CAST(${identifier(textColumn.name)} AS VARCHAR[]) AS words`] : [];
    const targets = targetColumns.map(({ name, as }, index) => {
      const text = textColumnOf(name);
      return `CAST(${identifier(as === 'text' && typeOf.has(text) ? text : name)} AS ${sqlTypes[as]}) AS target${index}`;
    });
    const inPart =
      part === null
        ? ''
        : `AND ${identifier(rowColumn)} ${part.isHeldOut ? 'IN' : 'NOT IN'} (${selectHeldOut(part.division, typeOf)})`;
    const number = `CAST(${identifier(rowColumn)} AS DOUBLE) AS number`;
    const ofSplit = `FROM read_parquet($path) WHERE ${identifier(splitColumn)} = $split ${inPart}`;
    const areThere = textColumns.map(({ name }) => `AND ${identifier(name)} IS NOT NULL`).join(' ');
    const isDrawn =
      most === null ? '' : `AND ${identifier(rowColumn)} IN (${selectDrawn(most, mostBy, `${ofSplit} ${areThere}`)})`;
    const result = await connection.runAndReadAll(
      `SELECT ${[...texts, ...words, ...targets, number].join(', ')} ${ofSplit} ${isDrawn} ORDER BY ${identifier(rowColumn)}`,
      { path, split: split.name },
    );
    const columns = result.getColumns() as unknown[][];
    const allTexts = columns.slice(0, textColumns.length) as (string | null)[][];
    const rows = allTexts[0]?.length ?? 0;
    const hasAllTexts = (_: unknown, row: number) => allTexts.every((column) => column[row] !== null);
    const [first = [], second = null] = allTexts.map((column) => column.filter(hasAllTexts) as string[]);
    if (first.length === 0) throw emptySplit(split, textColumns, rows);
    const rest = columns.slice(textColumns.length).map((values) => values.filter(hasAllTexts));
    return {
      rows: rest.pop() as number[],
      texts: first,
      pairs: second,
      words: hasWords ? (rest[0] ?? []).map((list) => (listOf(list) ?? []).map((word) => word ?? '')) : null,
      targets: targetColumns.map(({ as }, index) => valuesAs(as, rest[(hasWords ? 1 : 0) + index] ?? [])),
      rowsWithoutText: rows - first.length,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const sqlTypes = { text: 'VARCHAR', texts: 'VARCHAR[]', number: 'DOUBLE' } as const;

function valuesAs(as: ColumnValues['as'], values: readonly unknown[]): ColumnValues {
  switch (as) {
    case 'text':
      return { as, values: values as (string | null)[] };
    case 'texts':
      return { as, values: values.map(listOf) };
    case 'number':
      return { as, values: values as (number | null)[] };
    default:
      return as satisfies never;
  }
}

function listOf(value: unknown): (string | null)[] | null {
  return value instanceof DuckDBListValue ? (value.items as (string | null)[]) : null;
}

function unknownColumn({ name, path }: NamedInput): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'UNKNOWN_COLUMN',
    message: `the dataset version has no column “${name}”`,
    hint: null,
  });
}

function wrongType({ name, path, as }: TargetColumn, type: string): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'WRONG_COLUMN_TYPE',
    message:
      as === 'texts'
        ? `column “${name}” is of type ${type}, but the head needs lists`
        : `column “${name}” holds lists, but the head needs single values`,
    hint: null,
  });
}

function emptySplit(split: NamedInput, textColumns: readonly NamedInput[], rows: number): ProblemError {
  const named = textColumns.map(({ name }) => `“${name}”`).join(' and ');
  return new ProblemError({
    path: [...split.path],
    code: 'EMPTY_SPLIT',
    message:
      rows === 0
        ? `the dataset version has no row in split “${split.name}”`
        : `none of the ${rows} rows of split “${split.name}” has a text in ${textColumns.length === 1 ? 'column' : 'both columns,'} ${named}`,
    hint: 'Choose another split, or a dataset version whose splits all have rows.',
  });
}
