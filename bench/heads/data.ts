import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, shuffle } from '../../gpu-worker/data/random.js';

/** One example: columns by name. */
export type Row = Readonly<Record<string, string | number | readonly string[]>>;

/** What is trained on, what thresholds are chosen on, and what neither side sees before it is scored. */
export interface Splits {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}

/** Rows of each split. */
export type SplitCounts = { readonly [Split in keyof Splits]: number };

/** Sets the choice of rows apart from the seeds of trainings: all of these see the same rows. */
const rowSeed = 20;

/** Rows in a random order that is always the same. */
export function shuffled(rows: readonly Row[]): Row[] {
  const order = shuffle(Int32Array.from(rows.keys()), createRandom(rowSeed));
  return Array.from(order, (row) => rows[row]!);
}

/** Cuts rows into splits, one after the other. @throws Error when there are too few */
export function cut(rows: readonly Row[], counts: SplitCounts, source: string): Splits {
  const { train, validation, test } = counts;
  const wanted = train + validation + test;
  if (rows.length < wanted) throw new Error(`${source} has ${rows.length} rows, ${wanted} are wanted.`);
  return {
    train: rows.slice(0, train),
    validation: rows.slice(train, train + validation),
    test: rows.slice(train + validation, wanted),
  };
}

/** The lines of a file, without empty ones at its end. @throws Error that names the file when it is not there */
export function linesOf(...path: readonly string[]): string[] {
  const file = join(...path);
  if (!existsSync(file)) throw new Error(`ATTUNE_BENCH_DATA: there is no ${file}.`);
  return readFileSync(file, 'utf8').replace(/\n+$/, '').split('\n');
}
