import { StatisticsError } from './statistics-error.js';

/** What a person may choose: a class, a side's answer, or a number on a scale. */
export type Label = string | number;

/** What one person said of one unit: a text to label, a pair to prefer one of. */
export interface Answer {
  readonly unit: string;
  readonly annotator: string;
  readonly label: Label;
}

/**
 * Answers by unit, their names replaced by places. The answers of unit u are those from `starts[u]` to
 * `starts[u + 1] − 1`, and each of them has a place in `annotatorOf` and `labelOf`.
 */
export interface AnswerTable {
  readonly units: readonly string[];
  readonly annotators: readonly string[];
  readonly labels: readonly Label[];
  /** Whether the labels were given, so that those that nobody chose count as choices, too. */
  readonly hasGivenLabels: boolean;
  /** [units + 1] */
  readonly starts: Int32Array;
  /** [answers] */
  readonly annotatorOf: Int32Array;
  /** [answers] */
  readonly labelOf: Int32Array;
  /** Answers that were left out, since the same person had answered the same unit before. */
  readonly repeatedCount: number;
}

/**
 * Groups answers by their units, in the order in which units, annotators and labels first occur. Of several answers of
 * one person to one unit the first counts: agreement is between persons, and a person's agreement with herself is
 * `selfConsistency`. Time O(answers).
 *
 * @param labels all that can be chosen, in ascending order if they have one. Left out, they are the labels that occur;
 *   numbers are then in ascending order.
 * @throws StatisticsError an answer has a label that is not among them, or one of them is there twice
 */
export function indexAnswers(answers: readonly Answer[], labels?: readonly Label[]): AnswerTable {
  const known = labels ?? occurring(answers);
  const labelPlaces = places(known);
  if (labelPlaces.size < known.length) {
    const repeated = known.find((label, place) => labelPlaces.get(label) !== place);
    throw new StatisticsError('REPEATED_LABEL', 'labels', `${JSON.stringify(repeated)} is there more than once.`);
  }
  const annotators = [...new Set(answers.map(({ annotator }) => annotator))];
  const annotatorPlaces = places(annotators);
  const byUnit = new Map<string, Map<number, number>>();
  let repeatedCount = 0;
  for (const [index, { unit, annotator, label }] of answers.entries()) {
    const place = labelPlaces.get(label);
    if (place === undefined) throw unknownLabel(index, label, known);
    const given = byUnit.get(unit) ?? new Map<number, number>();
    if (given.size === 0) byUnit.set(unit, given);
    const annotatorPlace = annotatorPlaces.get(annotator)!;
    if (given.has(annotatorPlace)) repeatedCount++;
    else given.set(annotatorPlace, place);
  }
  const units = [...byUnit.keys()];
  const starts = new Int32Array(units.length + 1);
  const annotatorOf = new Int32Array(answers.length - repeatedCount);
  const labelOf = new Int32Array(annotatorOf.length);
  let next = 0;
  for (const [u, given] of [...byUnit.values()].entries()) {
    for (const [annotator, label] of given) {
      annotatorOf[next] = annotator;
      labelOf[next++] = label;
    }
    starts[u + 1] = next;
  }
  const hasGivenLabels = labels !== undefined;
  return { units, annotators, labels: known, hasGivenLabels, starts, annotatorOf, labelOf, repeatedCount };
}

/** The place of each of some different names. */
export function places<Name>(names: readonly Name[]): Map<Name, number> {
  return new Map(names.map((name, place) => [name, place]));
}

function occurring(answers: readonly Answer[]): Label[] {
  const labels = [...new Set(answers.map(({ label }) => label))];
  return labels.every((label) => typeof label === 'number') ? labels.sort((a, b) => a - b) : labels;
}

function unknownLabel(index: number, label: Label, labels: readonly Label[]): StatisticsError {
  const few = labels.slice(0, 10).map((each) => JSON.stringify(each));
  const choices = labels.length > few.length ? `${few.join(', ')}, …` : few.join(', ');
  return new StatisticsError(
    'UNKNOWN_LABEL',
    `answers[${index}].label`,
    `${JSON.stringify(label)} is none of the labels that can be chosen: ${choices}.`,
  );
}
