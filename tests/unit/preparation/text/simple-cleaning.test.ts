import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeCase } from '../../../../gpu-worker/preparation/text/change-case.js';
import { collapseWhiteSpace } from '../../../../gpu-worker/preparation/text/collapse-white-space.js';
import { normalizeUnicode } from '../../../../gpu-worker/preparation/text/normalize-unicode.js';
import { LetterCase, UnicodeForm } from '../../../../src/protocol/preparation/steps/cleaning.js';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(' ', '  ', '\n', '\r\n', '\r', '\t', '\xa0', '\u2028', '\x85', 'a', 'É', 'é', 'ß', 'ﬁ'))
    .map((parts) => parts.join('')),
);

describe('normalizeUnicode', () => {
  test('writes é in each form, and takes compatibility characters apart in two of them', () => {
    const text = 'e\u0301 é ﬁ ²';
    expect(normalizeUnicode(text, 'NFC')).toBe('é é ﬁ ²');
    expect(normalizeUnicode(text, 'NFD')).toBe('e\u0301 e\u0301 ﬁ ²');
    expect(normalizeUnicode(text, 'NFKC')).toBe('é é fi 2');
    expect(normalizeUnicode(text, 'NFKD')).toBe('e\u0301 e\u0301 fi 2');
  });

  test('equals the normalization of the language on any text: what it skips would not change', () => {
    for (let code = 0; code < 0x3000; code += 1) {
      for (const form of UnicodeForm.options) {
        const character = String.fromCharCode(code);
        expect(normalizeUnicode(character, form)).toBe(character.normalize(form));
      }
    }
    fc.assert(
      fc.property(texts, fc.constantFrom(...UnicodeForm.options), (text, form) => {
        const once = normalizeUnicode(text, form);
        expect(once).toBe(text.normalize(form));
        expect(normalizeUnicode(once, form)).toBe(once);
      }),
      { seed: 13 },
    );
  });
});

describe('collapseWhiteSpace', () => {
  const text = '  a \t b\xa0c \r\n \n\n\n d\u2028e  ';

  test('keeps line breaks, or takes them for white space', () => {
    expect(collapseWhiteSpace(text, { keepLineBreaks: true, trim: true })).toBe('a b c\n\nd\ne');
    expect(collapseWhiteSpace(text, { keepLineBreaks: false, trim: true })).toBe('a b c d e');
    expect(collapseWhiteSpace(text, { keepLineBreaks: true, trim: false })).toBe(' a b c\n\nd\ne ');
    expect(collapseWhiteSpace('\n\n a', { keepLineBreaks: true, trim: true })).toBe('a');
    expect(collapseWhiteSpace('one two', { keepLineBreaks: true, trim: true })).toBe('one two');
  });

  test('is idempotent, leaves no run, and no character that is not white space is lost', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), (any, keepLineBreaks, trim) => {
        const options = { keepLineBreaks, trim };
        const once = collapseWhiteSpace(any, options);
        expect(collapseWhiteSpace(once, options)).toBe(once);
        expect(once).not.toMatch(
          keepLineBreaks ? /[\p{White_Space}]{3}|[^\P{White_Space}\n ]/u : /\p{White_Space}{2}/u,
        );
        expect(once.replace(/\p{White_Space}/gu, '')).toBe(any.replace(/\p{White_Space}/gu, ''));
      }),
      { numRuns: 2000, seed: 13 },
    );
  });

  test('reads a million spaces and breaks in one pass', () => {
    const long = `a${' '.repeat(500_000)}b${' \n'.repeat(500_000)}c`;
    expect(collapseWhiteSpace(long, { keepLineBreaks: true, trim: true })).toBe('a b\n\nc');
  });
});

describe('changeCase', () => {
  test('follows the full mappings of Unicode, and the rules of a language', () => {
    expect(changeCase('Straße ΑΣ', 'lower', null)).toBe('straße ας');
    expect(changeCase('Straße', 'upper', null)).toBe('STRASSE');
    expect(changeCase('DIYARBAKIR İL', 'lower', 'tr')).toBe('dıyarbakır il');
    expect(changeCase('istanbul', 'upper', 'tr')).toBe('İSTANBUL');
    expect(changeCase('Καλημέρα', 'upper', 'el')).toBe('ΚΑΛΗΜΕΡΑ');
  });

  test('raises the first letter of a text or of each word', () => {
    expect(changeCase('“THE END” OF O’NEIL', 'sentence', null)).toBe('“The end” of o’neil');
    expect(changeCase('the end of O’NEIL-smith\n(2nd part)', 'title', null)).toBe(
      'The End Of O’neil-smith\n(2nd Part)',
    );
    expect(changeCase('élan', 'sentence', null)).toBe('Élan');
    expect(changeCase('ßa', 'sentence', null)).toBe('Ssa');
    expect(changeCase('42 apples', 'sentence', null)).toBe('42 apples');
  });

  test('is idempotent', () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom(...LetterCase.options),
        fc.constantFrom(null, 'tr', 'el', 'lt'),
        (text, to, language) => {
          const once = changeCase(text, to, language);
          expect(changeCase(once, to, language)).toBe(once);
        },
      ),
      { numRuns: 3000, seed: 13 },
    );
  });
});
