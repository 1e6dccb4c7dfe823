import type { SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';

/** The steps of recipes that findings suggest, each as a recipe takes it. */
export const dropColumns = (columns: readonly string[]): SuggestedStep => ({ kind: 'dropColumns', columns });

export const dropMissing = (columns: readonly string[]): SuggestedStep => ({ kind: 'dropMissing', columns });

export const dropEmptyTexts = (column: string): SuggestedStep => ({
  kind: 'filterLength',
  column,
  unit: 'words',
  atLeast: 1,
  atMost: null,
  model: null,
  keepMissing: true,
});

/** Of copies, one row stays: in the first of the splits that has any. */
export const dropCopies = (
  columns: readonly string[],
  match: 'exact' | 'normalized' | 'near',
  splitOrder: readonly string[],
): SuggestedStep => ({
  kind: 'dropDuplicates',
  columns,
  match: match === 'near' ? nearMatch : { kind: match },
  scope: { kind: 'rows', keep: 'first', splitOrder },
});

/** Rows go that are copies of a row in a split before theirs. */
export const dropLeaks = (
  columns: readonly string[],
  match: 'normalized' | 'near',
  splitOrder: readonly string[],
): SuggestedStep => ({
  kind: 'dropDuplicates',
  columns,
  match: match === 'near' ? nearMatch : { kind: match },
  scope: { kind: 'splits', splitOrder },
});

/**
 * How near duplicates are looked for, in a report and in the step that it suggests. MinHash misses one in ten pairs
 * whose similarity is a tenth above the threshold: copies of a sentence with one other word have about 0.85.
 */
export const nearMatch = {
  kind: 'near',
  threshold: 0.7,
  shingles: { unit: 'words', size: 3 },
  permutations: 128,
  seed: 1,
  verify: true,
} as const;

export const resolveConflicts = (columns: readonly string[], label: string): SuggestedStep => ({
  kind: 'resolveLabelConflicts',
  columns,
  match: { kind: 'normalized' },
  label,
  action: { kind: 'majority', ties: 'drop' },
});

/** All rows are dealt out anew, so that each split has each label. */
export const drawStratified = (
  splits: readonly { readonly split: string; readonly rows: number }[],
  label: string,
): SuggestedStep => {
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  return {
    kind: 'drawSplits',
    fractions: splits.map((each) => ({ name: each.split, fraction: each.rows / rows })),
    seed: 0,
    stratifyBy: label,
    stratifyPairs: false,
    coverLabels: true,
    refuseMissingLabels: false,
    groupBy: [],
    keepTogether: null,
    onlyUnassigned: false,
    fromSplits: null,
  };
};

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

export const maskPersonalData = (column: string, kinds: readonly string[]): SuggestedStep => ({
  kind: 'maskPersonalData',
  columns: [column],
  kinds,
  phoneRegions: [],
  leastConfidence: 0.5,
  mask: { kind: 'label' },
});

export const repairMojibake = (column: string): SuggestedStep => ({ kind: 'repairMojibake', columns: [column] });
