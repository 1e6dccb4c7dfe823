import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ChangedRow, LoneRow, RowChanges } from '../../../src/protocol/preparation/comparison.js';
import {
  contentColumns,
  type FileColumn,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  textOf,
} from '../report/reported-file.js';
import type { ScratchTables } from '../report/scratch-tables.js';
import { excerptOf } from '../wording.js';
import { requireKey, showRepeated } from './repeated-keys.js';
import { textOfValue } from './text-of-value.js';

const shownRows = 10;
const shownValues = 5;

/** @param key columns that both versions have; none: rows belong together that are equal in all shared columns */
export async function compareRows(
  tools: ReportTools,
  scratch: ScratchTables,
  before: ReportedFile,
  after: ReportedFile,
  key: readonly string[],
): Promise<RowChanges> {
  const shared = before.columns.filter(({ name }) => after.columns.some((other) => other.name === name));
  const isWhole = key.length === 0;
  const keyColumns = isWhole ? shared : shared.filter(({ name }) => key.includes(name));
  const compared = isWhole ? [] : shared.filter(({ name }) => !key.includes(name));
  tools.beat();
  const one = await scratch.create('rows before', digestedRows(before, keyColumns, compared, isWhole));
  tools.beat();
  const two = await scratch.create('rows after', digestedRows(after, keyColumns, compared, isWhole));
  tools.beat();
  const pairs = await scratch.create(
    'pairs',
    `SELECT one.row AS row, two.row AS other, one.split AS split, two.split AS other_split,
       one.content = two.content AS same
     FROM ${one} one FULL JOIN ${two} two USING (key, occurrence)`,
  );
  tools.beat();
  const keyed = { one, two, before, after, columns: isWhole ? [] : keyColumns };
  const mostRepeated = isWhole ? [] : await showRepeated(tools, keyed);
  if (mostRepeated.length > 0) await requireKey(tools, keyed, mostRepeated);
  const [counts] = await tools.database.query<Counts>(
    `SELECT count(*) FILTER (row IS NULL)::DOUBLE AS added, count(*) FILTER (other IS NULL)::DOUBLE AS removed,
       count(*) FILTER (NOT same)::DOUBLE AS changed, count(*) FILTER (same)::DOUBLE AS unchanged,
       count(*) FILTER (split <> other_split)::DOUBLE AS moved,
       ((SELECT count(*) FROM ${one} WHERE occurrence > 1) + (SELECT count(*) FROM ${two} WHERE occurrence > 1))::DOUBLE
         AS repeated
     FROM ${pairs}`,
  );
  const { added = 0, removed = 0, changed = 0, unchanged = 0, moved = 0, repeated = 0 } = counts ?? {};
  return {
    added,
    removed,
    changed,
    unchanged,
    moved,
    repeatedKeys: isWhole ? 0 : repeated,
    mostRepeated,
    withoutKey: isWhole ? 0 : await countWithoutKey(tools, [before, after], keyColumns),
    changedColumns: changed === 0 ? [] : await countChangedColumns(tools, before, after, pairs, compared),
    firstAdded: await showLone(tools, after, `SELECT other FROM ${pairs} WHERE row IS NULL`),
    firstRemoved: await showLone(tools, before, `SELECT row FROM ${pairs} WHERE other IS NULL`),
    firstChanged: changed === 0 ? [] : await showChanged(tools, before, after, pairs, compared),
  };
}

type Counts = Record<'added' | 'removed' | 'changed' | 'unchanged' | 'moved' | 'repeated', number>;

/** (row, split, key, occurrence, content): 128-bit digests of the key and of what is compared beside it. */
function digestedRows(
  file: ReportedFile,
  key: readonly FileColumn[],
  compared: readonly FileColumn[],
  mayBeMissing: boolean,
): string {
  const hasKey = key.map((column) => `${identifier(column.name)} IS NOT NULL`).join(' AND ');
  return `SELECT row, split, key, content, row_number() OVER (PARTITION BY key ORDER BY row) AS occurrence
    FROM (SELECT ${row} AS row, ${split} AS split, ${digestOf(key)} AS key, ${digestOf(compared)} AS content
      FROM ${rowsOf(file)} ${mayBeMissing || hasKey === '' ? '' : `WHERE ${hasKey}`})`;
}

