import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { BatchFormat, ResultColumn } from '../../src/protocol/batch-prediction.js';
import { isSystemColumn, rowColumn, splitColumn, textColumnOf } from '../../src/protocol/dataset-layout.js';
import { isComputed, sqlTypes } from './predicted-values.js';
import { literal, quoted } from './quoted.js';

/** DuckDB spills what exceeds this to the folder. */
const memoryLimitMb = 512;
/** How often a long statement is looked after. */
const watchIntervalMs = 500;

export interface ResultRequest {
  /** The rows, in the layout of a dataset version. */
  readonly dataPath: string;
  /** Files of lines {row, c0, c1, …}: the values of the computed columns, in their order. */
  readonly partPaths: readonly string[];
  readonly columns: readonly ResultColumn[];
  readonly format: BatchFormat;
  /** For the file, and for data that do not fit in memory. */
  readonly folder: string;
  /** How many rows the file must have. */
  readonly rows: number;
  /** Called twice a second: it can give a sign of life, or throw in order to stop. */
  readonly onWait: () => void;
}

/**
 * Writes the rows that have predictions, with all their columns and the added ones, in order. Returns the file's path.
 */
export async function writeResult(request: ResultRequest): Promise<string> {
  const { dataPath, partPaths, columns, format, folder, rows } = request;
  const path = join(folder, 'result');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: join(folder, 'spill'),
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const described = await connection.runAndReadAll(
      'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))',
      { path: dataPath },
    );
    const typeOf = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
    const given = [...typeOf]
      .filter(([name]) => !isSystemColumn(name))
      .map(([name, type]) => `${givenValue(format, name, type, typeOf)} AS ${quoted(name)}`);
    const computed = columns.filter(isComputed);
    const added = columns.map((column) => {
      const value = isComputed(column)
        ? addedValue(format, column, computed.indexOf(column))
        : `v.${quoted(splitColumn)}`;
      return `${value} AS ${quoted(column.name)}`;
    });
    const types = computed.map(({ content }, i) => `c${i}: ${literal(sqlTypes[content])}`);
    const files = `[${partPaths.map(literal).join(', ')}]`;
    const predicted =
      partPaths.length === 0
        ? `(SELECT NULL::BIGINT AS "row", ${computed.map(({ content }, i) => `NULL::${sqlTypes[content]} AS c${i}`)} WHERE false)`
        : `read_json(${files}, format = 'newline_delimited', columns = {row: 'BIGINT', ${types.join(', ')}})`;
    const written = await watched(connection, request.onWait, () =>
      connection.runAndReadAll(
        `COPY (
           SELECT ${[...given, ...added].join(', ')}
             FROM read_parquet(${literal(dataPath)}) AS v JOIN ${predicted} AS p ON v.${quoted(rowColumn)} = p."row"
            ORDER BY v.${quoted(rowColumn)}
         ) TO ${literal(path)} (${copyOptions[format]})`,
      ),
    );
    const count = Number(written.getRows()[0]?.[0] ?? -1);
    if (count !== rows) throw new Error(`${rows} rows were predicted, but ${count} were written.`);
    return path;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const copyOptions: Readonly<Record<BatchFormat, string>> = {
  jsonLines: 'FORMAT json',
  csv: 'FORMAT csv, HEADER true',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** A column of the rows, as the format holds it: in CSV the texts of the user's file, where it has them. */
function givenValue(format: BatchFormat, name: string, type: string, typeOf: ReadonlyMap<string, string>): string {
  const value = `v.${quoted(name)}`;
  switch (format) {
    case 'parquet':
      return value;
    case 'jsonLines':
      return jsonValue(value, type);
    case 'csv':
      if (typeOf.has(textColumnOf(name))) return `v.${quoted(textColumnOf(name))}`;
      return isNested(type) ? `to_json(${value})::VARCHAR` : value;
    default:
      return format satisfies never;
  }
}

/** A value as JSON can carry it, as examples show it in the graph. */
function jsonValue(value: string, type: string): string {
  switch (type) {
    case 'DOUBLE':
      return jsonNumber(value);
    case 'DOUBLE[]':
      return `list_transform(${value}, lambda x: ${jsonNumber('x')})`;
    case 'TIMESTAMP':
      return `CASE WHEN microsecond(${value}) % 1000 = 0 THEN strftime(${value}, '%Y-%m-%dT%H:%M:%S.%gZ')
                   ELSE strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ') END`;
    default:
      return value;
  }
}

/** JSON has no NaN and no infinities: they become texts. */
function jsonNumber(value: string): string {
  return `CASE WHEN isfinite(${value}) THEN to_json(${value}) WHEN isnan(${value}) THEN to_json('NaN')
               WHEN ${value} > 0 THEN to_json('Infinity') WHEN ${value} < 0 THEN to_json('-Infinity') END`;
}

function addedValue(
  format: BatchFormat,
  { content }: { readonly content: keyof typeof sqlTypes },
  index: number,
): string {
  const value = `p.c${index}`;
  return format === 'csv' && isNested(sqlTypes[content]) ? `to_json(${value})::VARCHAR` : value;
}

function isNested(type: string): boolean {
  return type.endsWith('[]');
}

/** Runs a long statement; it is interrupted when `onWait` throws, and that error is thrown. */
async function watched<Result>(
  connection: DuckDBConnection,
  onWait: () => void,
  run: () => Promise<Result>,
): Promise<Result> {
  let thrown: unknown = null;
  const timer = setInterval(() => {
    try {
      onWait();
    } catch (error) {
      thrown = error;
    }
    // An interrupt has no effect before the statement is prepared, so it is repeated.
    if (thrown !== null) connection.interrupt();
  }, watchIntervalMs);
  try {
    return await run();
  } catch (error) {
    throw thrown ?? error;
  } finally {
    clearInterval(timer);
  }
}
