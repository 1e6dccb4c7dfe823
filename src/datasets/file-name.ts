import { ProblemsError, problem } from '../problems/problem.js';

const maxLength = 255;
/**
 * Control characters, and characters that change the direction of text: a name is shown to people, and must look like
 * what it is.
 */
const deceiving = /[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * A file's name as the client gives it, only for people: no file is stored under it, and it does not determine the
 * format. Some programs send a path, of which the last part is kept. Throws ProblemsError.
 */
export function requireFileName(told: string): string {
  const name = (told.split(/[/\\]/).at(-1) ?? '').trim();
  if (name === '' || name === '.' || name === '..' || name.length > maxLength) {
    throw new ProblemsError([problem(['fileName'], 'INVALID_VALUE', `A file name has 1 to ${maxLength} characters.`)]);
  }
  if (deceiving.test(name)) {
    throw new ProblemsError([problem(['fileName'], 'INVALID_VALUE', 'A file name can not have control characters.')]);
  }
  return name;
}
