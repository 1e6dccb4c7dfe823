import type { Run } from './runs-of.js';

/** One of the alternatives of a pattern: `before`, and then the longest run of a class of characters. */
export interface RunAlternative {
  /** A pattern that matches a few characters. Default: none. */
  readonly before?: string;
  /** A pattern of one character, such as `[\\p{L}\\p{N}]`. */
  readonly run: string;
  /** Whether there may be no character of the run. Default: there is one. */
  readonly mayBeEmpty?: boolean;
}

/** A pattern as `longMatches` takes it. */
export interface LongPattern {
  readonly begins: RegExp;
  /** Of each alternative how its run goes on. */
  readonly goesOn: readonly RegExp[];
}

const most = 1024;

/**
 * A regular expression of alternatives, of which those that match runs of any length match 1,024 characters at a time:
 * V8 keeps the place of each character of a repeated class that has some beyond U+FFFF or is sought in a text of
 * 16 bits a unit, and would overflow its stack on some millions.
 *
 * @param alternatives in the order in which they are tried; a text is a pattern that matches a few characters
 */
export function longPattern(alternatives: readonly (string | RunAlternative)[]): LongPattern {
  const runs = alternatives.filter((each) => typeof each !== 'string');
  const begins = alternatives.map((each) => {
    if (typeof each === 'string') return each;
    return `(${each.before ?? ''}(?:${each.run}){${each.mayBeEmpty ? 0 : 1},${most}})`;
  });
  return {
    begins: new RegExp(begins.join('|'), 'gu'),
    goesOn: runs.map(({ run }) => new RegExp(`(?:${run}){1,${most}}`, 'uy')),
  };
}

/** What the pattern matches in a text, as `matchAll` would with runs that have no bound. */
export function* longMatches(text: string, { begins, goesOn }: LongPattern): Generator<Run, void, undefined> {
  for (let end = 0; ; ) {
    begins.lastIndex = end;
    const match = begins.exec(text);
    if (match === null) return;
    const start = match.index;
    end = start + match[0].length;
    const rest = end - start < most ? undefined : goesOn[match.findIndex((each, i) => i > 0 && each !== undefined) - 1];
    if (rest !== undefined) for (rest.lastIndex = end; rest.test(text); rest.lastIndex = end) end = rest.lastIndex;
    yield { start, end };
  }
}
