import { type DuckDBDecimalType, type DuckDBListType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, identifier, isJson, literal } from '../../../src/storage/duckdb.js';
import { asJsonValue, asNearestFloat, contains, isRounded } from './parquet-json.js';
import { asTimestamp } from './parquet-times.js';
import { plainNumber, type StagedColumn, stagedName } from './staging.js';

/** A column of a Parquet file, to be staged. */
export interface ParquetColumn extends StagedColumn {
  /** SQL expression of the value, over the file. */
  readonly value: string;
  /**
   * SQL expression of the value's text, over the file, where the type of the file has another than the column type:
   * 0.1 in 32 bits is 0.10000000149011612 in 64, and a date has no time.
   */
  readonly fileText?: string;
}

const binary = new Set([DuckDBTypeId.BLOB]);

/** Decimals of so many digits come back from a 64-bit float as they were. */
const exactDigits = 15;
/** Whole numbers of so many digits fit 64 bits. */
const integerDigits = 18;

/**
 * The staged column for a column of a Parquet file; null for one of binary data. Where the type of the file allows
 * values that the first choice of a column type can not hold, the values decide: one pass over the column.
 */
export async function describeColumn(
  database: DuckDb,
  path: string,
  { name, type, isNull }: { readonly name: string; readonly type: DuckDBType; readonly isNull: boolean },
  index: number,
): Promise<ParquetColumn | null> {
  const source = identifier(name);
  const described = (columnType: ColumnType, value: string): ParquetColumn => ({
    name,
    type: columnType,
    value,
    expression: identifier(stagedName(index)),
  });
  const holds = async (condition: string): Promise<boolean> => {
    const found = await database.query(`SELECT 1 FROM read_parquet(${literal(path)}) WHERE ${condition} LIMIT 1`);
    return found.length > 0;
  };
  const asText = () => described('TEXT', `CAST(${source} AS VARCHAR)`);
  const asJson = () => described('JSON', asJsonValue(type, source));
  const asInteger = () => described('INTEGER', `CAST(${source} AS BIGINT)`);
  const asFloat = () => described('FLOAT', `CAST(${source} AS DOUBLE)`);
  const withText = (column: ParquetColumn, fileText: string): ParquetColumn => ({
    ...column,
    text: identifier(`${stagedName(index)}_text`),
    fileText,
  });
  const isBeyondIntegers = `${source} IS NOT NULL AND TRY_CAST(${source} AS BIGINT) IS NULL`;

  // As in other formats, a column without values is one of text.
  if (isNull) return asText();
  if (isJson(type)) return asJson();
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return described('BOOLEAN', source);
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
      return asInteger();
    case DuckDBTypeId.UBIGINT:
      return (await holds(isBeyondIntegers)) ? asText() : asInteger();
    case DuckDBTypeId.FLOAT:
      return withText(asFloat(), plainNumber(source));
    case DuckDBTypeId.DOUBLE:
      return asFloat();
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      if (scale === 0) return width > integerDigits && (await holds(isBeyondIntegers)) ? asText() : asInteger();
      if (width <= exactDigits) return asFloat();
      return (await holds(isRounded(type, source))) ? asText() : described('FLOAT', asNearestFloat(source));
    }
    case DuckDBTypeId.DATE: {
      const isBeyondTimes = `isinf(${source}) OR (${source} IS NOT NULL AND TRY_CAST(${source} AS TIMESTAMP) IS NULL)`;
      return (await holds(isBeyondTimes))
        ? described('TEXT', dateAsText(source))
        : withText(described('TIMESTAMP', `CAST(${source} AS TIMESTAMP)`), `CAST(${source} AS VARCHAR)`);
    }
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return described('TIMESTAMP', asTimestamp(type, source));
    case DuckDBTypeId.BLOB:
      return (await holds(isNoText(source))) ? null : described('TEXT', `decode(${source})`);
    case DuckDBTypeId.LIST: {
      const { valueType } = type as DuckDBListType;
      // list_count does not count nulls.
      const hasMissing = () => holds(`len(${source}) <> list_count(${source})`);
      const list = listTypeOf(valueType);
      if (list !== null) {
        return (await hasMissing()) ? asJson() : described(list.type, `CAST(${source} AS ${list.sql})`);
      }
      if (valueType.typeId === DuckDBTypeId.BLOB) {
        if (await holds(`len(list_filter(${source}, lambda item: ${isNoText('item')})) > 0`)) return null;
        const texts = `list_transform(${source}, lambda item: decode(item))`;
        return (await hasMissing()) ? asJson() : described('TEXT_LIST', texts);
      }
      return contains(type, binary) && (await holds(isNoJson(type, source))) ? null : asJson();
    }
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT:
      return contains(type, binary) && (await holds(isNoJson(type, source))) ? null : asJson();
    default:
      return asText();
  }
}

/** Texts have no NUL: bytes with one are numbers or images rather than text. */
function isNoText(source: string): string {
  return `${source} IS NOT NULL AND (TRY(decode(${source})) IS NULL OR contains(TRY(decode(${source})), chr(0)))`;
}

function isNoJson(type: DuckDBType, source: string): string {
  return `${source} IS NOT NULL AND TRY(${asJsonValue(type, source)}) IS NULL`;
}

/** Dates beyond all times; DuckDB takes the last day of 32 bits, and the first, for infinite. */
function dateAsText(source: string): string {
  return `CASE WHEN NOT isinf(${source}) THEN CAST(${source} AS VARCHAR)
    WHEN ${source} > DATE '1970-01-01' THEN '5881580-07-11' WHEN ${source} IS NOT NULL THEN '5877642-06-24 (BC)' END`;
}

/**
 * The column type of lists of such items; null for items that stay JSON, such as times, flags, records, lists, and
 * decimals that a float would round.
 */
function listTypeOf(item: DuckDBType): { readonly type: ColumnType; readonly sql: string } | null {
  const integers = { type: 'INTEGER_LIST', sql: 'BIGINT[]' } as const;
  const floats = { type: 'FLOAT_LIST', sql: 'DOUBLE[]' } as const;
  const texts = { type: 'TEXT_LIST', sql: 'VARCHAR[]' } as const;
  if (isJson(item)) return null;
  switch (item.typeId) {
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
      return integers;
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return floats;
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = item as DuckDBDecimalType;
      if (scale === 0 && width <= integerDigits) return integers;
      return width <= exactDigits ? floats : null;
    }
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return texts;
    default:
      return null;
  }
}
