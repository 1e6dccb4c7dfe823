import { createRandom, shuffle } from '../../data/random.js';
import { createBalance } from './balance.js';
import { coverLabels } from './cover-labels.js';
import { stratifyIteratively } from './iterative-stratification.js';
import { withLabelPairs } from './label-pairs.js';
import { levelSplits } from './level-splits.js';
import type { UnitKinds } from './unit-kinds.js';

export interface Division {
  /** Their sum is 1. */
  readonly fractions: readonly number[];
  readonly seed: number;
  /** 1: each label comes near to the fractions; 2: each pair of labels, too. */
  readonly order: 1 | 2;
  /** Whether each label that occurs in as many units as there are splits is to occur in every split. */
  readonly coverLabels: boolean;
}

/** The most labels and pairs of labels of all kinds together: 16 bytes each. */
const mostPairs = 30_000_000;

/**
 * Divides units into splits, stratified by all of their labels. The same kinds in the same order, with the same seed,
 * give the same shares.
 * @returns how many units of each kind go to each split `[K, splits]`
 * @throws RangeError for more pairs of labels than `mostPairs`
 */
export function divideUnits(kinds: UnitKinds, { fractions, seed, order, coverLabels: cover }: Division): Int32Array {
  const { labelCount } = kinds;
  const strata = order === 1 ? kinds : withLabelPairs(kinds, mostPairs);
  const random = createRandom(seed, order);
  const balance = createBalance(strata, { fractions, labels: labelCount, coverLabels: cover });
  const shares = stratifyIteratively(strata, balance, random);
  levelSplits(balance, shares, shuffle(Int32Array.from(kinds.units.keys()), random));
  if (cover) coverLabels(kinds, shares, fractions.length);
  return shares;
}
