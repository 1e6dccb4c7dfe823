import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { RepeatedKey } from '../../../src/protocol/preparation/comparison.js';
import { type FileColumn, type ReportedFile, type ReportTools, row, rowsOf } from '../report/reported-file.js';
import { counted, excerptOf, named } from '../wording.js';
import { textOfValue } from './text-of-value.js';

const shownKeys = 10;

/** The share of rows with repeated keys beyond which the columns are no key: which rows are paired would be chance. */
const mostRepeatedShare = 0.5;

export interface KeyedRows {
  /** Tables of the rows of both versions: `row`, `key` (its digest) and `occurrence` (from 1 within the key). */
  readonly one: string;
  readonly two: string;
  readonly before: ReportedFile;
  readonly after: ReportedFile;
  /** The columns of the key. */
  readonly columns: readonly FileColumn[];
}

/** The keys that several rows of one version have: those of the most rows first. */
export async function showRepeated({ database }: ReportTools, keyed: KeyedRows): Promise<RepeatedKey[]> {
  const { one, two, before, after, columns } = keyed;
  const found = await database.query<{ before: number; after: number; first: number; isBefore: boolean }>(
    `SELECT coalesce(b.rows, 0)::DOUBLE AS before, coalesce(a.rows, 0)::DOUBLE AS after,
            coalesce(b.first, a.first)::DOUBLE AS first, b.first IS NOT NULL AS "isBefore"
     FROM (SELECT key, count(*) AS rows, min(row) AS first FROM ${one} GROUP BY key) b
       FULL JOIN (SELECT key, count(*) AS rows, min(row) AS first FROM ${two} GROUP BY key) a USING (key)
     WHERE greatest(coalesce(b.rows, 0), coalesce(a.rows, 0)) > 1
     ORDER BY coalesce(b.rows, 0) + coalesce(a.rows, 0) DESC, "isBefore" DESC, first LIMIT ${shownKeys}`,
  );
  const repeated: RepeatedKey[] = [];
  for (const { first, isBefore, ...rows } of found) {
    const values = await valuesOf({ database }, isBefore ? before : after, columns, first);
    repeated.push({ values, ...rows });
  }
  return repeated;
}

/**
 * In one version alone most rows may share their keys: those that were made from its rows have the keys of these.
 * @throws ProblemsError for columns whose values most rows of either version share with others
 */
export async function requireKey(
  { database }: Pick<ReportTools, 'database'>,
  { one, two, columns }: KeyedRows,
  [most]: readonly RepeatedKey[],
): Promise<void> {
  for (const table of [two, one]) {
    const [found] = await database.query<{ rows: number; keys: number; shared: number }>(
      `SELECT sum(rows)::DOUBLE AS rows, count(*)::DOUBLE AS keys,
              coalesce(sum(rows) FILTER (rows > 1), 0)::DOUBLE AS shared
       FROM (SELECT count(*) AS rows FROM ${table} GROUP BY key)`,
    );
    const { rows, keys, shared } = found!;
    if (!(shared > mostRepeatedShare * rows)) return;
    if (table === two) continue;
    const names = named(columns.map(({ name }) => name));
    const example = `${named(most!.values)} stands in ${counted(most!.before, 'row')} of the older version and ${most!.after} of the newer`;
    const message = `The key ${names} does not tell rows apart: ${counted(rows, 'row')} of the older version have ${counted(keys, 'different value')}. ${example}.`;
    const hint = 'Name columns that differ from row to row, such as an id, or no key: whole rows are compared then.';
    throw new ProblemsError([problem(['key'], 'INVALID_VALUE', message, hint)]);
  }
}

async function valuesOf(
  { database }: Pick<ReportTools, 'database'>,
  file: ReportedFile,
  columns: readonly FileColumn[],
  number: number,
): Promise<string[]> {
  const texts = columns.map((column, i) => `left(${textOfValue(column)}, 400) AS v${i}`);
  const [found = {}] = await database.query<Record<string, string>>(
    `SELECT ${texts.join(', ')} FROM ${rowsOf(file)} WHERE ${row} = ${number}`,
  );
  return columns.map((_, i) => excerptOf(found[`v${i}`] ?? ''));
}
