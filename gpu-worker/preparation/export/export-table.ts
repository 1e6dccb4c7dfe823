import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { rowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import type { RowExport } from '../../../src/protocol/preparation/row-export.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { rowsIn, textsOf, type VersionFile } from './exported-columns.js';

type TableExport = Extract<RowExport, { readonly format: 'CSV' | 'JSONL' | 'PARQUET' }>;

/**
 * What spreadsheet programs take for the beginning of a formula (OWASP, “CSV Injection”): tabs and line ends are passed
 * over by some of them.
 */
const formula = '^[=+\\-@\\t\\r\\n]';
const isFormula = new RegExp(formula);

/**
 * Writes the rows of a version in their order: CSV by RFC 4180 with a header, in which a missing value is an empty
 * field and an empty text is `""`; JSON Lines; or Parquet. Equal rows give equal bytes.
 *
 * @returns how many rows were written
 * @throws ProblemsError INVALID_VALUE: the added column has the name of another
 */
export async function exportTable(
  database: DuckDb,
  file: VersionFile,
  request: TableExport,
  to: string,
): Promise<number> {
  const { splitColumn: added } = request;
  const columns = chosen(file, request.columns);
  if (added !== null && columns.some(({ name }) => name.toLowerCase() === added.toLowerCase())) {
    const message = `A column that is written has the name “${added}” already.`;
    throw new ProblemsError([problem(['splitColumn'], 'INVALID_VALUE', message, 'Choose another name.')]);
  }
  const rows = rowsIn(file, request.splits);
  const texts = request.format === 'CSV' ? await textsOf(database, file) : null;
  const isGuarded = request.format === 'CSV' && request.guardFormulas;
  const heading = (name: string): string => identifier(isGuarded && isFormula.test(name) ? `'${name}` : name);
  const values = columns.map(({ name, type }) => {
    const value = texts?.get(name) ?? identifier(name);
    const written = isGuarded && (type === 'TEXT' || type === 'JSON') ? guarded(value) : value;
    return `${written} AS ${heading(name)}`;
  });
  if (added !== null) {
    const split = identifier(splitColumn);
    values.push(`${isGuarded ? guarded(split) : split} AS ${heading(added)}`);
  }
  await database.query('SET threads = 1');
  await database.query(
    `COPY (SELECT ${values.join(', ')} FROM ${rows} ORDER BY ${identifier(rowColumn)}) TO ${literal(to)} (${optionsOf(request)})`,
  );
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rows}`);
  return counted!.rows;
}

/** The columns that are written, in their order. */
function chosen({ columns }: VersionFile, names: TableExport['columns']): VersionFile['columns'] {
  if (names === null) return columns;
  return names.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw new RangeError(`The version has no column “${name}”.`);
    return column;
  });
}

function optionsOf({ format }: TableExport): string {
  switch (format) {
    case 'CSV':
      return `FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR ''`;
    case 'JSONL':
      return 'FORMAT json, ARRAY false';
    case 'PARQUET':
      return 'FORMAT parquet, PARQUET_VERSION v1, COMPRESSION zstd, COMPRESSION_LEVEL 3, PRESERVE_ORDER true';
    default:
      return format satisfies never;
  }
}

function guarded(value: string): string {
  return `CASE WHEN regexp_matches(${value}, ${literal(formula)}) THEN '''' || ${value} ELSE ${value} END`;
}
