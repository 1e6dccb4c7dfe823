import { type Run, runPattern, runsOf } from './runs-of.js';

/** Where a word is in its text: UTF-16 indices, `end` exclusive. */
export type WordSpan = Run;

const spaceless = runPattern('[^\\p{White_Space}]');

/** The words of a plain text that has a tag for each word: the runs of characters between white space. */
export function wordsBetweenSpaces(text: string): WordSpan[] {
  return [...runsOf(text, spaceless)];
}
