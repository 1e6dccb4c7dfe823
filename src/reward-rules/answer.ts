import type { InputProblem } from '../problems/problem.js';
import { openPattern } from './pattern.js';

/** Finds the answer in a completion; null: there is none. Without a pattern, all of the completion is the answer. */
export function openAnswer(pattern: string | null): { readonly of: (text: string) => string | null } | InputProblem {
  if (pattern === null) return { of: (text) => text };
  const opened = openPattern(pattern, false, ['answerPattern']);
  return 'code' in opened ? opened : { of: (text) => opened.lastIn(text) };
}
