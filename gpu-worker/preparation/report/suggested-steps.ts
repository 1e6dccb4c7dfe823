import type { SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';
import type { DropDuplicates, ResolveLabelConflicts } from '../../../src/protocol/preparation/steps/duplicates.js';
import type { FilterLength, FilterRows } from '../../../src/protocol/preparation/steps/filters.js';
import type { DropMissing } from '../../../src/protocol/preparation/steps/gaps.js';
import type { PersonalDataSearch } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { DrawSplits } from '../../../src/protocol/preparation/steps/splits.js';

/** A step that would drop a greater share of the rows is not suggested: it is not the rest that is at fault. */
export const mostDropped = 0.5;

/** The steps of recipes that findings suggest, each as a recipe takes it. */
export const dropColumns = (columns: readonly string[]): SuggestedStep => ({ kind: 'dropColumns', columns });

/** @param blankIsMissing whether texts of white space alone are missing, too */
export const dropMissing = (columns: readonly string[], blankIsMissing: boolean): DropMissing => ({
  kind: 'dropMissing',
  columns: [...columns],
  when: 'ANY',
  blankIsMissing,
});

/** Of copies, one row stays: in the first of the splits that has any. */
export const dropCopies = (
  columns: readonly string[],
  match: DropDuplicates['match'],
  splitOrder: readonly string[],
): DropDuplicates => ({ ...duplicatesOf(columns, match, splitOrder), scope: 'rows' });

/** Rows go that are copies of a row in a split before theirs. */
export const dropLeaks = (
  columns: readonly string[],
  match: DropDuplicates['match'],
  splitOrder: readonly string[],
): DropDuplicates => ({ ...duplicatesOf(columns, match, splitOrder), scope: 'splits' });

/** Near copies by the step's usual measure, by which a report looks for them, too. */
function duplicatesOf(
  columns: readonly string[],
  match: DropDuplicates['match'],
  splitOrder: readonly string[],
): Omit<DropDuplicates, 'scope'> {
  return {
    kind: 'dropDuplicates',
    columns: [...columns],
    match,
    near: null,
    keep: 'first',
    splitOrder: [...splitOrder],
    versions: [],
  };
}

export const resolveConflicts = (columns: readonly string[], label: string): ResolveLabelConflicts => ({
  kind: 'resolveLabelConflicts',
  columns: [...columns],
  match: 'normalized',
  label,
  action: 'majority',
  ties: 'drop',
  markColumn: null,
});

type SplitRows = { readonly split: string; readonly rows: number };

/** All rows are dealt out anew, so that each split has each label. */
export const drawStratified = (splits: readonly SplitRows[], label: string): DrawSplits => drawAnew(splits, label, []);

/** All rows are dealt out anew, so that each group is in one split. */
export const drawGroups = (splits: readonly SplitRows[], group: string, label: string | null): DrawSplits =>
  drawAnew(splits, label, [group]);

/** Splits stay as large as they are. */
function drawAnew(splits: readonly SplitRows[], label: string | null, groups: readonly string[]): DrawSplits {
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  return {
    kind: 'drawSplits',
    fractions: splits.map((each) => ({ name: each.split, fraction: each.rows / rows })),
    seed: 0,
    stratifyBy: label,
    stratifyPairs: false,
    coverLabels: true,
    refuseMissingLabels: false,
    groupBy: [...groups],
    keepTogether: null,
    nearDuplicates: null,
    onlyUnassigned: false,
    fromSplits: null,
  };
}

export const mapLabels = (
  column: string,
  mapping: readonly { readonly from: string; readonly to: string }[],
): SuggestedStep => ({
  kind: 'mapLabels',
  column,
  labels: mapping,
  ignoreCase: false,
  ignoreWhiteSpace: false,
  others: 'KEEP',
});

/** Rows of rare labels are copied, until the most frequent one has ten times as many at most. */
export const balanceLabels = (column: string, split: string): SuggestedStep => ({
  kind: 'balanceLabels',
  column,
  target: { kind: 'ratio', ratio: 10, by: 'over' },
  change: null,
  split,
  seed: 0,
});

/** Rows in these languages go; those stay whose language can not be told. */
export const dropLanguages = (column: string, languages: readonly string[]): SuggestedStep => ({
  kind: 'filterLanguage',
  column,
  action: 'DROP',
  languages: [...languages],
  minConfidence: 0.9,
  keepUnknown: true,
  as: null,
});

/** All that a report looks for is masked, whatever kinds it has found. */
export const maskPersonalData = (
  column: string,
  { kinds, phoneRegions, leastConfidence }: PersonalDataSearch,
): SuggestedStep => ({
  kind: 'maskPersonalData',
  columns: [column],
  kinds,
  phoneRegions,
  leastConfidence,
  mask: 'LABEL',
  seed: 0,
});

export const repairMojibake = (column: string): SuggestedStep => ({ kind: 'repairMojibake', columns: [column] });

/** Rows stay whose number is in these bounds, or missing. */
export const keepBetween = (column: string, least: number, most: number): FilterRows => ({
  kind: 'filterRows',
  where: {
    operator: 'or',
    conditions: [
      { operator: 'isMissing', column },
      {
        operator: 'and',
        conditions: [
          { operator: 'greaterOrEqual', column, value: least },
          { operator: 'lessOrEqual', column, value: most },
        ],
      },
    ],
  },
});

/** Rows stay whose text has as many characters, and those without a text. Null: no bound. */
export const keepOfLength = (column: string, atLeast: number | null, atMost: number | null): FilterLength => ({
  kind: 'filterLength',
  column,
  unit: 'characters',
  atLeast,
  atMost,
  model: null,
  keepMissing: true,
});
