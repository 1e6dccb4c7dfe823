import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';

/** Longest name of a dataset, UTF-16 code units. */
export const maxDatasetNameLength = 100;
const maxDescriptionLength = 20_000;

export function checkDescription(description: string | null): InputProblem[] {
  if (description === null || description.length <= maxDescriptionLength) return [];
  const message = `A description has at most ${maxDescriptionLength} characters; this one has ${description.length}.`;
  return [problem(['description'], 'TOO_LONG', message)];
}

/** @param hint what the client can do instead */
export function datasetNameTaken(name: string, hint: string): ProblemsError {
  return new ProblemsError([problem(['name'], 'ALREADY_EXISTS', `A dataset “${name}” exists already.`, hint)]);
}
