import type { RatioOf } from './clipped-policy-loss.js';

/**
 * How the losses of tokens become one. `sequence`: the mean over completions of the mean over each one's tokens (GRPO).
 * `token`: the mean over all tokens of the update (DAPO, Yu et al. 2025, arXiv:2503.14476, equation 8). `batch`: the
 * same of each batch, then the mean over batches (BNPO). `constant`: the sum over completions and tokens, divided by
 * the completions and the most tokens that one may have, so that length has no part in it (Dr. GRPO, Liu et al. 2025,
 * arXiv:2503.20783).
 */
export type Aggregation = 'sequence' | 'token' | 'batch' | 'constant';

/** A completion of an update. */
export interface Weighted {
  /** Its tokens, |y|. */
  readonly length: number;
  /** Whether its loss counts: not so that of a completion that was cut off, where those are masked. */
  readonly counts: boolean;
  /** The batch of the update that it is computed in, from 0. */
  readonly batch: number;
}

/**
 * What the loss of each token of a completion is multiplied by: one number a completion, [R].
 *
 * A masked completion still counts among the completions of `sequence` and `constant`, and its tokens nowhere, as TRL
 * has it.
 *
 * @param mostTokens that a completion may have
 */
export function tokenWeights(
  completions: readonly Weighted[],
  aggregation: Aggregation,
  mostTokens: number,
): Float64Array {
  const R = completions.length;
  const counted = completions.map(({ length, counts }) => (counts ? length : 0));
  const all = Math.max(
    1,
    counted.reduce((sum, each) => sum + each, 0),
  );
  const ofBatch = new Map<number, number>();
  for (const [index, { batch }] of completions.entries()) {
    ofBatch.set(batch, (ofBatch.get(batch) ?? 0) + counted[index]!);
  }
  const weightOf = ({ length, batch }: Weighted): number => {
    switch (aggregation) {
      case 'sequence':
        return 1 / (R * Math.max(1, length));
      case 'token':
        return 1 / all;
      case 'batch':
        return 1 / (ofBatch.size * Math.max(1, ofBatch.get(batch)!));
      case 'constant':
        return 1 / (R * mostTokens);
      default:
        return aggregation satisfies never;
    }
  };
  return Float64Array.from(completions, (completion) => (completion.counts ? weightOf(completion) : 0));
}

/** By how much each token's ln ρ counts in that of a completion of so many tokens. */
export function shareInRow(ratioOf: RatioOf, length: number): number {
  switch (ratioOf) {
    case 'token':
      return 0;
    case 'sequenceMean':
      return 1 / Math.max(1, length);
    case 'sequence':
      return 1;
    default:
      return ratioOf satisfies never;
  }
}
