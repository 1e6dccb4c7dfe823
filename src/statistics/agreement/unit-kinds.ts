import type { AnswerTable } from '../answers.js';
import type { AgreementReason } from './agreement.js';

/** Units that were given the same labels equally often: coefficients can not tell them apart. */
export interface UnitKind {
  /** Places of the different labels, in ascending order. */
  readonly labels: readonly number[];
  /** How many people chose each of them. */
  readonly counts: readonly number[];
  /** Answers in all. */
  readonly size: number;
  /** Units of this kind. */
  readonly units: number;
}

/** Kinds of units with at least so many answers. Time O(answers · log(answers of a unit)). */
export function unitKinds({ starts, labelOf, units }: AnswerTable, leastAnswers: number): UnitKind[] {
  const kinds = new Map<string, { labels: number[]; counts: number[]; size: number; units: number }>();
  for (let u = 0; u < units.length; u++) {
    const given = labelOf.slice(starts[u]!, starts[u + 1]!).sort();
    if (given.length < leastAnswers) continue;
    const key = given.join();
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { ...countEach(given), size: given.length, units: 1 });
    else kind.units++;
  }
  return [...kinds.values()];
}

/** Why units can not be compared, if so. */
export function incomparable(table: AnswerTable, kinds: readonly UnitKind[]): AgreementReason | null {
  if (table.units.length === 0) return 'NO_ANSWERS';
  if (table.annotators.length < 2) return 'FEWER_THAN_TWO_ANNOTATORS';
  return kinds.some(({ size }) => size >= 2) ? null : 'NO_UNIT_WITH_TWO_ANSWERS';
}

/** Units with at least two answers. */
export function comparableUnits(kinds: readonly UnitKind[]): number {
  return kinds.reduce((sum, { size, units }) => (size >= 2 ? sum + units : sum), 0);
}

/** The share of pairs of answers to a unit that are equal: Σ_k n_k(n_k − 1) / (m(m − 1)), m ≥ 2. */
export function equalPairs({ counts, size }: UnitKind): number {
  return counts.reduce((sum, count) => sum + count * (count - 1), 0) / (size * (size - 1));
}

function countEach(sorted: Int32Array): { labels: number[]; counts: number[] } {
  const labels: number[] = [];
  const counts: number[] = [];
  for (const label of sorted) {
    if (labels.at(-1) === label) counts[counts.length - 1]!++;
    else {
      labels.push(label);
      counts.push(1);
    }
  }
  return { labels, counts };
}
