import { randomUUID } from 'node:crypto';
import { OperationScope } from '../database/operation-scope.js';
import { rowColumn, splitColumn } from '../protocol/dataset-layout.js';
import type { DividedSplit } from '../protocol/held-out.js';
import { type DuckDb, identifier, literal } from '../storage/duckdb.js';
import { columnTypes, hasAll, isList, labelOf, rowsOf } from './columns-of-file.js';

/** Splits of one file. */
export interface TextsOfSplits {
  readonly path: string;
  readonly splits: readonly string[];
  readonly division: DividedSplit | null;
  readonly textColumns: readonly string[];
  /** Columns of targets, in the order of those that they are compared with. */
  readonly targetColumns: readonly string[];
}

/** Rows of a split whose texts are among those that are learnt from. */
export interface DuplicatesOfSplit {
  readonly split: string;
  readonly count: number;
  /** How many of them have another target than an equal text that is learnt from. */
  readonly conflictingCount: number;
  /** Some of them, those with another target first. */
  readonly examples: readonly {
    readonly row: number;
    /** The first row with this text that is learnt from. */
    readonly trainRow: number;
    readonly isConflicting: boolean;
    /** The beginning of the row's first text. */
    readonly text: string;
  }[];
}

/** Files with more rows are not searched: a search of long texts takes about 20 seconds for a gigabyte. */
const mostRowsSearched = 1_000_000;

const shownExamples = 5;
const shownCharacters = 200;

