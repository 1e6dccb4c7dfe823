import type { AnswerTable } from '../answers.js';
import type { BootstrapOptions } from '../bootstrap.js';
import { type Agreement, estimateAgreement, undefinedAgreement } from './agreement.js';
import { comparableUnits, equalPairs, incomparable, unitKinds } from './unit-kinds.js';

/**
 * Gwet's AC1 = (p_a − p_e) / (1 − p_e) with p_e = Σ_k π_k(1 − π_k) / (K − 1) over K labels (Gwet 2008, British Journal
 * of Mathematical and Statistical Psychology 61). p_a is the share of equal pairs of answers over units with two
 * answers; π_k is the mean over all units, also those with one answer, of the share of their answers that is k. It
 * stays high where nearly all units have one label and nearly all answers agree.
 *
 * K counts the labels that can be chosen where they were given to the table, and otherwise those that occur. Where they
 * were given and all answers are equal, AC1 is 1; where one label occurs and others are not known, it has no value.
 */
export function gwetAc1(table: AnswerTable, options: BootstrapOptions): Agreement {
  const kinds = unitKinds(table, 1);
  const unitCount = comparableUnits(kinds);
  const reason = incomparable(table, kinds);
  if (reason !== null) return undefinedAgreement(reason, unitCount);
  const labelCount = table.labels.length;
  if (labelCount < 2) return undefinedAgreement('ALL_ANSWERS_EQUAL', unitCount);
  const shares = kinds.map((kind) => (kind.size >= 2 ? equalPairs(kind) : 0));
  const chosen = new Float64Array(labelCount);
  const statistic = (counts: ArrayLike<number>): number | null => {
    chosen.fill(0);
    let [equal, comparable] = [0, 0];
    for (let kind = 0; kind < kinds.length; kind++) {
      const { labels, counts: chosenBy, size } = kinds[kind]!;
      if (size >= 2) {
        equal += counts[kind]! * shares[kind]!;
        comparable += counts[kind]!;
      }
      for (let i = 0; i < labels.length; i++) chosen[labels[i]!]! += (counts[kind]! * chosenBy[i]!) / size;
    }
    if (comparable === 0) return null;
    const drawn = table.units.length;
    const byChance = chosen.reduce((sum, count) => sum + (count / drawn) * (1 - count / drawn), 0) / (labelCount - 1);
    return (equal / comparable - byChance) / (1 - byChance);
  };
  return estimateAgreement(
    kinds.map(({ units }) => units),
    unitCount,
    statistic,
    options,
  );
}
