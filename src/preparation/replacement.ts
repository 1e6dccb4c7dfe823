import { type InputProblem, problem } from '../problems/problem.js';
import type { LinearPattern } from './linear-pattern.js';

const maxReplacementLength = 1000;

const reference = /\$(?:(\d{1,2})|<([^>]*)>|[$&])?/g;

/** What is wrong with a replacement: references to groups that the pattern has not, or a dollar that means nothing. */
export function checkReplacement(replacement: string, pattern: LinearPattern, path: readonly string[]): InputProblem[] {
  if (replacement.length > maxReplacementLength) {
    const message = `A replacement has at most ${maxReplacementLength} characters, not ${replacement.length}.`;
    return [problem(path, 'TOO_LONG', message)];
  }
  for (const [found, number, name] of replacement.matchAll(reference)) {
    if (number !== undefined && (Number(number) === 0 || Number(number) > pattern.groupCount)) {
      const message = `The replacement refers to “${found}”, and the pattern has ${groups(pattern.groupCount)}.`;
      return [problem(path, 'INVALID_VALUE', message, 'Groups count from 1; “$&” is the whole match, “$$” a dollar.')];
    }
    if (name !== undefined && !pattern.groupNames.includes(name)) {
      const message = `The replacement refers to “${found}”, and the pattern has no group of this name.`;
      const named =
        pattern.groupNames.length === 0 ? 'It has none with a name' : `It has ${pattern.groupNames.join(', ')}`;
      return [problem(path, 'INVALID_VALUE', message, `${named}; a named group is written (?<name>…).`)];
    }
    if (found === '$') {
      const message = 'The replacement has a dollar that refers to nothing.';
      return [problem(path, 'INVALID_VALUE', message, 'Write “$$” for a dollar.')];
    }
  }
  return [];
}

function groups(count: number): string {
  return count === 0 ? 'no groups' : count === 1 ? 'one group' : `${count} groups`;
}