/** A missing value is no text: it has a character of its own. */
function digestOf(columns: readonly FileColumn[]): string {
  if (columns.length === 0) return '0::UHUGEINT';
  const texts = columns.map((column) => `coalesce(${textOfValue(column)}, chr(30))`);
  return `md5_number(concat_ws(chr(31), ${texts.join(', ')}))`;
}

async function countWithoutKey({ database }: ReportTools, files: readonly ReportedFile[], key: readonly FileColumn[]) {
  const isMissing = key.map((column) => `${identifier(column.name)} IS NULL`).join(' OR ');
  let count = 0;
  for (const file of files) {
    const [found] = await database.query<{ count: number }>(
      `SELECT count(*)::DOUBLE AS count FROM ${rowsOf(file)} WHERE ${isMissing}`,
    );
    count += found?.count ?? 0;
  }
  return count;
}

/** The rows of both versions that belong together and differ, side by side. */
function changedPairs(before: ReportedFile, after: ReportedFile, pairs: string): string {
  return `(SELECT row, other FROM ${pairs} WHERE NOT same) pairs
    JOIN ${rowsOf(before)} one ON pairs.row = one.${row} JOIN ${rowsOf(after)} two ON pairs.other = two.${row}`;
}

function differs(column: FileColumn): string {
  return `${textOfValue(column, 'one.')} IS DISTINCT FROM ${textOfValue(column, 'two.')}`;
}

async function countChangedColumns(
  { database }: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
  pairs: string,
  compared: readonly FileColumn[],
) {
  const counts = compared.map((column, i) => `count(*) FILTER (${differs(column)})::DOUBLE AS c${i}`);
  const [found = {}] = await database.query<Record<string, number>>(
    `SELECT ${counts.join(', ')} FROM ${changedPairs(before, after, pairs)}`,
  );
  return compared
    .map((column, i) => ({ column: column.name, rows: found[`c${i}`] ?? 0 }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows || (a.column < b.column ? -1 : 1));
}

async function showChanged(
  { database }: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
  pairs: string,
  compared: readonly FileColumn[],
): Promise<ChangedRow[]> {
  const values = compared.flatMap((column, i) => [
    `${differs(column)} AS differs${i}`,
    `left(${textOfValue(column, 'one.')}, 400) AS before${i}`,
    `left(${textOfValue(column, 'two.')}, 400) AS after${i}`,
  ]);
  const rows = await database.query<Record<string, unknown>>(
    `SELECT pairs.row::DOUBLE AS row, pairs.other::DOUBLE AS other, ${values.join(', ')}
     FROM ${changedPairs(before, after, pairs)} ORDER BY pairs.row LIMIT ${shownRows}`,
  );
  const shown = (value: unknown) => (typeof value === 'string' ? excerptOf(value) : null);
  return rows.map((each) => ({
    row: Number(each.row),
    otherRow: Number(each.other),
    values: compared
      .map((column, i) => ({ column: column.name, i }))
      .filter(({ i }) => each[`differs${i}`] === true)
      .slice(0, shownValues)
      .map(({ column, i }) => ({ column, before: shown(each[`before${i}`]), after: shown(each[`after${i}`]) })),
  }));
}

async function showLone({ database }: ReportTools, file: ReportedFile, rows: string): Promise<LoneRow[]> {
  const column = contentColumns(file)[0] ?? file.columns[0];
  if (column === undefined) return [];
  const found = await database.query<{ row: number; split: string; text: string | null }>(
    `SELECT ${row}::DOUBLE AS row, ${split} AS split, left(${textOf(column)}, 400) AS text FROM ${rowsOf(file)}
     WHERE ${row} IN (SELECT number FROM (${rows}) numbers (number) ORDER BY number LIMIT ${shownRows}) ORDER BY 1`,
  );
  return found.map((each) => ({ row: each.row, split: each.split, excerpt: excerptOf(each.text ?? '') }));
}
