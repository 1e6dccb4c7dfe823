import { type DuckDb, literal } from '../duckdb.js';

/** A node of a Parquet file's schema: a column, or a part of a nested one. */
interface SchemaNode {
  readonly name: string;
  readonly logicalType: string | null;
  readonly precision: number | null;
  readonly children: readonly SchemaNode[];
}

/** DuckDB's decimals; it reads longer ones as other numbers, without a word. */
const mostDecimalDigits = 38;

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

function faultOf({ precision, children }: SchemaNode): string | null {
  if (precision !== null && precision > mostDecimalDigits) {
    return `decimal numbers of ${precision} digits, of which at most ${mostDecimalDigits} can be read`;
  }
  return children.map(faultOf).find((fault) => fault !== null) ?? null;
}
