import { z } from 'zod';
import { rowColumn, splitColumn, textColumnOf } from './dataset-layout.js';
import { identifier, literal } from './duckdb-names.js';
import type { HeadKind, TargetKind } from './heads.js';

/**
 * How the training split is divided where an experiment has no validation split: some examples are held out from
 * training, and measured on. API and worker divide it by the same statement, so that equal specs give equal parts.
 */
export const HeldOut = z.object({
  /** Examples to hold out. Groups of rows are not divided, so that the part may miss it by half a group. */
  examples: z.number().int().positive(),
  seed: z.number().int(),
  /** Columns of labels or tags whose shares are the same in both parts, as far as they can be. */
  stratifyBy: z.array(z.string()),
  /** Rows that are equal in all these columns stay in one part. */
  keepTogether: z.array(z.string()).min(1),
  /** Of an experiment of a cross-validation: the rows are held out that have this number in the column. */
  fold: z.object({ column: z.string().min(1), number: z.number().int() }).optional(),
});
export type HeldOut = z.infer<typeof HeldOut>;

/** The share of examples that is held out, and what small splits have in its place. */
const heldOutRule = { share: 0.1, least: 20, mostShare: 0.25 } as const;

/** How many of `examples` are held out: a tenth, or 20 if that is more, but no more than a quarter. */
export function heldOutExamples(examples: number): number {
  const { share, least, mostShare } = heldOutRule;
  return Math.max(1, Math.round(share * examples), Math.min(least, Math.floor(mostShare * examples)));
}

/** What the held-out part of a split is called. No split has such a name. */
export function heldOutPartOf(split: string): string {
  return `${split} (held-out part)`;
}

/** Where the validation examples of a run are: a split, or the held-out part of the training split. */
export function measuredSplitOf(spec: {
  readonly trainSplit: string;
  readonly validationSplit: string;
  readonly heldOut?: HeldOut | undefined;
}): string {
  return spec.heldOut === undefined ? spec.validationSplit : heldOutPartOf(spec.trainSplit);
}

/** The examples that are divided: rows of a split with all texts and a target of at least one head. */
export interface DividedSplit {
  readonly split: string;
  readonly heldOut: HeldOut;
  readonly textColumns: readonly string[];
  readonly heads: readonly { readonly kind: HeadKind; readonly columns: readonly string[] }[];
}

/**
 * A DuckDB statement that selects the numbers of the held-out rows, as `number`, from the file `$path`.
 *
 * 1. Rows that are equal in the `keepTogether` columns form a group; the group's key is a digest of their values.
 * 2. A group belongs to the stratum of its first row: the rarest label that the row has, of all `stratifyBy` columns.
 *    Its groups are sorted by md5(seed, key), and the last one is never held out: each stratum is learnt.
 * 3. The wanted number is divided among the strata in proportion to the rows that may be held out, with sums rounded
 *    down, so that small strata get their share together. A group is held out if the middle of its rows is among them.
 *
 * The rows of a fold are those with its number. The result depends only on seed and values, on any machine.
 * O(N log N) for N rows of the split.
 *
 * @param types DuckDB's types of the file's columns
 */
export function selectHeldOut(divided: DividedSplit, types: ReadonlyMap<string, string>): string {
  const { split, heldOut, textColumns, heads } = divided;
  const { examples, seed, stratifyBy, keepTogether, fold } = heldOut;
  const inSplit = `${identifier(splitColumn)} = ${literal(split)}`;
  const isExample = [inSplit, ...textColumns.map(isThere), hasTarget(heads)].join(' AND ');
  if (fold !== undefined) {
    return `SELECT ${identifier(rowColumn)} AS number FROM read_parquet($path)
      WHERE ${isExample} AND ${identifier(fold.column)} = ${fold.number}`;
  }
  const isList = (column: string) => types.get(column)?.endsWith('[]') === true;
  const single = (column: string) => {
    const text = textColumnOf(column);
    return types.has(text) ? identifier(text) : `CAST(${identifier(column)} AS VARCHAR)`;
  };
  const named = (label: string, index: number) => `'${index}:' || ${label}`;
  const labels = stratifyBy.map((column, index) =>
    isList(column)
      ? `list_transform(coalesce(${identifier(column)}, []), lambda label: ${named('CAST(label AS VARCHAR)', index)})`
      : `[${named(single(column), index)}]`,
  );
  const key = keepTogether.map(single).map((text) => `coalesce(strlen(${text}) || ':' || ${text}, '-')`);
  return `
    WITH examples AS (
      SELECT ${identifier(rowColumn)} AS number, md5(concat(${key.join(", '|', ")})) AS key,
        ${labels.length === 0 ? "['']" : `list_concat(${[...labels, '[]'].join(', ')})`} AS labels
      FROM read_parquet($path)
      WHERE ${isExample}
    ),
    labelled AS (SELECT number, label FROM (SELECT number, unnest(labels) AS label FROM examples) WHERE label IS NOT NULL),
    frequencies AS (SELECT label, count(*) AS frequency FROM labelled GROUP BY label),
    strata AS (
      SELECT number, first(label ORDER BY frequency, label) AS stratum
      FROM labelled JOIN frequencies USING (label) GROUP BY number
    ),
    groups AS (
      SELECT key, coalesce(arg_min(coalesce(stratum, ''), number), '') AS stratum, count(*) AS size,
        md5(${literal(`validation:${seed}:`)} || key) AS ticket
      FROM examples LEFT JOIN strata USING (number) GROUP BY key
    ),
    placed AS (
      SELECT key, stratum, size, sum(size) OVER earlier - size AS before,
        row_number() OVER (PARTITION BY stratum ORDER BY ticket DESC, key DESC) = 1 AS is_last
      FROM groups WINDOW earlier AS (PARTITION BY stratum ORDER BY ticket, key ROWS UNBOUNDED PRECEDING)
    ),
    eligible AS (
      SELECT stratum, coalesce(sum(size) FILTER (NOT is_last), 0)::BIGINT AS capacity FROM placed GROUP BY stratum
    ),
    summed AS (
      SELECT stratum, capacity, sum(capacity) OVER (ORDER BY stratum ROWS UNBOUNDED PRECEDING)::BIGINT AS reached,
        greatest(1, sum(capacity) OVER ())::BIGINT AS total
      FROM eligible
    ),
    shares AS (
      SELECT stratum, reached * least(${examples}, total) // total
        - (reached - capacity) * least(${examples}, total) // total AS share
      FROM summed
    ),
    held AS (
      SELECT key FROM placed JOIN shares USING (stratum) WHERE NOT is_last AND 2 * before + size <= 2 * share
    )
    SELECT number FROM examples WHERE key IN (SELECT key FROM held)`;
}

function isThere(column: string): string {
  return `${identifier(column)} IS NOT NULL`;
}

/** An SQL condition: the row has a target of at least one head. */
function hasTarget(heads: DividedSplit['heads']): string {
  const conditions = heads.flatMap(({ kind, columns }) =>
    // A reward head has no columns of targets.
    kind === 'reward' ? [] : columns.map((column) => targetIsThere(kind, column)),
  );
  return `(${conditions.join(' OR ') || 'true'})`;
}

function targetIsThere(kind: TargetKind, column: string): string {
  switch (kind) {
    case 'classification':
    case 'multiLabel':
      return isThere(column);
    case 'tokenClassification':
      return `len(${identifier(column)}) > 0`;
    case 'regression':
      return `isfinite(CAST(${identifier(column)} AS DOUBLE))`;
    default:
      return kind satisfies never;
  }
}
