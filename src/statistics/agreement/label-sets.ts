import { places } from '../answers.js';
import { type BootstrapOptions, bootstrapIntervals } from '../bootstrap.js';
import { StatisticsError } from '../statistics-error.js';
import { type Agreement, agreementOf, undefinedAgreement } from './agreement.js';
import { type GroupedAgreement, incomparableUnits } from './grouped-agreement.js';

/** The labels that one person gave to one unit: any number of them, or none. */
export interface LabelSetAnswer {
  readonly unit: string;
  readonly annotator: string;
  readonly labels: readonly string[];
}

/** Agreement on sets of labels. */
export interface LabelSetAgreement {
  /** The mean over labels that have a value. */
  readonly mean: GroupedAgreement;
  /** Of each label, whether it was given or not, [labels]. */
  readonly labels: readonly GroupedAgreement[];
}

/** A unit's number of answers, and how many of them have each label that any of them has. */
interface Kind {
  units: number;
  readonly size: number;
  readonly labels: readonly number[];
  readonly given: readonly number[];
}

/**
 * Raw agreement, Krippendorff's nominal α and Gwet's AC1 of each label, as a question of yes or no to every unit, and
 * their means over labels, each counting the same. A label that nobody gave has no α: all answers are equal; its raw
 * agreement and AC1 are 1. Time O(rounds · (labels + labels that units were given)), whatever units were not given.
 *
 * @throws StatisticsError an answer has a label that is not among `labels`
 */
export function labelSetAgreement(
  answers: readonly LabelSetAnswer[],
  labels: readonly string[],
  options: BootstrapOptions,
): LabelSetAgreement {
  const kinds = kindsOf(answers, labels);
  const unitCount = kinds.reduce((sum, { size, units }) => (size >= 2 ? sum + units : sum), 0);
  const annotators = new Set(answers.map(({ annotator }) => annotator)).size;
  const reason = incomparableUnits(kinds.length, annotators, unitCount);
  if (reason !== null) {
    const none = undefinedAgreement(reason, 0);
    const each = { raw: none, alpha: none, ac1: none };
    return { mean: each, labels: labels.map(() => each) };
  }
  const counts = kinds.map(({ units }) => units);
  const statistics = (drawn: ArrayLike<number>) => coefficients(kinds, labels.length, drawn);
  const values = statistics(counts);
  const intervals = bootstrapIntervals(counts, statistics, values.length, options);
  const read = (place: number): Agreement => agreementOf(values[place]!, unitCount, intervals[place]!);
  const found = Array.from({ length: labels.length + 1 }, (_, label) => ({
    raw: read(3 * label),
    alpha: read(3 * label + 1),
    ac1: read(3 * label + 2),
  }));
  return { mean: found[labels.length]!, labels: found.slice(0, labels.length) };
}

/** Raw agreement, α and AC1 of each label, then their means, [3 · (labels + 1)]. */
function coefficients(kinds: readonly Kind[], labelCount: number, drawn: ArrayLike<number>): (number | null)[] {
  /** Σ share of pairs that differ; Σ ordered pairs that differ / (m − 1); answers with the label; Σ its share. */
  const sums = new Float64Array(4 * labelCount);
  let [units, comparable, answers] = [0, 0, 0];
  for (let k = 0; k < kinds.length; k++) {
    const times = drawn[k]!;
    if (times === 0) continue;
    const { size, labels, given } = kinds[k]!;
    units += times;
    if (size >= 2) {
      comparable += times;
      answers += times * size;
    }
    for (let i = 0; i < labels.length; i++) {
      const at = 4 * labels[i]!;
      const yes = given[i]!;
      sums[at + 3]! += (times * yes) / size;
      if (size < 2) continue;
      const apart = (2 * yes * (size - yes)) / (size - 1);
      sums[at]! += (times * apart) / size;
      sums[at + 1]! += times * apart;
      sums[at + 2]! += times * yes;
    }
  }
  const values: (number | null)[] = [];
  for (let label = 0; label < labelCount; label++) {
    if (comparable === 0) {
      values.push(null, null, null);
      continue;
    }
    const at = 4 * label;
    const raw = 1 - sums[at]! / comparable;
    const share = sums[at + 3]! / units;
    const byChance = 2 * share * (1 - share);
    const expected = 2 * sums[at + 2]! * (answers - sums[at + 2]!);
    values.push(
      raw,
      expected === 0 ? null : 1 - ((answers - 1) * sums[at + 1]!) / expected,
      (raw - byChance) / (1 - byChance),
    );
  }
  return [...values, ...[0, 1, 2].map((which) => meanOf(values.filter((_, place) => place % 3 === which)))];
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function kindsOf(answers: readonly LabelSetAnswer[], labels: readonly string[]): Kind[] {
  const labelPlaces = places(labels);
  const units = new Map<string, { size: number; readonly given: Map<number, number> }>();
  for (const [index, answer] of answers.entries()) {
    const unit = units.get(answer.unit) ?? { size: 0, given: new Map<number, number>() };
    units.set(answer.unit, unit);
    unit.size++;
    for (const label of answer.labels) {
      const place = labelPlaces.get(label);
      if (place === undefined) {
        const message = `${JSON.stringify(label)} is none of the labels that can be chosen.`;
        throw new StatisticsError('UNKNOWN_LABEL', `answers[${index}].labels`, message);
      }
      unit.given.set(place, (unit.given.get(place) ?? 0) + 1);
    }
  }
  const kinds = new Map<string, Kind>();
  for (const { size, given } of units.values()) {
    const sorted = [...given].sort(([one], [two]) => one - two);
    const key = `${size}:${sorted.join(';')}`;
    const kind = kinds.get(key);
    if (kind !== undefined) kind.units++;
    else {
      kinds.set(key, {
        units: 1,
        size,
        labels: sorted.map(([label]) => label),
        given: sorted.map(([, count]) => count),
      });
    }
  }
  return [...kinds.values()];
}
