import type { AnswerTable } from '../answers.js';
import type { BootstrapOptions } from '../bootstrap.js';
import { type Agreement, estimateAgreement, undefinedAgreement } from './agreement.js';
import { comparableUnits, equalPairs, incomparable, unitKinds } from './unit-kinds.js';

/**
 * Fleiss' κ = (P̄ − P_e) / (1 − P_e), where P̄ is the share of equal pairs of answers and P_e = Σ_k (share of label k)²
 * (Fleiss 1971, Psychological Bulletin 76). It has no value unless each unit has the same number of answers.
 */
export function fleissKappa(table: AnswerTable, options: BootstrapOptions): Agreement {
  const kinds = unitKinds(table, 1);
  const reason = incomparable(table, kinds);
  if (reason !== null) return undefinedAgreement(reason, 0);
  if (kinds.some(({ size }) => size !== kinds[0]!.size)) {
    return undefinedAgreement('UNEQUAL_NUMBERS', comparableUnits(kinds));
  }
  const unitCount = table.units.length;
  const shares = kinds.map(equalPairs);
  const answerCount = unitCount * kinds[0]!.size;
  const chosen = new Float64Array(table.labels.length);
  const statistic = (counts: ArrayLike<number>): number | null => {
    chosen.fill(0);
    let equal = 0;
    for (let kind = 0; kind < kinds.length; kind++) {
      const { labels, counts: chosenBy } = kinds[kind]!;
      equal += counts[kind]! * shares[kind]!;
      for (let i = 0; i < labels.length; i++) chosen[labels[i]!]! += counts[kind]! * chosenBy[i]!;
    }
    const byChance = chosen.reduce((sum, count) => sum + (count / answerCount) * (count / answerCount), 0);
    return chosen.includes(answerCount) ? null : (equal / unitCount - byChance) / (1 - byChance);
  };
  return estimateAgreement(
    kinds.map(({ units }) => units),
    unitCount,
    statistic,
    options,
  );
}
