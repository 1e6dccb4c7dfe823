import {
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { identifier, literal } from '../../../src/storage/duckdb.js';
import { asTimestamp } from './parquet-times.js';

/** Types with values that DuckDB's `to_json` refuses, or writes as not every reader of JSON understands them. */
const needingCare = new Set([
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.BLOB,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.VARIANT,
]);

/** Whether a type, or one nested in it, is one of these. */
export function contains(type: DuckDBType, ids: ReadonlySet<DuckDBTypeId>): boolean {
  return ids.has(type.typeId) || childrenOf(type).some((child) => contains(child, ids));
}

function childrenOf(type: DuckDBType): readonly DuckDBType[] {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return [(type as DuckDBListType).valueType];
    case DuckDBTypeId.MAP:
      return [(type as DuckDBMapType).keyType, (type as DuckDBMapType).valueType];
    case DuckDBTypeId.STRUCT:
      return (type as DuckDBStructType).entryTypes;
    default:
      return [];
  }
}

/**
 * An SQL expression of a value as JSON, NULL for a missing value. NaN and the infinities, which JSON does not know, are
 * the texts "NaN", "Infinity" and "-Infinity", as they are in columns of numbers; decimals that a float would round are
 * texts of their digits; binary data are the text that they hold in UTF-8; times with a time zone are in UTC.
 *
 * @param expression of the value
 * @param depth how many lists and maps enclose it: their items need names of their own
 */
export function asJsonValue(type: DuckDBType, expression: string, depth = 0): string {
  if (!contains(type, needingCare)) return `to_json(${expression})`;
  switch (type.typeId) {
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return `CASE WHEN isfinite(${expression}) THEN to_json(${expression}) WHEN isnan(${expression}) THEN '"NaN"'::JSON
        WHEN ${expression} > 0 THEN '"Infinity"'::JSON WHEN ${expression} < 0 THEN '"-Infinity"'::JSON END`;
    case DuckDBTypeId.DECIMAL:
      return `CASE WHEN ${isRounded(type, expression)} THEN to_json(CAST(${expression} AS VARCHAR)) ELSE to_json(${expression}) END`;
    case DuckDBTypeId.BLOB:
      return `to_json(decode(${expression}))`;
    case DuckDBTypeId.TIMESTAMP:
      return `to_json(${asTimestamp(type, expression)})`;
    case DuckDBTypeId.TIMESTAMP_NS:
      return `to_json(CASE WHEN ${expression} < TIMESTAMP_NS '-infinity' THEN TIMESTAMP_NS '-infinity' ELSE ${expression} END)`;
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `to_json(CAST(${asTimestamp(type, expression)} AS VARCHAR) || '+00')`;
    case DuckDBTypeId.LIST: {
      const item = `item${depth}`;
      const { valueType } = type as DuckDBListType;
      return `to_json(list_transform(${expression}, lambda ${item}: ${asJsonValue(valueType, item, depth + 1)}))`;
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const entries = entryNames.map((name, index) => {
        const value = asJsonValue(entryTypes[index]!, `(${expression}).${identifier(name)}`, depth);
        return `${literal(name)}: ${value}`;
      });
      return `CASE WHEN ${expression} IS NOT NULL THEN to_json({${entries.join(', ')}}) END`;
    }
    case DuckDBTypeId.VARIANT:
      return `CAST(${expression} AS JSON)`;
    case DuckDBTypeId.MAP:
      return mapAsJson(type as DuckDBMapType, expression, depth);
    default:
      return `to_json(${expression})`;
  }
}

/**
 * An SQL condition: the 64-bit float nearest to a decimal, written with as few digits as it needs, is another number.
 * @param expression of a decimal
 */
export function isRounded(type: DuckDBType, expression: string): string {
  return `TRY_CAST(CAST(${asNearestFloat(expression)} AS VARCHAR) AS ${type}) IS DISTINCT FROM ${expression}`;
}

/** An SQL expression of the 64-bit float nearest to a decimal; DuckDB's cast without the text rounds twice. */
export function asNearestFloat(expression: string): string {
  return `CAST(CAST(${expression} AS VARCHAR) AS DOUBLE)`;
}

/** A map as an object; as its keys are unique in no file of Parquet, it is written as text. */
function mapAsJson({ keyType, valueType }: DuckDBMapType, expression: string, depth: number): string {
  const entry = `item${depth}`;
  const key = keyType.typeId === DuckDBTypeId.BLOB ? `decode(${entry}."key")` : `CAST(${entry}."key" AS VARCHAR)`;
  const value = asJsonValue(valueType, `${entry}."value"`, depth + 1);
  const entries = `list_transform(map_entries(${expression}), lambda ${entry}:
    CAST(to_json(${key}) AS VARCHAR) || ':' || coalesce(CAST(${value} AS VARCHAR), 'null'))`;
  return `CASE WHEN ${expression} IS NOT NULL THEN CAST('{' || array_to_string(${entries}, ',') || '}' AS JSON) END`;
}
