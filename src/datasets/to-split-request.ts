import { ProblemsError, problem } from '../problems/problem.js';
import { type SplitRequest, usualSplit } from '../protocol/datasets/split-request.js';
import type { SplitChoice } from './dataset.input.js';

/** @throws ProblemsError when the input gives both ways */
export function toSplitRequest(choice: SplitChoice): SplitRequest {
  return toGivenSplit(choice) ?? usualSplit;
}

/** Null: none is given. Errors: as `toSplitRequest`. */
export function toGivenSplit({ split, splitColumn }: SplitChoice): SplitRequest | null {
  if (split != null && splitColumn != null) {
    throw new ProblemsError([
      problem(['splitColumn'], 'INVALID_VALUE', 'Give either `split` or `splitColumn`, not both.'),
    ]);
  }
  if (splitColumn != null) return { kind: 'column', column: splitColumn };
  return split == null ? null : { kind: 'drawn', ...split, stratifyBy: split.stratifyBy ?? null };
}
