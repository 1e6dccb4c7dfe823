import type { ColumnType } from '../column-type.js';
import { identifier } from '../duckdb.js';
import { type StagedColumn, stagedName } from './staging.js';

/** A column of a Parquet file, to be staged. */
export interface ParquetColumn extends StagedColumn {
  /** SQL expression of the value, over the file. */
  readonly value: string;
}

/**
 * The staged column for a column of a Parquet file; null for binary data.
 * @param type DuckDB's name of the type
 */
export function describeColumn(name: string, type: string, index: number): ParquetColumn | null {
  const source = identifier(name);
  const described = (columnType: ColumnType, value: string) => ({
    name,
    type: columnType,
    value,
    expression: identifier(stagedName(index)),
  });
  if (type.endsWith('[]')) {
    switch (itemType(type.slice(0, -'[]'.length))) {
      case 'INTEGER':
        return described('INTEGER_LIST', `CAST(${source} AS BIGINT[])`);
      case 'FLOAT':
        return described('FLOAT_LIST', `CAST(${source} AS DOUBLE[])`);
      case 'TEXT':
        return described('TEXT_LIST', `CAST(${source} AS VARCHAR[])`);
      default:
        return described('JSON', `to_json(${source})`);
    }
  }
  if (type === 'BLOB') return null;
  if (type === 'BOOLEAN') return described('BOOLEAN', source);
  if (isInteger(type)) return described('INTEGER', `CAST(${source} AS BIGINT)`);
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return described('FLOAT', `CAST(${source} AS DOUBLE)`);
  if (type === 'TIMESTAMP WITH TIME ZONE') return described('TIMESTAMP', `${source} AT TIME ZONE 'UTC'`);
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return described('TIMESTAMP', `CAST(${source} AS TIMESTAMP)`);
  if (/^(STRUCT|MAP|UNION)|^JSON$/.test(type)) return described('JSON', `to_json(${source})`);
  return described('TEXT', `CAST(${source} AS VARCHAR)`);
}

/**
 * A column as JSON, which preserves lists that have no type here: without its missing items, a list would be another
 * one.
 */
export function asJson({ name, expression }: ParquetColumn): ParquetColumn {
  return { name, type: 'JSON', value: `to_json(${identifier(name)})`, expression };
}

/**
 * The type of items; null for items that stay JSON, such as times, flags, records, lists, and decimals that a float
 * would round.
 */
function itemType(type: string): 'INTEGER' | 'FLOAT' | 'TEXT' | null {
  if (isInteger(type)) return 'INTEGER';
  if (type === 'FLOAT' || type === 'DOUBLE') return 'FLOAT';
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const [digits, fraction] = [Number(decimal[1]), Number(decimal[2])];
    if (fraction === 0 && digits <= 18) return 'INTEGER';
    return digits <= 15 ? 'FLOAT' : null;
  }
  return /^(VARCHAR|UUID|UBIGINT|U?HUGEINT|ENUM\(.*\))$/s.test(type) ? 'TEXT' : null;
}

/** Whether a type has whole numbers that fit 64 bits with a sign. */
function isInteger(type: string): boolean {
  return /^(TINY|SMALL|BIG|)INT(EGER)?$|^U(TINY|SMALL)INT$|^UINTEGER$/.test(type);
}
