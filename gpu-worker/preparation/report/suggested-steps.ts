import type { SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';

/** The steps of recipes that findings suggest, each as a recipe takes it. */
export const dropColumns = (columns: readonly string[]): SuggestedStep => ({ kind: 'dropColumns', columns });

export const dropMissing = (columns: readonly string[]): SuggestedStep => ({ kind: 'dropMissing', columns });

export const dropEmptyTexts = (column: string): SuggestedStep => ({
  kind: 'filterLength',
  column,
  unit: 'CHARACTERS',
  minimum: 1,
  maximum: null,
});

export const dropDuplicates = (columns: readonly string[], match: 'exact' | 'normalized'): SuggestedStep => ({
  kind: 'dropDuplicates',
  columns,
  match,
});

export const mapLabels = (
  column: string,
  mapping: readonly { readonly from: string; readonly to: string }[],
): SuggestedStep => ({ kind: 'mapLabels', column, mapping });
