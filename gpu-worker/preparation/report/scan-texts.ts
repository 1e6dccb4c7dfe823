import { setImmediate } from 'node:timers/promises';
import type { FileColumn, ReportedFile, ReportTools } from './reported-file.js';
import { row, rowsOf, split, textOf } from './reported-file.js';

/** Which rows are read where reading all would take too long. */
export interface RowSample {
  /** About how many rows are read; all, where there are no more. */
  readonly rows: number;
  readonly seed: number;
}

/** A row with its texts, one for each column that is read; null where there is none. */
export interface ReadRow {
  readonly row: number;
  readonly split: string;
  readonly texts: readonly (string | null)[];
}

/** Characters of a text that are read: beyond them, a page more says nothing new. */
const mostCharacters = 100_000;

/** An SQL condition that selects a sample of a file's rows: the same ones for the same seed, spread over the file. */
export function inSample({ rows, seed }: RowSample, total: number): string {
  if (total <= rows) return 'true';
  // The hash of a row's number is uniform over 64 bits.
  return `hash(${row}, ${Math.trunc(seed)}) <= ${((2n ** 64n - 1n) * BigInt(rows)) / BigInt(total)}::UBIGINT`;
}

/** Reads the texts of some columns chunk by chunk, and gives them to each reader. @returns how many rows were read */
export async function scanTexts(
  { database, beat }: ReportTools,
  file: ReportedFile,
  columns: readonly FileColumn[],
  condition: string,
  readers: readonly ((row: ReadRow) => void)[],
): Promise<number> {
  let read = 0;
  if (columns.length === 0 || readers.length === 0) return read;
  const texts = columns.map((column) => `left(${textOf(column)}, ${mostCharacters})`);
  const sql = `SELECT ${row}::DOUBLE, ${split}, ${texts.join(', ')} FROM ${rowsOf(file)} WHERE ${condition}`;
  for await (const chunk of database.stream(sql)) {
    for (const [number, name, ...values] of chunk) {
      // A text may take a millisecond of a tokenizer. Statements that ended meanwhile are followed by the next ones.
      if (read++ % 64 === 0) {
        beat();
        await setImmediate();
      }
      const each = { row: number as number, split: name as string, texts: values as (string | null)[] };
      for (const reader of readers) reader(each);
    }
  }
  return read;
}
