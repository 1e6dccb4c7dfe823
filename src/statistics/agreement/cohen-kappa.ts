import type { AnswerTable } from '../answers.js';
import type { BootstrapOptions } from '../bootstrap.js';
import { StatisticsError } from '../statistics-error.js';
import { type Agreement, estimateAgreement, undefinedAgreement } from './agreement.js';

/** How much a difference of two labels counts: any as 1, by its steps, or by their square. */
export type KappaWeights = 'NONE' | 'LINEAR' | 'QUADRATIC';

/**
 * Cohen's κ of two people over the units that both answered: 1 − Σ w·o / Σ w·e, with w = 0 or 1, |i − j| or (i − j)² of
 * the labels' places (Cohen 1960, 1968). Without weights that is (p_o − p_e) / (1 − p_e). Weights ask for labels in
 * ascending order.
 *
 * @throws StatisticsError one of the two is no annotator of the table, or both are the same
 */
export function cohenKappa(
  table: AnswerTable,
  [first, second]: readonly [string, string],
  weights: KappaWeights,
  options: BootstrapOptions,
): Agreement {
  if (table.units.length === 0) return undefinedAgreement('NO_ANSWERS', 0);
  if (table.annotators.length < 2) return undefinedAgreement('FEWER_THAN_TWO_ANNOTATORS', 0);
  const cells = cellsOf(table, placeOf(table, first), placeOf(table, second, first));
  const unitCount = cells.reduce((sum, { units }) => sum + units, 0);
  if (unitCount === 0) return undefinedAgreement('NO_UNIT_WITH_TWO_ANSWERS', 0);
  const labelCount = table.labels.length;
  const [ofFirst, ofSecond] = [new Float64Array(labelCount), new Float64Array(labelCount)];
  const statistic = (counts: ArrayLike<number>): number | null => {
    ofFirst.fill(0);
    ofSecond.fill(0);
    let observed = 0;
    for (let cell = 0; cell < cells.length; cell++) {
      const { one, two } = cells[cell]!;
      ofFirst[one]! += counts[cell]!;
      ofSecond[two]! += counts[cell]!;
      observed += counts[cell]! * weightOf(one - two, weights);
    }
    const expected = expectedOf(ofFirst, ofSecond, weights) / unitCount;
    return expected === 0 ? null : 1 - observed / expected;
  };
  return estimateAgreement(
    cells.map(({ units }) => units),
    unitCount,
    statistic,
    options,
  );
}

/** How often the first said `one` where the second said `two`. */
interface Cell {
  readonly one: number;
  readonly two: number;
  units: number;
}

function cellsOf({ units, labels, starts, annotatorOf, labelOf }: AnswerTable, first: number, second: number): Cell[] {
  const cells = new Map<number, Cell>();
  for (let u = 0; u < units.length; u++) {
    let [one, two] = [-1, -1];
    for (let answer = starts[u]!; answer < starts[u + 1]!; answer++) {
      if (annotatorOf[answer] === first) one = labelOf[answer]!;
      if (annotatorOf[answer] === second) two = labelOf[answer]!;
    }
    if (one < 0 || two < 0) continue;
    const key = one * labels.length + two;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { one, two, units: 1 });
    else cell.units++;
  }
  return [...cells.values()];
}

function weightOf(steps: number, weights: KappaWeights): number {
  if (weights === 'NONE') return steps === 0 ? 0 : 1;
  return weights === 'LINEAR' ? Math.abs(steps) : steps * steps;
}

/** Σ_i Σ_j w(i − j)·a_i·b_j over labels that were chosen. */
function expectedOf(first: Float64Array, second: Float64Array, weights: KappaWeights): number {
  let sum = 0;
  for (let one = 0; one < first.length; one++) {
    if (first[one] === 0) continue;
    for (let two = 0; two < second.length; two++) sum += weightOf(one - two, weights) * first[one]! * second[two]!;
  }
  return sum;
}

function placeOf({ annotators }: AnswerTable, name: string, other?: string): number {
  const place = annotators.indexOf(name);
  const known = annotators.slice(0, 10).join(', ');
  if (place < 0)
    throw new StatisticsError('UNKNOWN_NAME', 'annotators', `“${name}” gave no answer. Some who did: ${known}.`);
  if (name === other)
    throw new StatisticsError('UNKNOWN_NAME', 'annotators', `“${name}” is named twice; name two people.`);
  return place;
}
