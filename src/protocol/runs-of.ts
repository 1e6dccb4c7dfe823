/** A run of characters: UTF-16 indices, `end` exclusive. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/**
 * A regular expression for `runsOf`: up to 1,024 characters at a time. V8 keeps the place of each character of a
 * repeated class that has some beyond U+FFFF, so that a run of some millions without a break would overflow its stack.
 *
 * @param characters a class, such as `[\\p{L}\\p{N}]`
 */
export function runPattern(characters: string): RegExp {
  return new RegExp(`${characters}{1,1024}`, 'gu');
}

/** The longest runs of characters of a class in a text of any length. @param pattern as `runPattern` makes it */
export function* runsOf(text: string, pattern: RegExp): Generator<Run, void, undefined> {
  let [start, end] = [0, -1];
  for (const { 0: part, index } of text.matchAll(pattern)) {
    if (index !== end) {
      if (end !== -1) yield { start, end };
      start = index;
    }
    end = index + part.length;
  }
  if (end !== -1) yield { start, end };
}
