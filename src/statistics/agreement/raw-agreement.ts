import type { AnswerTable } from '../answers.js';
import type { BootstrapOptions } from '../bootstrap.js';
import { type Agreement, estimateAgreement, undefinedAgreement } from './agreement.js';
import { equalPairs, incomparable, unitKinds } from './unit-kinds.js';

/**
 * The probability that two people who answered the same unit said the same: the mean over units of the share of their
 * pairs of answers that are equal. It is not corrected for chance, and high where nearly all units have one label.
 */
export function rawAgreement(table: AnswerTable, options: BootstrapOptions): Agreement {
  const kinds = unitKinds(table, 2);
  const reason = incomparable(table, kinds);
  if (reason !== null) return undefinedAgreement(reason, 0);
  const shares = kinds.map(equalPairs);
  const unitCount = kinds.reduce((sum, { units }) => sum + units, 0);
  const statistic = (counts: ArrayLike<number>) =>
    shares.reduce((sum, share, kind) => sum + counts[kind]! * share, 0) / unitCount;
  return estimateAgreement(
    kinds.map(({ units }) => units),
    unitCount,
    statistic,
    options,
  );
}
