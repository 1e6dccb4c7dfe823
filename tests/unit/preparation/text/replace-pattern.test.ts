import { describe, expect, test } from 'vitest';
import { replacePattern } from '../../../../gpu-worker/preparation/text/replace-pattern.js';
import { checkCleaningStep } from '../../../../src/preparation/checks/cleaning.js';
import { isProblem, readPattern } from '../../../../src/preparation/linear-pattern.js';
import { ReplacePattern } from '../../../../src/protocol/preparation/steps/cleaning.js';

function replaced(text: string, pattern: string, replacement: string, options: Partial<ReplacePattern> = {}): string {
  const { ignoreCase = false, firstOnly = false } = options;
  const read = readPattern(pattern, ignoreCase, ['pattern']);
  if (isProblem(read)) throw new Error(read.message);
  return replacePattern(read, replacement, { firstOnly })(text);
}

function problemsOf(pattern: string, replacement: string) {
  const step = { kind: 'replacePattern', columns: null, pattern, replacement, ignoreCase: false, firstOnly: false };
  return checkCleaningStep(ReplacePattern.parse(step));
}

describe('replacePattern', () => {
  test.each([
    ['order 12 of 2024', '\\d+', '#', 'order # of #'],
    ['2024-05-01', '(?<y>\\d+)-(?<m>\\d+)-(?<d>\\d+)', '$<d>.$<m>.$<y>', '01.05.2024'],
    ['a1b2', '([a-z])(\\d)', '$2$1', '1a2b'],
    ['price 5', '\\d', '$$$&', 'price $5'],
    ['aaa', 'b*', '-', '-a-a-a-'],
    ['ÄÖ ß', '\\p{Lu}', '.', '.. ß'],
    ['😀a', '.', 'x', 'xx'],
    ['one\ntwo', '(?m)^', '> ', '> one\n> two'],
    ['nothing', 'x', 'y', 'nothing'],
  ])('%j with %j → %j', (text, pattern, replacement, result) => {
    expect(replaced(text, pattern, replacement)).toBe(result);
  });

  test('ignores case, and replaces the first match alone, where it is told to', () => {
    expect(replaced('Spam SPAM spam', 'spam', 'x', { ignoreCase: true })).toBe('x x x');
    expect(replaced('Spam SPAM spam', 'spam', 'x', { ignoreCase: true, firstOnly: true })).toBe('x SPAM spam');
  });

  test('is not held up by patterns and texts that hold up backtracking engines', () => {
    const text = 'a'.repeat(50_000);
    expect(replaced(text, '(a+)+$', 'x')).toBe('x');
    expect(replaced(text, '(a|aa)+!', 'x')).toBe(text);
    expect(replaced(`${text}!`, '(.*)(.*)(.*)(.*)[xyz]', 'x')).toBe(`${text}!`);
  });

  test.each([
    ['a(?=b)', ''],
    ['(?<!a)b', ''],
    ['(a)\\1', ''],
    ['[a', ''],
    ['(a{1000}){1000}', ''],
    ['.{0,1000}x.{0,1000}', ''],
    ['', ''],
    ['x'.repeat(1001), ''],
  ])('refuses the pattern %j', (pattern, replacement) => {
    expect(problemsOf(pattern, replacement)).toEqual([expect.objectContaining({ path: ['pattern'] })]);
  });

  test.each(['$1', '$<name>', 'a$', '$0', '$a'])(
    'refuses the replacement %j of a pattern without groups',
    (replacement) => {
      expect(problemsOf('a', replacement)).toEqual([
        expect.objectContaining({ code: 'INVALID_VALUE', path: ['replacement'] }),
      ]);
    },
  );

  test('accepts what it then replaces with', () => {
    expect(problemsOf('(?<a>x)(y)', '$<a>$2$1$&$$')).toEqual([]);
    expect(replaced('xy', '(?<a>x)(y)', '$<a>$2$1$&$$')).toBe('xyxxy$');
  });
});
