import { type InputProblem, problem } from '../../problems/problem.js';
import { saysNothing } from '../../protocol/licences/hub-names.js';

const maxLicenceLength = 200;

/** What is wrong with a licence that somebody names. */
export function checkLicence(licence: string | null, path: readonly string[]): InputProblem[] {
  const name = licence?.trim();
  if (name === undefined) return [];
  if (name.length > maxLicenceLength) {
    return [problem(path, 'TOO_LONG', `A licence has at most ${maxLicenceLength} characters.`)];
  }
  if (!saysNothing(name)) return [];
  return [problem(path, 'INVALID_VALUE', `“${name}” names no licence.`, 'Give an SPDX identifier such as Apache-2.0.')];
}
