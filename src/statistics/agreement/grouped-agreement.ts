import { type BootstrapOptions, bootstrapIntervals } from '../bootstrap.js';
import { type Agreement, type AgreementReason, agreementOf, undefinedAgreement } from './agreement.js';

/** A part of a unit, and what each person who judged it said of it. */
export interface JudgedPart {
  /** Places of categories, one for each person. */
  readonly categories: readonly number[];
  /** How much it counts: 1, or the characters of a stretch of text. */
  readonly weight: number;
}

export interface GroupedAgreement {
  readonly raw: Agreement;
  readonly alpha: Agreement;
  readonly ac1: Agreement;
}

/**
 * Raw agreement, Krippendorff's nominal α and Gwet's AC1 of the parts of units: pairs of a ranking's answers, stretches
 * of a text. Values are those of parts that stand alone. Parts of one unit depend on each other, so that intervals come
 * from samples of units, each with all of its parts.
 *
 * @param units [units][parts], read once: the parts of all of them need not be held at a time
 * @param categoryCount K of AC1; a function is called once all parts were read
 */
export function groupedAgreement(
  units: Iterable<Iterable<JudgedPart>>,
  options: BootstrapOptions & { readonly categoryCount: number | (() => number); readonly annotatorCount: number },
): GroupedAgreement {
  const { annotatorCount } = options;
  const kinds = kindsOf(units);
  const categoryCount = typeof options.categoryCount === 'number' ? options.categoryCount : options.categoryCount();
  const unitCount = kinds.reduce((sum, { units: alike, weight }) => (weight > 0 ? sum + alike : sum), 0);
  const reason = incomparableUnits(kinds.length, annotatorCount, unitCount);
  if (reason !== null) {
    const undefinedOnes = undefinedAgreement(reason, 0);
    return { raw: undefinedOnes, alpha: undefinedOnes, ac1: undefinedOnes };
  }
  const counts = kinds.map(({ units: alike }) => alike);
  const chosen = new Float64Array(categoryCount);
  const shares = new Float64Array(categoryCount);
  const statistics = (drawn: ArrayLike<number>): (number | null)[] => {
    chosen.fill(0);
    shares.fill(0);
    let [weight, equal, different, allWeight] = [0, 0, 0, 0];
    for (let k = 0; k < kinds.length; k++) {
      const times = drawn[k]!;
      if (times === 0) continue;
      const kind = kinds[k]!;
      weight += times * kind.weight;
      equal += times * kind.equal;
      different += times * kind.different;
      allWeight += times * kind.allWeight;
      for (let i = 0; i < kind.categories.length; i++) {
        chosen[kind.categories[i]!]! += times * kind.chosen[i]!;
        shares[kind.categories[i]!]! += times * kind.shares[i]!;
      }
    }
    if (weight === 0) return [null, null, null];
    const raw = equal / weight;
    const answers = chosen.reduce((sum, count) => sum + count, 0);
    const apart = answers * answers - chosen.reduce((sum, count) => sum + count * count, 0);
    const several = chosen.filter((count) => count > 0).length > 1;
    const byChance =
      shares.reduce((sum, share) => sum + (share / allWeight) * (1 - share / allWeight), 0) / (categoryCount - 1);
    return [
      raw,
      several ? 1 - ((answers - 1) * different) / apart : null,
      categoryCount < 2 ? null : (raw - byChance) / (1 - byChance),
    ];
  };
  const values = statistics(counts);
  const intervals = bootstrapIntervals(counts, statistics, 3, options);
  const [raw, alpha, ac1] = values.map((value, place) => agreementOf(value, unitCount, intervals[place]!));
  return { raw: raw!, alpha: alpha!, ac1: ac1! };
}

/** Why units can not be compared, if so. */
export function incomparableUnits(units: number, annotators: number, comparableUnits: number): AgreementReason | null {
  if (units === 0) return 'NO_ANSWERS';
  if (annotators < 2) return 'FEWER_THAN_TWO_ANNOTATORS';
  return comparableUnits === 0 ? 'NO_UNIT_WITH_TWO_ANSWERS' : null;
}

/** What the parts of a unit add to the sums; units that add the same are one kind. */
interface Kind {
  units: number;
  /** Weights of parts with two answers, and of all. */
  readonly weight: number;
  readonly allWeight: number;
  /** Σ weight · share of equal pairs. */
  readonly equal: number;
  /** Σ weight · ordered pairs that differ / (m − 1). */
  readonly different: number;
  readonly categories: readonly number[];
  /** Answers of each of them to parts with two answers, and shares of the answers to all parts; times weights. */
  readonly chosen: readonly number[];
  readonly shares: readonly number[];
}

function kindsOf(units: Iterable<Iterable<JudgedPart>>): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const parts of units) {
    const kind = kindOf(parts);
    const { units: _, ...sums } = kind;
    const key = JSON.stringify(sums);
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, kind);
    else known.units++;
  }
  return [...kinds.values()];
}

function kindOf(parts: Iterable<JudgedPart>): Kind {
  let [weight, allWeight, equal, different] = [0, 0, 0, 0];
  const chosen = new Map<number, number>();
  const shares = new Map<number, number>();
  for (const part of parts) {
    const size = part.categories.length;
    if (size === 0) continue;
    const counts = new Map<number, number>();
    for (const category of part.categories) counts.set(category, (counts.get(category) ?? 0) + 1);
    let squares = 0;
    for (const [category, count] of counts) {
      squares += count * count;
      shares.set(category, (shares.get(category) ?? 0) + (part.weight * count) / size);
      if (size >= 2) chosen.set(category, (chosen.get(category) ?? 0) + part.weight * count);
    }
    allWeight += part.weight;
    if (size < 2) continue;
    weight += part.weight;
    equal += (part.weight * (squares - size)) / (size * (size - 1));
    different += (part.weight * (size * size - squares)) / (size - 1);
  }
  const categories = [...shares.keys()].sort((a, b) => a - b);
  return {
    units: 1,
    weight,
    allWeight,
    equal,
    different,
    categories,
    chosen: categories.map((category) => chosen.get(category) ?? 0),
    shares: categories.map((category) => shares.get(category)!),
  };
}
