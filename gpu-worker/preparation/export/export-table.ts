import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { rowColumn, splitColumn } from '../../../src/protocol/dataset-layout.js';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
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
  const texts = await textsOf(database, file);
  const values = columns.map(({ name, type }) => ({ name, value: valueIn(request, name, type, texts.get(name)!) }));
  if (added !== null)
    values.push({ name: added, value: valueIn(request, splitColumn, 'TEXT', identifier(splitColumn)) });
  const heading = (name: string): string => (isGuarded(request) && isFormula.test(name) ? `'${name}` : name);
  const selected = values.map(({ name, value }) => `${value} AS ${identifier(heading(name))}`).join(', ');
  await database.query('SET threads = 1');
  await database.query(
    `COPY (SELECT ${selected} FROM ${rows} ORDER BY ${identifier(rowColumn)}) TO ${literal(to)} (${optionsOf(request)})`,
  );
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rows}`);
  return counted!.rows;
}

function isGuarded(request: TableExport): boolean {
  return request.format === 'CSV' && request.guardFormulas;
}

/** An SQL expression of a column's values as the format has them. */
function valueIn(request: TableExport, name: string, type: ColumnType, text: string): string {
  switch (request.format) {
    case 'CSV':
      return isGuarded(request) && (type === 'TEXT' || type === 'JSON') ? guarded(text) : text;
    case 'JSONL':
      // JSON has no times: it gets the text that the file had.
      return type === 'TIMESTAMP' ? text : jsonOf(identifier(name), type);
    case 'PARQUET':
      return identifier(name);
    default:
      return request satisfies never;
  }
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

/** JSON has neither NaN nor infinities: they are texts, as rows that are read from Parquet have them in JSON. */
function jsonOf(value: string, type: ColumnType): string {
  const number = (each: string): string =>
    `CASE WHEN ${each} IS NULL OR isfinite(${each}) THEN to_json(${each})
       ELSE to_json(CASE WHEN isnan(${each}) THEN 'NaN' WHEN ${each} > 0 THEN 'Infinity' ELSE '-Infinity' END) END`;
  if (type === 'FLOAT') return number(value);
  return type === 'FLOAT_LIST' ? `list_transform(${value}, lambda item: ${number('item')})` : value;
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
