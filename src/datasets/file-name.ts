import { ProblemsError, problem } from '../problems/problem.js';

const maxLength = 255;
/** Controls, and what turns the direction of text around: a name is shown to people, and is to look like what it is. */
const deceiving = /[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * A file's name as a client tells it: for people only. Nothing is stored under it and no format is taken from it. Of a path, as some
 * programs send it, the last part is kept. Throws ProblemsError.
 */
export function requireFileName(told: string): string {
  const name = (told.split(/[/\\]/).at(-1) ?? '').trim();
  if (name === '' || name === '.' || name === '..' || name.length > maxLength) {
    throw new ProblemsError([problem(['fileName'], 'INVALID_VALUE', `A file name has 1 to ${maxLength} characters.`)]);
  }
  if (deceiving.test(name)) {
    throw new ProblemsError([problem(['fileName'], 'INVALID_VALUE', 'A file name holds no control characters.')]);
  }
  return name;
}
