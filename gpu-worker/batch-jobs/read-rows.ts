import { DuckDBInstance, type DuckDBResult, type DuckDBValue } from '@duckdb/node-api';
import { isEmptyText, type RowError } from '../../src/protocol/batch-prediction.js';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';
import { quoted } from './quoted.js';

/** How many rows are predicted at a time: enough to fill batches of similar lengths, few enough to stop soon. */
const rowsAtATime = 512;

/** As in `predict`, where a text is tagged as a whole. */
const maxTaggedCharacters = 100_000;

export interface RowQuery {
  /** Rows in the layout of a dataset version: a Parquet file, ascending by row number. */
  readonly path: string;
  /** Null: rows of all splits. */
  readonly split: string | null;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  /** Whether the second text may be empty, as answers may. */
  readonly pairMayBeEmpty: boolean;
  /** Only rows after this one; null: from the first. */
  readonly after: number | null;
  /** Whether words are to be tagged. Else a text is cut while it is read, to what the model may see of it. */
  readonly tagsWords: boolean;
  readonly maxCharacters: number;
  /** The side that is cut off. */
  readonly truncationSide: TruncationSide;
}

export interface TextRow {
  /** Its number in the file. */
  readonly row: number;
  readonly text: string;
  /** Null for single texts. */
  readonly pair: string | null;
  /** Why it can not be predicted; null: it can. */
  readonly error: RowError | null;
}

/**
 * The texts of rows in the order of the file, `rowsAtATime` at a time and fewer at the end. Words of a list are joined
 * by spaces. The file is read as the rows are taken, so that memory does not grow with it.
 *
 * @throws ProblemError UNKNOWN_COLUMN
 */
export async function* readRows(query: RowQuery): AsyncGenerator<readonly TextRow[]> {
  const { path, split, after, pairColumn } = query;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll(
      'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))',
      { path },
    );
    const typeOf = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
    const texts = [query.textColumn, ...(pairColumn === null ? [] : [pairColumn])].map((column) =>
      textExpression(query, column, typeOf.get(column)),
    );
    const result = await connection.stream(
      `SELECT ${quoted(rowColumn)}, ${texts.join(', ')} FROM read_parquet($path)
        WHERE ${quoted(rowColumn)} > $after AND ($split IS NULL OR ${quoted(splitColumn)} = $split)`,
      { path, split, after: BigInt(after ?? -1) },
    );
    yield* inPortions(result, query);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function* inPortions(result: DuckDBResult, query: RowQuery): AsyncGenerator<readonly TextRow[]> {
  let waiting: TextRow[] = [];
  let last = query.after ?? -1;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const values of chunk.getRows()) {
      const read = toTextRow(values, query);
      if (read.row <= last) throw new Error(`The rows of the file are not ascending: ${read.row} after ${last}.`);
      last = read.row;
      waiting.push(read);
      if (waiting.length < rowsAtATime) continue;
      yield waiting;
      waiting = [];
    }
  }
  if (waiting.length > 0) yield waiting;
}

function textExpression({ tagsWords, maxCharacters, truncationSide }: RowQuery, column: string, type?: string): string {
  if (type === undefined) {
    const message = `the rows have no column “${column}”`;
    throw new ProblemError({ path: ['textColumn'], code: 'UNKNOWN_COLUMN', message, hint: null });
  }
  const text = type.endsWith('[]') ? `array_to_string(${quoted(column)}, ' ')` : `CAST(${quoted(column)} AS VARCHAR)`;
  // One character more than may be tagged shows that a text is too long.
  if (tagsWords) return `left(${text}, ${maxTaggedCharacters + 1})`;
  return `${truncationSide === 'right' ? 'left' : 'right'}(${text}, ${maxCharacters})`;
}

function toTextRow(
  [row, first, second]: readonly DuckDBValue[],
  { pairColumn, pairMayBeEmpty, tagsWords }: RowQuery,
): TextRow {
  const [text, pair] = [textOf(first), pairColumn === null ? null : textOf(second)];
  const isSaid = pairMayBeEmpty && typeof second === 'string';
  return {
    row: Number(row),
    text,
    pair,
    error: errorOf([text, ...(pair === null || isSaid ? [] : [pair])], tagsWords),
  };
}

function textOf(value: DuckDBValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function errorOf(texts: readonly string[], tagsWords: boolean): RowError | null {
  if (texts.some(isEmptyText)) return 'EMPTY_TEXT';
  return tagsWords && texts.some(({ length }) => length > maxTaggedCharacters) ? 'TEXT_TOO_LONG' : null;
}
