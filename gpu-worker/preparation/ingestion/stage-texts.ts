import { open, stat } from 'node:fs/promises';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { assignedTable } from './assign-splits.js';
import { stagedName, stagedTable } from './staging.js';
import { TextColumn, TextColumns } from './text-columns.js';
import type { TextFile, TextParquet } from './text-parquet.js';

/** Larger files are read where they lie, rather than copied into tables that do not fit in memory. */
const mostCopiedBytes = 64 * 1024 * 1024;
/** Of more columns, each statement would spend longer on looking into a file's pages than on reading them. */
const mostViewedColumns = 100;

/** Rows in a vector of DuckDB. */
const vectorRows = 2048;
/** A row group is held in memory while its rows are read, and is the work of one of DuckDB's threads. */
const rowGroupBytes = 16 * 1024 * 1024;
const rowGroupRows = 48 * vectorRows;
/** Of longer rows, fewer are held than make a vector; how many bytes there are is asked after so many. */
const mostBytes = 4 * rowGroupBytes;
const fewRows = 8;

/** Rows to be filled, and the bytes of the row groups that they come to. */
interface RowGroups {
  readonly rows: TextColumns;
  /** The bytes since the last call. */
  take(): Uint8Array;
  /** Ends the file; its last bytes can be taken then. */
  finish(): void;
}

/** Divides rows of texts into row groups of whole vectors, as far as memory allows that. */
export function groupsOf(parquet: TextParquet, columns: number): RowGroups {
  let ready: Buffer[] = [];
  const flush = () => {
    ready.push(parquet.rowGroup(rows));
    rows.clear();
  };
  const rows = new TextColumns(columns, () => {
    const { rowCount } = rows;
    if (rowCount % vectorRows !== 0 && rowCount % fewRows !== 0) return;
    const { bytes } = rows;
    const isFull = rowCount % vectorRows === 0 && (bytes >= rowGroupBytes || rowCount >= rowGroupRows);
    if (isFull || bytes >= mostBytes) flush();
  });
  return {
    rows,
    take() {
      const bytes = ready.length === 1 ? ready[0]! : Buffer.concat(ready);
      ready = [];
      return bytes;
    },
    finish() {
      if (rows.rowCount > 0) flush();
      ready.push(parquet.footer());
    },
  };
}

/** The column of a text file that holds the splits of its rows. */
const splitOfRow = 'split';

/**
 * Stages the rows of a text file: in a table, or of a large file in a view, so that each statement reads of it only the
 * columns that it asks for. The file has to stay as long as there is a view. DuckDB reads the same vectors of both,
 * which decide where the row groups of a version end; so there is no view where row groups have other rows, none of
 * lists, which each statement would have to make anew, and none of many columns.
 * @param lists the columns whose texts are lists of texts, in JSON
 * @returns whether there is a view
 */
export async function stageTexts(
  database: DuckDb,
  { path, parquet, columns }: TextFile,
  lists: ReadonlySet<number>,
  mostCopied: number = mostCopiedBytes,
): Promise<boolean> {
  const names = Array.from({ length: columns }, (_, index) => stagedName(index));
  const haveVectors = parquet.groupRows.slice(0, -1).every((rows) => rows % vectorRows === 0);
  const isView =
    haveVectors && lists.size === 0 && columns <= mostViewedColumns && (await stat(path)).size > mostCopied;
  if (isView) {
    await database.query(viewOf(path, names));
    return true;
  }
  const values = names.map((name, index) =>
    lists.has(index) ? `CAST(CAST(${name} AS JSON) AS VARCHAR[]) AS ${name}` : name,
  );
  await database.query(
    `CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM read_parquet(${literal(path)})`,
  );
  return false;
}

/**
 * Adds the rows' splits, from the assigned table, to a text file that is staged in a view, so that the view has them
 * in its column `split`. Rows are written on one thread when they have to be joined with their splits, else on several.
 */
export async function addSplits(database: DuckDb, file: TextFile, splits: readonly string[]): Promise<void> {
  const { path, parquet, columns } = file;
  const texts = splits.map((name) => Buffer.from(name));
  const first = 0x21;
  async function* pages(): AsyncGenerator<TextColumn> {
    let row = 0;
    for (const rows of parquet.groupRows) {
      // A character for each row: fewer values to fetch than rows.
      const [part] = await database.query<{ splits: string }>(
        `SELECT string_agg(chr(CAST(${first - 1} + list_position(from_json($names, '["VARCHAR"]'), split) AS INTEGER)), '' ORDER BY rowid) AS splits
         FROM ${assignedTable} WHERE rowid >= ${row} AND rowid < ${row + rows}`,
        { names: JSON.stringify(splits) },
      );
      const column = new TextColumn();
      for (let i = 0; i < rows; i++) {
        const text = texts[part!.splits.charCodeAt(i) - first]!;
        column.beginText();
        column.append(text, 0, text.length);
        column.endText();
        column.acceptRow(i);
      }
      row += rows;
      yield column;
    }
  }
  try {
    const target = await open(path, 'a');
    try {
      for await (const bytes of parquet.column(splitOfRow, pages())) await target.writeFile(bytes);
      await target.writeFile(parquet.footer());
    } finally {
      await target.close();
    }
  } catch (error) {
    throw toStorageError(error, 'write rows and their splits');
  }
  const names = Array.from({ length: columns }, (_, index) => stagedName(index));
  await database.query(`DROP VIEW ${stagedTable}`);
  await database.query(viewOf(path, [...names, splitOfRow]));
}

function viewOf(path: string, columns: readonly string[]): string {
  return `CREATE VIEW ${stagedTable} AS SELECT ${columns.join(', ')}, file_row_number AS rowid
    FROM read_parquet(${literal(path)}, file_row_number = true)`;
}

/** Drops staged rows, whether they are in a table or a view. */
export async function dropStaged(database: DuckDb, name: string = stagedTable): Promise<void> {
  await database.query(`DROP ${await kindOf(database, name)} ${name}`);
}

/** Gives staged rows another name. */
export async function renameStaged(database: DuckDb, to: string): Promise<void> {
  await database.query(`ALTER ${await kindOf(database, stagedTable)} ${stagedTable} RENAME TO ${to}`);
}

async function kindOf(database: DuckDb, name: string): Promise<'TABLE' | 'VIEW'> {
  const [found] = await database.query<{ views: number }>(
    'SELECT count(*)::DOUBLE AS views FROM duckdb_views() WHERE view_name = $name',
    { name },
  );
  return found!.views > 0 ? 'VIEW' : 'TABLE';
}
