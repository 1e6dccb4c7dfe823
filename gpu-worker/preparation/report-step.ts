import {
  maxExamples,
  maxExcerptLength,
  type StepExample,
  type StepReport,
} from '../../src/protocol/preparation/step-report.js';
import { storableText } from '../../src/protocol/storable-text.js';
import type { DuckDb } from '../../src/storage/duckdb.js';
import type { RowTable, StepOutcome, TableColumn } from './row-table.js';

/** A column as it was, and as it is; `before` null: the step made it. */
interface SharedColumn {
  readonly name: string;
  readonly before: TableColumn | null;
  readonly after: TableColumn;
}

/** The split of a row, as if it were a column: a step that gives a row another one changes the row. */
const splitOfRow: TableColumn = { name: 'split', type: 'TEXT', field: 'split' };

/** How many columns an example shows at most: those that changed, or the first of the row. */
const maxColumns = 8;

/** What a step did: exact counts of the rows that it changed, dropped and added, and the first of each. */
export async function reportStep(database: DuckDb, before: RowTable, outcome: StepOutcome): Promise<StepReport> {
  const { table: after, notes, found = [], onlyDrops = false } = outcome;
  const [rowsBefore, rowsAfter] = [await countRows(database, before), await countRows(database, after)];
  const columnsAdded = namesBeside(after, before);
  const columnsDropped = namesBeside(before, after);
  const report = { rowsBefore, rowsAfter, columnsAdded, columnsDropped };
  if (before.name === after.name) return { ...report, changed: 0, dropped: 0, added: 0, examples: [] };

  const ofColumns = after.columns.flatMap((column): SharedColumn[] => {
    const former = before.columns.find(({ name }) => name === column.name);
    return former === undefined ? [] : [{ name: column.name, before: former, after: column }];
  });
  const names = new Set(columnsAdded);
  const ofNew = found.flatMap((column): SharedColumn[] =>
    names.has(column.name) ? [{ name: column.name, before: null, after: column }] : [],
  );
  const shared = [...ofColumns, ...ofNew, { name: 'split', before: splitOfRow, after: splitOfRow }];
  const join = `${before.name} b JOIN ${after.name} a USING (row)`;
  const differs = shared.map(differenceOf).join(' OR ');
  const compare = () =>
    database.query<{ rows: number; changed: number }>(
      `SELECT count(*)::DOUBLE AS rows, coalesce(sum(CASE WHEN ${differs} THEN 1 END), 0)::DOUBLE AS changed FROM ${join}`,
    );
  const both = onlyDrops ? { rows: rowsAfter, changed: 0 } : (await compare())[0]!;
  const { rows, changed } = both;
  const [dropped, added] = [rowsBefore - rows, rowsAfter - rows];
  const examples: StepExample[] = [];
  const take = async (change: StepExample['change'], count: number, from: string, sides: Sides): Promise<void> => {
    if (count > 0) examples.push(...(await readExamples(database, change, from, sides, notes ?? null)));
  };
  await take('CHANGED', changed, `${join} WHERE ${differs}`, { shared });
  await take('DROPPED', dropped, `${before.name} b ANTI JOIN ${after.name} a USING (row)`, { before });
  await take('ADDED', added, `${after.name} a ANTI JOIN ${before.name} b USING (row)`, { after });
  return { ...report, changed, dropped, added, examples };
}

/** What is shown of a row: the columns that differ, or those of the table on one side. */
type Sides =
  | { readonly shared: readonly SharedColumn[] }
  | { readonly before: RowTable }
  | { readonly after: RowTable };

async function readExamples(
  database: DuckDb,
  change: StepExample['change'],
  from: string,
  sides: Sides,
  notes: string | null,
): Promise<StepExample[]> {
  const values: { readonly column: string; readonly side: 'before' | 'after'; readonly sql: string }[] =
    'shared' in sides
      ? sides.shared.flatMap((column) => [
          {
            column: column.name,
            side: 'before' as const,
            sql: column.before === null ? 'NULL' : excerptOf(`b.${column.before.field}`),
          },
          { column: column.name, side: 'after' as const, sql: excerptOf(`a.${column.after.field}`) },
        ])
      : 'before' in sides
        ? sides.before.columns.map(({ name, field }) => ({
            column: name,
            side: 'before',
            sql: excerptOf(`b.${field}`),
          }))
        : sides.after.columns.map(({ name, field }) => ({ column: name, side: 'after', sql: excerptOf(`a.${field}`) }));
  const made = change === 'ADDED' ? 'a.source_row' : 'NULL';
  const selected = values.map(({ sql }, i) => `${sql} AS v${i}`);
  const differing = 'shared' in sides ? sides.shared.map((column, i) => `${differenceOf(column)} AS d${i}`) : [];
  const rows = await database.query<Record<string, unknown>>(
    `WITH found AS (SELECT row, ${[`${made} AS made_from`, ...selected, ...differing].join(', ')} FROM ${from}
       ORDER BY row LIMIT ${maxExamples})
     SELECT found.*, ${notes === null ? 'NULL AS other_row, NULL AS reason' : 'n.other_row, n.reason'}
       FROM found ${notes === null ? '' : `LEFT JOIN ${notes} n ON n.row = found.row`} ORDER BY found.row`,
  );
  return rows.map((row) => {
    const excerpts = (side: 'before' | 'after') =>
      values
        .flatMap((value, i) => {
          const column = 'shared' in sides ? sides.shared[i >> 1] : undefined;
          const differs = column === undefined || row[`d${i >> 1}`] === true;
          // A column that the step made has nothing before it.
          if (value.side !== side || !differs || (side === 'before' && column?.before === null)) return [];
          const text = row[`v${i}`] as string | null;
          return [{ column: value.column, text: text === null ? null : storableText(text) }];
        })
        .slice(0, maxColumns);
    const other = (row.other_row ?? row.made_from ?? null) as bigint | null;
    return {
      change,
      row: Number(row.row),
      otherRow: other === null ? null : Number(other),
      reason: (row.reason ?? null) as string | null,
      before: excerpts('before'),
      after: excerpts('after'),
    };
  });
}

const excerptOf = (value: string): string => `left(CAST(${value} AS VARCHAR), ${maxExcerptLength})`;

/** A step that changes a column's type changes no row by that: 2 is 2.0, and the text “2”. */
function differenceOf({ before, after }: SharedColumn): string {
  if (before === null) return `a.${after.field} IS NOT NULL${after.type === 'BOOLEAN' ? ` AND a.${after.field}` : ''}`;
  const areNumbers = [before, after].every(({ type }) => type === 'INTEGER' || type === 'FLOAT');
  const compared = areNumbers && before.type !== after.type ? asNumber : asText;
  return `${compared('b', before)} IS DISTINCT FROM ${compared('a', after)}`;
}

const asNumber = (side: string, { field }: TableColumn): string => `CAST(${side}.${field} AS DOUBLE)`;

const asText = (side: string, { type, field }: TableColumn): string =>
  type === 'TEXT' ? `${side}.${field}` : `CAST(${side}.${field} AS VARCHAR)`;

async function countRows(database: DuckDb, { name }: RowTable): Promise<number> {
  const [found] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${name}`);
  return found!.rows;
}

/** Names of columns of the first table that the second has not. */
function namesBeside(first: RowTable, second: RowTable): string[] {
  const names = new Set(second.columns.map(({ name }) => name));
  return first.columns.map(({ name }) => name).filter((name) => !names.has(name));
}
