import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { promptTurns } from '../../src/conversations/index.js';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import { feedbackLimits } from '../../src/protocol/feedback/feedback-limits.js';
import type { ItemColumns } from '../../src/protocol/feedback/make-items-job.js';
import type { Prompt } from '../../src/protocol/generation.js';
import { createRandom, shuffle } from '../../src/statistics/random.js';
import { ProblemError } from '../problem-error.js';
import { quoted } from './quoted.js';

/** A row of a dataset version, as items show it. Null: the row has no such text, or one that can not be read. */
export interface SourceRow {
  /** Its number in the version. */
  readonly row: number;
  readonly text: string | null;
  readonly prompt: Prompt | null;
  readonly answers: readonly (string | null)[];
}

/** Opens a file of rows, in the layout of a dataset version, for a few questions. */
async function withRows<Result>(
  ask: (query: (sql: string, values: Record<string, DuckDBValue>) => Promise<DuckDBValue[][]>) => Promise<Result>,
): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    return await ask(async (sql, values) => (await connection.runAndReadAll(sql, values)).getRows());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * Numbers of rows of a split: the first ones as they stand or, with a seed, a random sample without repetition in the
 * order of the draw.
 *
 * @param split null: of all splits
 * @param except rows that are none of them, by their numbers
 */
export function drawRows(
  path: string,
  split: string | null,
  most: number,
  seed: number | null,
  except: readonly number[] = [],
): Promise<number[]> {
  return withRows(async (query) => {
    const limit = seed === null ? `LIMIT ${most}` : '';
    const others = except.length === 0 ? '' : `AND ${quoted(rowColumn)} NOT IN (${except.map(Math.trunc).join(', ')})`;
    const rows = await query(
      `SELECT ${quoted(rowColumn)} FROM read_parquet($path)
        WHERE ($split IS NULL OR ${quoted(splitColumn)} = $split) ${others} ORDER BY 1 ${limit}`,
      { path, split },
    );
    const numbers = Int32Array.from(rows, ([row]) => Number(row));
    if (seed !== null) shuffle(numbers, createRandom(seed));
    return [...numbers.subarray(0, most)];
  });
}

/** Reads rows by their numbers, in the given order. A text that is too long for an item is cut one character later. */
export function readSourceRows(path: string, columns: ItemColumns, rows: readonly number[]): Promise<SourceRow[]> {
  const { text, prompt, answers } = columns;
  return withRows(async (query) => {
    const described = await query('SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))', {
      path,
    });
    const typeOf = new Map(described.map(([name, type]) => [String(name), String(type)]));
    const select = (column: string | null): string => (column === null ? 'NULL' : textOf(column, typeOf.get(column)));
    // A list of messages is not cut, since the rest of it could not be read.
    const whole = prompt?.form === 'messages' ? `CAST(${quoted(prompt.column)} AS VARCHAR)` : null;
    const selected = [select(text), whole ?? select(prompt?.column ?? null), ...answers.map(select)];
    const found = new Map<number, SourceRow>();
    if (rows.length > 0) {
      const values = await query(
        `SELECT ${quoted(rowColumn)}, ${selected.join(', ')} FROM read_parquet($path)
          WHERE ${quoted(rowColumn)} IN (${rows.join(', ')})`,
        { path },
      );
      for (const [number, first, second, ...others] of values) {
        const row = Number(number);
        const said = (value: DuckDBValue | undefined) => (typeof value === 'string' ? value : null);
        const asked = said(second);
        found.set(row, {
          row,
          text: said(first),
          prompt: asked === null ? null : promptOf(asked, prompt?.form ?? 'text'),
          answers: others.map(said),
        });
      }
    }
    return rows.flatMap((row) => found.get(row) ?? []);
  });
}

function textOf(column: string, type: string | undefined): string {
  if (type === undefined) {
    const message = `the rows have no column “${column}”`;
    throw new ProblemError({ path: ['source'], code: 'UNKNOWN_COLUMN', message, hint: null });
  }
  const text = type.endsWith('[]') ? `array_to_string(${quoted(column)}, ' ')` : `CAST(${quoted(column)} AS VARCHAR)`;
  return `left(${text}, ${feedbackLimits.maxTextCharacters + 1})`;
}

/** Null: there is nothing to answer. */
function promptOf(text: string, form: 'text' | 'messages'): Prompt | null {
  if (text.trim() === '') return null;
  if (form === 'text') return { kind: 'text', text };
  const messages = promptTurns(text);
  return messages === null || messages.length === 0 ? null : { kind: 'messages', messages };
}
