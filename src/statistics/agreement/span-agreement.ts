import { type BootstrapOptions, bootstrapInterval } from '../bootstrap.js';
import { type Agreement, agreementOf, undefinedAgreement } from './agreement.js';
import { groupedAgreement, incomparableUnits, type JudgedPart } from './grouped-agreement.js';

export interface LabelledSpan {
  readonly start: number;
  /** The first place after it. */
  readonly end: number;
  readonly label: string;
}

/** The parts of a text that one person gave a label. */
export interface SpansAnswer {
  readonly unit: string;
  readonly annotator: string;
  readonly spans: readonly LabelledSpan[];
}

export interface SpanAgreement {
  /**
   * F1 of equal spans (start, end and label): of two people, twice the spans that both gave over all that either gave,
   * and 1 where neither gave any; the mean over pairs of people of a unit, then over units. With spans that are few
   * beside all that could be chosen, it is what κ tends to (Hripcsak & Rothschild 2005, JAMIA 12).
   */
  readonly f1: Agreement;
  /** Krippendorff's nominal α of each character's labels, none being a label, too. Part of a span counts in part. */
  readonly alpha: Agreement;
}

/**
 * Agreement on labelled parts of texts. Intervals come from samples of texts.
 *
 * @param lengthOf how long each unit's text is, in the unit that spans count in
 */
export function spanAgreement(
  answers: readonly SpansAnswer[],
  lengthOf: ReadonlyMap<string, number>,
  options: BootstrapOptions,
): SpanAgreement {
  const units = new Map<string, LabelledSpan[][]>();
  for (const { unit, spans } of answers) {
    const people = units.get(unit) ?? [];
    units.set(unit, people);
    people.push([...spans]);
  }
  const annotatorCount = new Set(answers.map(({ annotator }) => annotator)).size;
  const shared = [...units.values()].filter((each) => each.length >= 2);
  const reason = incomparableUnits(units.size, annotatorCount, shared.length);
  if (reason !== null) {
    const none = undefinedAgreement(reason, 0);
    return { f1: none, alpha: none };
  }
  const categories = new Map<string, number>();
  const { alpha } = groupedAgreement(partsOf(units, lengthOf, categories), {
    ...options,
    categoryCount: () => categories.size,
    annotatorCount,
  });
  return { f1: meanAgreement(shared.map(meanF1), options), alpha };
}

/** The mean of one value a unit. */
function meanAgreement(values: readonly number[], options: BootstrapOptions): Agreement {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const kinds = [...counts];
  const statistic = (drawn: ArrayLike<number>): number =>
    kinds.reduce((sum, [value], kind) => sum + value * drawn[kind]!, 0) / values.length;
  const times = kinds.map(([, count]) => count);
  return agreementOf(statistic(times), values.length, bootstrapInterval(times, statistic, options));
}

function meanF1(people: readonly (readonly LabelledSpan[])[]): number {
  const sets = people.map((spans) => new Set(spans.map((span) => JSON.stringify([span.start, span.end, span.label]))));
  let [sum, pairs] = [0, 0];
  for (const [one, first] of sets.entries()) {
    for (const second of sets.slice(one + 1)) {
      const all = first.size + second.size;
      let common = 0;
      for (const span of first) if (second.has(span)) common++;
      sum += all === 0 ? 1 : (2 * common) / all;
      pairs++;
    }
  }
  return sum / pairs;
}

function* partsOf(
  units: ReadonlyMap<string, readonly (readonly LabelledSpan[])[]>,
  lengthOf: ReadonlyMap<string, number>,
  categories: Map<string, number>,
): Generator<Generator<JudgedPart>> {
  for (const [unit, people] of units) yield stretches(people, lengthOf.get(unit) ?? 0, categories);
}

/**
 * The stretches of a text within which nobody's labels change, each to be read before the next. Time O(spans ·
 * (log(spans) + people)).
 */
function* stretches(
  people: readonly (readonly LabelledSpan[])[],
  length: number,
  categories: Map<string, number>,
): Generator<JudgedPart> {
  const edges = people.flatMap((spans, person) =>
    spans.flatMap(({ start, end, label }) => [
      { at: start, person, label, change: 1 },
      { at: end, person, label, change: -1 },
    ]),
  );
  edges.sort((one, two) => one.at - two.at);
  const open = people.map(() => new Map<string, number>());
  const current = people.map(() => placeOf(categories, '[]'));
  let from = 0;
  for (let next = 0; next < edges.length; ) {
    const { at } = edges[next]!;
    if (at > from) yield { categories: current, weight: at - from };
    from = at;
    const changed = new Set<number>();
    for (; next < edges.length && edges[next]!.at === at; next++) {
      const { person, label, change } = edges[next]!;
      const count = (open[person]!.get(label) ?? 0) + change;
      if (count === 0) open[person]!.delete(label);
      else open[person]!.set(label, count);
      changed.add(person);
    }
    for (const person of changed) {
      current[person] = placeOf(categories, JSON.stringify([...open[person]!.keys()].sort()));
    }
  }
  if (length > from) yield { categories: current, weight: length - from };
}

function placeOf(categories: Map<string, number>, name: string): number {
  const place = categories.get(name) ?? categories.size;
  categories.set(name, place);
  return place;
}