/** White space, which is no part of a text that is compared: Unicode's property White_Space. */
const whiteSpace = [
  ...[0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...Array.from({ length: 11 }, (_, i) => 0x2000 + i),
]
  .map((code) => String.fromCodePoint(code))
  .join('');

/**
 * Finds texts of `measured` that are also in `trained`. Texts are equal if they differ in case, white space and the
 * composition of characters alone; of pairs, both texts.
 *
 * Texts are compared whole only where their first 32 characters occur on both sides: reading the beginnings takes a
 * tenth of the time, and mostly there is nothing more to do. Null: the files are too large to be searched.
 */
export async function findDuplicates(
  database: DuckDb,
  trained: TextsOfSplits,
  measured: TextsOfSplits,
): Promise<readonly DuplicatesOfSplit[] | null> {
  const [rows] = await database.query<{ most: number }>(
    `SELECT greatest((SELECT count(*) FROM read_parquet($trained)), (SELECT count(*) FROM read_parquet($measured)))::DOUBLE AS most`,
    { trained: trained.path, measured: measured.path },
  );
  if (rows === undefined || rows.most > mostRowsSearched) return null;
  const learnt = await sideOf(database, 'trained', trained);
  const scored = await sideOf(database, 'measured', measured);
  const parameters = { trained: trained.path, measured: measured.path };
  // A table of its own for each search, since statements of other searches run at the same time.
  const candidates = identifier(`candidates ${randomUUID()}`);
  try {
    await database.query(
      `CREATE TABLE ${candidates} AS
     WITH learnt AS MATERIALIZED (${learnt.beginnings}),
       scored AS MATERIALIZED (${scored.beginnings}),
       shared AS MATERIALIZED (SELECT DISTINCT beginning FROM learnt WHERE beginning IN (SELECT beginning FROM scored))
     SELECT true AS is_learnt, number FROM learnt WHERE beginning IN (SELECT beginning FROM shared)
     UNION ALL
     SELECT false AS is_learnt, number FROM scored WHERE beginning IN (SELECT beginning FROM shared)`,
      parameters,
    );
    const [any] = await database.query(`SELECT 1 AS one FROM ${candidates} LIMIT 1`);
    if (any === undefined) return [];
    const found = await database.query<FoundInSplit>(
      `WITH learnt AS (
         SELECT key, min(number) AS number, list(DISTINCT targets) AS targets
         FROM (${learnt.wholeTexts(`SELECT number FROM ${candidates} WHERE is_learnt`)}) GROUP BY key
       ),
       scored AS (${scored.wholeTexts(`SELECT number FROM ${candidates} WHERE NOT is_learnt`)}),
       duplicates AS (
         SELECT scored.split, scored.number, learnt.number AS train_row,
           len(list_filter(learnt.targets, lambda other: ${differ('other', 'scored.targets', trained.targetColumns.length)})) > 0
             AS conflicting
         FROM scored JOIN learnt USING (key)
       )
       SELECT split, count(*)::DOUBLE AS count, count(*) FILTER (conflicting)::DOUBLE AS "conflictingCount",
         to_json(list({row: number, "trainRow": train_row, "isConflicting": conflicting}
           ORDER BY conflicting DESC, number)[1:${shownExamples}])::VARCHAR AS examples
       FROM duplicates GROUP BY split ORDER BY split`,
      parameters,
    );
    return await Promise.all(found.map((each) => withTexts(database, measured, each)));
  } finally {
    // Not in the scope of the operation: the table has to go, even if the operation has ended.
    await new OperationScope().run(() => database.query(`DROP TABLE IF EXISTS ${candidates}`));
  }
}

/** What is found in a split; the examples are JSON, without their texts. */
type FoundInSplit = Omit<DuplicatesOfSplit, 'examples'> & { readonly examples: string };

/** Statements on one side; their file is the parameter of the given name. */
async function sideOf(database: DuckDb, parameter: string, side: TextsOfSplits) {
  const { path, splits, division, textColumns, targetColumns } = side;
  const types = await columnTypes(database, path);
  const from = rowsOf(types, division).replaceAll('$path', `$${parameter}`);
  const texts = textColumns.map((column) =>
    isList(types, column) ? `array_to_string(${identifier(column)}, ' ')` : `CAST(${identifier(column)} AS VARCHAR)`,
  );
  const targets = targetColumns.map((column) =>
    isList(types, column) ? `CAST(list_sort(${identifier(column)}) AS VARCHAR)` : labelOf(types, column),
  );
  const where = `${identifier(splitColumn)} IN (${splits.map(literal).join(', ')}) AND ${hasAll(textColumns)}`;
  const number = identifier(rowColumn);
  return {
    beginnings: `SELECT ${number} AS number, hash(${texts.map(beginningOf).join(', ')}) AS beginning FROM ${from} WHERE ${where}`,
    wholeTexts: (rows: string) =>
      `SELECT ${identifier(splitColumn)} AS split, ${number} AS number,
         md5(concat_ws(chr(31), ${texts.map(comparable).join(', ')})) AS key, [${targets.join(', ')}]::VARCHAR[] AS targets
       FROM ${from} WHERE ${where} AND ${number} IN (${rows})`,
  };
}

/** A text without what is not compared. */
function comparable(text: string): string {
  return `translate(lower(nfc_normalize(${text})), ${literal(whiteSpace)}, '')`;
}

/** The first 32 characters that are compared; of a text that begins with much white space, all that are compared. */
function beginningOf(text: string): string {
  const first = `left(${comparable(`left(${text}, 256)`)}, 32)`;
  return `CASE WHEN length(${first}) < 32 AND length(${text}) > 256 THEN left(${comparable(text)}, 32) ELSE ${first} END`;
}

/** Whether two lists of targets differ in one that both have. */
function differ(one: string, other: string, count: number): string {
  const pairs = Array.from({ length: count }, (_, i) => `coalesce(${one}[${i + 1}] <> ${other}[${i + 1}], false)`);
  return pairs.join(' OR ') || 'false';
}

async function withTexts(
  database: DuckDb,
  { path, textColumns }: TextsOfSplits,
  found: FoundInSplit,
): Promise<DuplicatesOfSplit> {
  const examples: Omit<DuplicatesOfSplit['examples'][number], 'text'>[] = JSON.parse(found.examples);
  const types = await columnTypes(database, path);
  const [column] = textColumns as [string];
  const text = isList(types, column) ? `array_to_string(${identifier(column)}, ' ')` : identifier(column);
  const number = identifier(rowColumn);
  const texts = await database.query<{ number: number; text: string }>(
    `SELECT ${number}::DOUBLE AS number, left(CAST(${text} AS VARCHAR), ${shownCharacters}) AS text FROM read_parquet($path)
     WHERE ${number} IN (${examples.map(({ row }) => row).join(', ')})`,
    { path },
  );
  const textOf = new Map(texts.map((each) => [each.number, each.text]));
  return { ...found, examples: examples.map((each) => ({ ...each, text: textOf.get(each.row) ?? '' })) };
}
