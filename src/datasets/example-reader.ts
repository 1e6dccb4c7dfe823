import { availableParallelism } from 'node:os';
import { DuckDBListValue, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { cancellation, OperationEndedError } from '../database/operation-scope.js';
import { objectInOrder } from '../preparation/json-text.js';
import { isSystemColumn, madeByColumn, rowColumn, sourceRowColumn, splitColumn } from '../protocol/dataset-layout.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import {
  type DuckDb,
  type DuckDbParameters,
  identifier,
  isJson,
  openDuckDb,
  type ResultColumn,
} from '../storage/duckdb.js';
import { StorageError } from '../storage/storage-error.js';
import { verifiedPath } from '../storage/verified-path.js';
import { measureLists, summarizeNumbers } from './column-statistics.js';
import { columnTypes, hasAll, isList } from './columns-of-file.js';
import { compareWords } from './compare-words.js';
import { countLabels } from './count-labels.js';
import type { ExampleReader, SampledTexts, StoredExample } from './dataset-commands.js';
import { findDuplicates } from './find-duplicates.js';
import { parseStoredJson } from './stored-json.js';
import { timestampText } from './timestamp-text.js';

/**
 * How many statements run at a time; others wait. Each occupies one of Node's four threads for files, and holds a row
 * group in memory.
 */
const maxConnections = 2;
const memoryLimitMb = 512;
const mostSearchesKept = 100;
const threads = Math.min(2, availableParallelism());

const row = identifier(rowColumn);
const splitName = identifier(splitColumn);

export interface OpenExampleReader extends ExampleReader {
  close(): void;
}

/**
 * Reads rows of versions from their Parquet files.
 * @throws StorageError NOT_FOUND when a file is missing; CORRUPT when it can't be read because its bytes have changed
 */
export async function openExampleReader(store: ArtifactStore, temporaryFolder: string): Promise<OpenExampleReader> {
  const database = await openDuckDb(
    { path: ':memory:', threads, memoryLimitMb, temporaryFolder, cancellation },
    maxConnections,
  );

  /** Results of searches for duplicates: a plan is asked for many times, and versions never change. */
  const searches = new Map<string, Awaited<ReturnType<typeof findDuplicates>>>();

  /** Where DuckDB can't read files, their digests say whether a file is at fault. */
  async function readingAll<Result>(
    digests: readonly string[],
    read: (paths: readonly string[]) => Promise<Result>,
  ): Promise<Result> {
    const paths = await Promise.all(digests.map((digest) => store.localPath(digest)));
    try {
      return await read(paths);
    } catch (error) {
      if (!(error instanceof OperationEndedError) && !(error instanceof StorageError))
        for (const digest of digests) await verifiedPath(store, digest);
      throw error;
    }
  }
  const reading = <Result>(digest: string, read: (path: string) => Promise<Result>) =>
    readingAll([digest], ([path]) => read(path!));

  return {
    readExamples: ({ digest, split, limit, ...from }) =>
      reading(digest, async (path) => {
        const range = await rowRange(database, path, { split, limit, ...from });
        if (range === null) return [];
        // Row numbers are ascending in the file, so only the row groups of the range are read.
        const { columns, rows } = await database.read(
          `SELECT * FROM read_parquet($path) WHERE ${row} BETWEEN $first AND $last AND ($split IS NULL OR ${splitName} = $split)
         ORDER BY ${row}`,
          { path, split, first: BigInt(range.first), last: BigInt(range.last) },
        );
        return rows.map((values) => toExample(columns, values));
      }),

    readRows: ({ digest, rows }) =>
      reading(digest, async (path) => {
        if (rows.length === 0) return [];
        const numbers = rows.map((number) => BigInt(number)).join(', ');
        const found = await database.read(
          `SELECT * FROM read_parquet($path) WHERE ${row} IN (${numbers}) ORDER BY ${row}`,
          { path },
        );
        return found.rows.map((values) => toExample(found.columns, values));
      }),

    queryFiles<Row>(sql: string, files: Readonly<Record<string, string>>, values: DuckDbParameters) {
      const names = Object.keys(files);
      return readingAll(Object.values(files), (paths) =>
        database.query<Row>(sql, { ...values, ...Object.fromEntries(names.map((name, i) => [name, paths[i]!])) }),
      );
    },

    countLabels: ({ digest, ...columns }) => reading(digest, (path) => countLabels(database, path, columns)),

    summarizeNumbers: ({ digest, ...columns }) => reading(digest, (path) => summarizeNumbers(database, path, columns)),

    measureLists: ({ digest, columns }) => reading(digest, (path) => measureLists(database, path, columns)),

    compareWords: ({ digest, ...columns }) => reading(digest, (path) => compareWords(database, path, columns)),

    sampleTexts: ({ digest, ...sample }) => reading(digest, (path) => sampleTexts(database, path, sample)),

    findDuplicates: async (request) => {
      const key = JSON.stringify(request);
      const known = searches.get(key);
      if (known !== undefined) return known;
      const { trained, measured } = request;
      const found = await readingAll([trained.digest, measured.digest], ([trainedPath, measuredPath]) =>
        findDuplicates(database, { ...trained, path: trainedPath! }, { ...measured, path: measuredPath! }),
      );
      searches.set(key, found);
      const [oldest] = searches.keys();
      if (searches.size > mostSearchesKept && oldest !== undefined) searches.delete(oldest);
      return found;
    },

    close: () => database.close(),
  };
}

