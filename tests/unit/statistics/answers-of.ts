import { type Answer, indexAnswers, type Label } from '../../../src/statistics/answers.js';

/** Answers of annotators a0, a1, … to units u0, u1, …: [units, annotators], null where a person did not answer. */
export function answersOf(rows: readonly (readonly (Label | null)[])[]): Answer[] {
  return rows.flatMap((row, u) =>
    row.flatMap((label, a) => (label === null ? [] : [{ unit: `u${u}`, annotator: `a${a}`, label }])),
  );
}

export function tableOf(rows: readonly (readonly (Label | null)[])[], labels?: readonly Label[]) {
  return indexAnswers(answersOf(rows), labels);
}
