import { type DuckDb, literal } from '../../../src/storage/duckdb.js';

/** A node of a Parquet file's schema: a column, or a part of a nested one. */
interface SchemaNode {
  readonly name: string;
  readonly logicalType: string | null;
  readonly precision: number | null;
  readonly repetition: string | null;
  readonly children: readonly SchemaNode[];
}

/** DuckDB's decimals; it reads longer ones as other numbers, without a word. */
const mostDecimalDigits = 38;

/** DuckDB's time for a statement doubles with each list or map that is inside another one. */
const mostNestedLists = 8;

/** DuckDB's statements have a greatest depth. */
const mostLevels = 60;

/** What a Parquet file says of a column. */
export interface FileColumn {
  /** As in the file; DuckDB's description renames columns whose names differ only in case. */
  readonly name: string;
  /** Whether a part of it can not be read, and why; null if all can be. */
  readonly unreadable: string | null;
  /** Whether its values are all missing, by its type. */
  readonly isNull: boolean;
}

/** The columns of a Parquet file, by its schema alone. Throws DuckDB's Error when there is no schema to read. */
export async function readFileColumns(database: DuckDb, path: string): Promise<FileColumn[]> {
  const rows = await database.query<Omit<SchemaNode, 'children'> & { readonly childCount: number }>(
    `SELECT name, logical_type AS "logicalType", precision::DOUBLE AS precision,
       repetition_type AS repetition,
       coalesce(num_children, 0)::DOUBLE AS "childCount" FROM parquet_schema(${literal(path)})`,
  );
  // The schema's tree is in depth-first order: a node is followed by its children.
  let next = 0;
  const readNode = (): SchemaNode => {
    const { childCount, ...node } = rows[next++]!;
    return { ...node, children: Array.from({ length: childCount }, readNode) };
  };
  return readNode().children.map((node) => ({
    name: node.name,
    unreadable: faultOf(node),
    isNull: node.logicalType === 'NullType()',
  }));
}

/**
 * @param lists how many lists and maps enclose the node
 * @param level how many nodes do
 */
function faultOf({ name, precision, repetition, children }: SchemaNode, lists = 0, level = 0): string | null {
  if (level > 0 && name.includes('\0')) return 'a member whose name holds a NUL character';
  if (precision !== null && precision > mostDecimalDigits) {
    return `decimal numbers of ${precision} digits, of which at most ${mostDecimalDigits} can be read`;
  }
  const nested = repetition === 'REPEATED' ? lists + 1 : lists;
  if (nested > mostNestedLists) {
    return `lists or maps inside each other at more than ${mostNestedLists} levels, which can not be read`;
  }
  if (level > mostLevels) return `values inside each other at more than ${mostLevels} levels, which can not be read`;
  for (const child of children) {
    const fault = faultOf(child, nested, level + 1);
    if (fault !== null) return fault;
  }
  return null;
}