/** First and last row of a page; null when the page is empty. Reads at most two narrow columns, never the texts. */
async function rowRange(
  database: DuckDb,
  path: string,
  page: {
    readonly split: string | null;
    readonly afterRow?: number | null;
    readonly beforeRow?: number;
    readonly limit: number;
  },
): Promise<{ first: number; last: number } | null> {
  const { split, beforeRow, limit } = page;
  const afterRow = page.afterRow ?? -1;
  if (split === null) {
    return beforeRow === undefined
      ? { first: afterRow + 1, last: afterRow + limit }
      : { first: Math.max(0, beforeRow - limit), last: beforeRow - 1 };
  }
  const [condition, direction] = beforeRow === undefined ? ['> $edge', 'ASC'] : ['< $edge', 'DESC'];
  const [range] = await database.query<{ first: number | null; last: number }>(
    `SELECT min(number)::DOUBLE AS first, max(number)::DOUBLE AS last FROM (
       SELECT ${row} AS number FROM read_parquet($path) WHERE ${splitName} = $split AND ${row} ${condition} ORDER BY ${row} ${direction} LIMIT ${limit})`,
    { path, split, edge: BigInt(beforeRow ?? afterRow) },
  );
  return range === undefined || range.first === null ? null : { first: range.first, last: range.last };
}

function toExample(columns: readonly ResultColumn[], cells: readonly DuckDBValue[]): StoredExample {
  const values: [string, unknown][] = [];
  let number = 0;
  let split = '';
  let madeBy: string | null = null;
  let sourceRow: number | null = null;
  for (const [index, { name, type }] of columns.entries()) {
    const cell = cells[index]!;
    if (name === rowColumn) number = Number(cell);
    else if (name === splitColumn) split = String(cell);
    else if (name === madeByColumn) madeBy = cell === null ? null : String(cell);
    else if (name === sourceRowColumn) sourceRow = cell === null ? null : Number(cell);
    else if (!isSystemColumn(name)) {
      values.push([name, typeof cell === 'string' && isJson(type) ? parseStoredJson(cell) : toJson(cell)]);
    }
  }
  return { row: number, split, madeBy, sourceRow, values: objectInOrder(values) };
}

/** A cell as JSON can carry it: times, and numbers that JSON can't hold, become text. */
function toJson(cell: DuckDBValue): unknown {
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell);
  if (cell instanceof DuckDBTimestampValue) return timestampText(cell.micros);
  if (cell instanceof DuckDBListValue) return cell.items.map(toJson);
  return cell ?? null;
}

/** One pass over narrow columns selects the rows, and one pass over the texts reads them. */
async function sampleTexts(
  database: DuckDb,
  path: string,
  sample: Omit<Parameters<ExampleReader['sampleTexts']>[0], 'digest'>,
): Promise<SampledTexts[]> {
  const { split, textColumns, optionalColumns = [], limit } = sample;
  const types = await columnTypes(database, path);
  const all = [...textColumns, ...optionalColumns];
  const texts = all.map((column, i) => {
    const value = identifier(column);
    return `${isList(types, column) ? `array_to_string(${value}, ' ')` : `CAST(${value} AS VARCHAR)`} AS text${i}`;
  });
  const rows = await database.query<{ row: number } & Readonly<Record<`text${number}`, string | null>>>(
    `WITH numbered AS (
       SELECT ${row} AS number, row_number() OVER (ORDER BY ${row}) - 1 AS place, count(*) OVER () AS total
         FROM read_parquet($path) WHERE ${splitName} = $split AND ${hasAll(textColumns)}
     ), chosen AS (
       SELECT number FROM numbered WHERE place % greatest(1, ceil(total / ${limit})::BIGINT) = 0
     )
     SELECT ${row}::DOUBLE AS row, ${texts.join(', ')} FROM read_parquet($path)
      WHERE ${row} IN (SELECT number FROM chosen) ORDER BY ${row}`,
    { path, split },
  );
  return rows.map((each) => ({ row: each.row, texts: all.map((_, i) => each[`text${i}`] ?? '') }));
}
