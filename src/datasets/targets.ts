import { type InputProblem, problem } from '../problems/problem.js';
import type { ColumnType } from '../protocol/datasets/column-type.js';
import { largestTarget, type TargetKind } from '../protocol/heads.js';
import type { DividedSplit } from '../protocol/held-out.js';
import { checkColumnType, checkLabelColumn } from './check-columns.js';
import type { DatasetVersionRow } from './dataset.reads.js';
import type { ExampleReader, LabelCounts, NumberSummaries, UnequalWords } from './dataset-commands.js';

/** A column of targets, and its path in the input. */
export interface TargetColumn {
  readonly name: string;
  readonly path: readonly string[];
}

const listTypes: readonly ColumnType[] = ['TEXT_LIST', 'INTEGER_LIST'];
const numberTypes: readonly ColumnType[] = ['FLOAT', 'INTEGER'];

/** Problems of a target column: it must exist, and hold values that a head of this kind predicts. */
export function checkTargetColumn(
  version: Pick<DatasetVersionRow, 'columns' | 'splits'>,
  kind: TargetKind,
  { name, path }: TargetColumn,
): InputProblem[] {
  switch (kind) {
    case 'classification':
      return checkLabelColumn(version, name, path);
    case 'multiLabel':
    case 'tokenClassification':
      return checkColumnType(version, name, listTypes, path).map(howToGetLists);
    case 'regression':
      return checkColumnType(version, name, numberTypes, path);
    default:
      return kind satisfies never;
  }
}

function howToGetLists(found: InputProblem): InputProblem {
  if (found.code !== 'WRONG_COLUMN_TYPE') return found;
  const how =
    'Lists are arrays in JSON Lines, columns of lists in Parquet, and columns of CoNLL; in CSV and TSV, `fileOptions.listColumns` says which columns hold them.';
  return { ...found, hint: found.hint === null ? how : `${found.hint} ${how}` };
}

/** The facts to find about the targets of heads. The columns must exist, and have the right types. */
export interface TargetQuery {
  readonly digest: string;
  /** One text column, or two for pairs. */
  readonly textColumns: readonly string[];
  readonly heads: readonly { readonly kind: TargetKind; readonly columns: readonly string[] }[];
  /** Rows that are held out of a split: facts about them are under the name that `heldOutPartOf` gives. */
  readonly division?: Pick<DividedSplit, 'split' | 'heldOut'> | null;
}

export interface TargetFacts {
  readonly counts: LabelCounts;
  /** Of the columns of regression heads. */
  readonly numbers: NumberSummaries;
  /** By column of tags. */
  readonly unequalWords: Readonly<Record<string, readonly UnequalWords[]>>;
}

export type TargetReader = Pick<ExampleReader, 'countLabels' | 'summarizeNumbers' | 'compareWords'>;

/** Counts the targets of heads in all splits. */
export function countTargets(examples: Pick<ExampleReader, 'countLabels'>, query: TargetQuery): Promise<LabelCounts> {
  const { digest, textColumns } = query;
  const [labelColumns, tagColumns, numberColumns] = columnsByTarget(query);
  return examples.countLabels({
    digest,
    textColumns,
    labelColumns,
    tagColumns,
    numberColumns,
    division: divisionOf(query),
  });
}

export async function readTargetFacts(examples: TargetReader, query: TargetQuery): Promise<TargetFacts> {
  const { digest, textColumns } = query;
  const division = divisionOf(query);
  const [, tagColumns, numberColumns] = columnsByTarget(query);
  const [counts, numbers, ...unequal] = await Promise.all([
    countTargets(examples, query),
    numberColumns.length === 0 ? {} : examples.summarizeNumbers({ digest, textColumns, numberColumns, division }),
    ...tagColumns.map((tagColumn) =>
      examples.compareWords({ digest, wordColumn: textColumns[0]!, tagColumn, division }),
    ),
  ]);
  return { counts, numbers, unequalWords: Object.fromEntries(tagColumns.map((column, i) => [column, unequal[i]!])) };
}

function divisionOf({ division, textColumns, heads }: TargetQuery): DividedSplit | null {
  return division == null ? null : { ...division, textColumns, heads };
}

/** The columns of labels, of tags, and of numbers. */
function columnsByTarget({ heads }: TargetQuery): [string[], string[], string[]] {
  const columnsOf = (target: TargetValues) => [
    ...new Set(heads.filter(({ kind }) => valuesOfTargets(kind) === target).flatMap(({ columns }) => columns)),
  ];
  return [columnsOf('labels'), columnsOf('tags'), columnsOf('numbers')];
}

type TargetValues = 'labels' | 'tags' | 'numbers';

/** What the target columns of a head hold. */
function valuesOfTargets(kind: TargetKind): TargetValues {
  switch (kind) {
    case 'classification':
    case 'multiLabel':
      return 'labels';
    case 'tokenClassification':
      return 'tags';
    case 'regression':
      return 'numbers';
    default:
      return kind satisfies never;
  }
}

/** The kinds of heads whose targets are names: labels or tags. */
export type LabelledKind = Exclude<TargetKind, 'regression'>;

/**
 * Whether a split has a target for a head of this kind. An empty list of labels is a target, none of which fits; an
 * empty list of tags is none.
 */
export function hasTargets(counts: LabelCounts, kind: LabelledKind, column: string, split: string): boolean {
  return kind === 'multiLabel'
    ? (counts.splitsWithLists[column] ?? []).includes(split)
    : (counts.labels[column] ?? []).some((each) => each.split === split);
}

/** How many finite numbers a column has in a split. */
export function countNumbers({ numbers }: Pick<TargetFacts, 'numbers'>, column: string, split: string): number {
  return numbers[column]?.find((each) => each.split === split && each.position === 0)?.count ?? 0;
}

/**
 * Problems of numbers that are too large for errors of predictions to be measurable, in these splits.
 * @param path of the column in the input
 */
export function checkNumberRange(
  { numbers }: Pick<TargetFacts, 'numbers'>,
  column: string,
  splits: readonly string[],
  path: readonly string[],
): InputProblem[] {
  const found = (numbers[column] ?? []).filter(({ split }) => splits.includes(split));
  return found.flatMap(({ split, minimum, maximum }) => {
    const beyond = [minimum, maximum].find((value) => value !== null && Math.abs(value) > largestTarget);
    if (beyond === undefined) return [];
    const message = `In the split “${split}” the column “${column}” has the number ${beyond}; numbers to predict may be at most ${largestTarget} away from 0.`;
    return [problem(path, 'INVALID_VALUE', message, 'Store the numbers in another unit, or their logarithms.')];
  });
}

/**
 * Problems of rows in these splits that do not have one tag for each word.
 * @param path of the tag column in the input
 */
export function checkWords(
  { unequalWords }: Pick<TargetFacts, 'unequalWords'>,
  tagColumn: string,
  splits: readonly string[],
  path: readonly string[],
): InputProblem[] {
  const found = (unequalWords[tagColumn] ?? []).filter(({ split }) => splits.includes(split));
  return found.map(({ split, rows, firstRow, words, tags }) =>
    problem(
      path,
      'UNEQUAL_LENGTHS',
      `In ${rows} ${rows === 1 ? 'row' : 'rows'} of the split “${split}” the column “${tagColumn}” does not have one tag for each word; row ${firstRow} (the first row is 0, as in \`examples\`) has ${words} ${words === 1 ? 'word' : 'words'} and ${tags} ${tags === 1 ? 'tag' : 'tags'}.`,
      'Words are the items of a text column of lists; in a column of texts, white space separates the words. Mend or remove these rows, and add a version.',
    ),
  );
}
