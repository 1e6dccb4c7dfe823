import type { TextEquality } from '../../../src/protocol/preparation/steps/duplicates.js';
import type { StepTools } from '../row-table.js';
import type { ComparedRows } from './compared-rows.js';
import { findExactCopies } from './exact-copies.js';
import { findFoldedCopies } from './folded-copies.js';

/** Makes the table of rows that are equal to others: `source`, `row`, and the number of their set, `cluster`. */
export function findEqualCopies(match: TextEquality, compared: ComparedRows, tools: StepTools): Promise<string> {
  switch (match) {
    case 'exact':
      return findExactCopies(compared, tools);
    case 'normalized':
      return findFoldedCopies(compared, tools);
    default:
      return match satisfies never;
  }
}

/** What is said of two rows that are equal. */
export const equalReasons: Readonly<Record<TextEquality, string>> = {
  exact: 'The two are equal.',
  normalized: 'The two differ in case, white space, punctuation or forms of characters at most.',
};
