import type { AnswerTable } from '../answers.js';
import type { BootstrapOptions } from '../bootstrap.js';
import { StatisticsError } from '../statistics-error.js';
import { type Agreement, type AgreementReason, estimateAgreement, undefinedAgreement } from './agreement.js';
import { incomparable, type UnitKind, unitKinds } from './unit-kinds.js';

/**
 * How far two labels are from each other. Nominal: equal or not. Ordinal: by how many answers lie between them, in the
 * order of the table's labels. Interval: by the difference of numbers.
 */
export type Level = 'NOMINAL' | 'ORDINAL' | 'INTERVAL';

/**
 * Krippendorff's α = 1 − D_o / D_e (Krippendorff 2011, “Computing Krippendorff's Alpha-Reliability”): the disagreement
 * within units over that of all answers that can be compared, whoever gave them to whatever. Any number of people may
 * have answered a unit; units with one answer do not count. 1 is perfect agreement and 0 that of chance; below 0,
 * people disagree systematically.
 *
 * With n answers and n_c of them for label c, D_o = Σ_units Σ_pairs δ² / ((m − 1)·n) over ordered pairs of the m
 * answers of a unit, and D_e = Σ_c Σ_k n_c·n_k·δ²(c, k) / (n(n − 1)). An ordinal δ is the difference of two labels'
 * mean ranks. Both sums of squares are taken from moments, so that time and memory do not grow with the square of the
 * number of labels.
 *
 * @throws StatisticsError `INTERVAL`, and a label is no finite number
 */
export function krippendorffAlpha(table: AnswerTable, level: Level, options: BootstrapOptions): Agreement {
  const prepared = prepare(table, level);
  if (typeof prepared === 'string') return undefinedAgreement(prepared, 0);
  return estimateAgreement(prepared.counts, prepared.unitCount, prepared.statistic, options);
}

interface Prepared {
  /** [kinds] units of each kind. */
  readonly counts: readonly number[];
  readonly unitCount: number;
  /** Of counts [kinds]; null where the answers that count are equal. */
  readonly statistic: (counts: ArrayLike<number>) => number | null;
}

function prepare(table: AnswerTable, level: Level): Prepared | AgreementReason {
  const values = level === 'INTERVAL' ? numbersOf(table) : new Float64Array(table.labels.length);
  const kinds = unitKinds(table, 2);
  const reason = incomparable(table, kinds);
  if (reason !== null) return reason;
  const flat = flatten(kinds);
  const within = new Float64Array(kinds.length);
  if (level !== 'ORDINAL') disagreementsWithin(flat, level === 'NOMINAL' ? null : values, within);
  const chosen = new Float64Array(table.labels.length);
  const statistic = (counts: ArrayLike<number>): number | null => {
    countChosen(flat, counts, chosen);
    if (chosen.reduce((different, count) => different + (count > 0 ? 1 : 0), 0) < 2) return null;
    if (level === 'ORDINAL') {
      meanRanks(chosen, values);
      disagreementsWithin(flat, values, within);
    }
    let observed = 0;
    for (let kind = 0; kind < within.length; kind++) observed += counts[kind]! * within[kind]!;
    const { answers, expected } = disagreementOfAll(chosen, level === 'NOMINAL' ? null : values);
    return 1 - ((answers - 1) * observed) / expected;
  };
  const counts = kinds.map(({ units }) => units);
  return { counts, unitCount: counts.reduce((sum, units) => sum + units, 0), statistic };
}

/** Labels as numbers, shifted so that their middle is 0: sums of squares keep their digits. */
function numbersOf({ labels }: AnswerTable): Float64Array {
  const wrong = labels.find((label) => typeof label !== 'number' || !Number.isFinite(label));
  if (wrong !== undefined) {
    const message = `${JSON.stringify(wrong)} is no finite number. Take ORDINAL for labels that have an order alone.`;
    throw new StatisticsError('NOT_A_NUMBER', 'labels', message);
  }
  const numbers = Float64Array.from(labels as number[]);
  if (numbers.length === 0) return numbers;
  const middle = numbers.reduce((sum, number) => sum + number / numbers.length, 0);
  return numbers.map((number) => number - middle);
}

/** Kinds of units in arrays, which samples read often: kind k's labels are from `starts[k]` to `starts[k + 1] − 1`. */
interface FlatKinds {
  readonly starts: Int32Array;
  readonly labels: Int32Array;
  readonly counts: Float64Array;
  readonly sizes: Float64Array;
}

function flatten(kinds: readonly UnitKind[]): FlatKinds {
  const starts = new Int32Array(kinds.length + 1);
  for (const [kind, { labels }] of kinds.entries()) starts[kind + 1] = starts[kind]! + labels.length;
  return {
    starts,
    labels: Int32Array.from(kinds.flatMap(({ labels }) => labels)),
    counts: Float64Array.from(kinds.flatMap(({ counts }) => counts)),
    sizes: Float64Array.from(kinds, ({ size }) => size),
  };
}

/**
 * Σ over ordered pairs of a unit's answers of δ², divided by m − 1, [kinds].
 * @param values null: nominal
 */
function disagreementsWithin(
  { starts, labels, counts, sizes }: FlatKinds,
  values: Float64Array | null,
  within: Float64Array,
): void {
  for (let kind = 0; kind < sizes.length; kind++) {
    const size = sizes[kind]!;
    let [sum, squares] = [0, 0];
    // Values from the unit's first on: squares of great ones would lose digits.
    const offset = values === null ? 0 : values[labels[starts[kind]!]!]!;
    for (let i = starts[kind]!; i < starts[kind + 1]!; i++) {
      const value = values === null ? 0 : values[labels[i]!]! - offset;
      sum += counts[i]! * value;
      squares += counts[i]! * (values === null ? counts[i]! : value * value);
    }
    within[kind] = (values === null ? size * size - squares : 2 * (size * squares - sum * sum)) / (size - 1);
  }
}

/** Σ over ordered pairs of all answers of δ². */
function disagreementOfAll(
  chosen: Float64Array,
  values: Float64Array | null,
): { readonly answers: number; readonly expected: number } {
  const answers = chosen.reduce((sum, count) => sum + count, 0);
  if (values === null) {
    return { answers, expected: answers * answers - chosen.reduce((sum, count) => sum + count * count, 0) };
  }
  let mean = 0;
  for (let label = 0; label < chosen.length; label++) mean += (chosen[label]! / answers) * values[label]!;
  let squares = 0;
  for (let label = 0; label < chosen.length; label++) {
    const difference = values[label]! - mean;
    squares += chosen[label]! * difference * difference;
  }
  return { answers, expected: 2 * answers * squares };
}

function countChosen(
  { starts, labels, counts, sizes }: FlatKinds,
  drawn: ArrayLike<number>,
  chosen: Float64Array,
): void {
  chosen.fill(0);
  for (let kind = 0; kind < sizes.length; kind++) {
    const times = drawn[kind]!;
    if (times === 0) continue;
    for (let i = starts[kind]!; i < starts[kind + 1]!; i++) chosen[labels[i]!]! += times * counts[i]!;
  }
}

/** The mean rank of each label's answers, in the order of the labels: Σ_{g < c} n_g + n_c / 2. */
function meanRanks(chosen: Float64Array, ranks: Float64Array): void {
  let before = 0;
  for (let label = 0; label < chosen.length; label++) {
    ranks[label] = before + chosen[label]! / 2;
    before += chosen[label]!;
  }
}
