import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText } from '../../../../gpu-worker/preparation/duplicates/fold-text.js';
import { createShingleReader } from '../../../../gpu-worker/preparation/duplicates/shingles.js';

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('foldText', () => {
  it('folds case, white space, punctuation and compatible characters', () => {
    expect(foldText(' “Ｈéllo”,\t wORLD… ')).toBe('héllo world');
    expect(foldText('Straße')).toBe(foldText('STRASSE'));
  });

  it('keeps punctuation where there is nothing else', () => {
    expect(foldText(' ?!  ! ')).toBe('?! !');
    expect(foldText('…')).toBe('...');
    expect(foldText(' \n ')).toBe('');
  });

  it('folds runs of millions of characters', () => {
    for (const character of ['\u200b', '\u2026', '\u3000', '!']) {
      expect(foldText(`a${character.repeat(2 ** 22)}b`)).toBe(character === '\u200b' ? 'ab' : 'a b');
    }
  });

  it('changes nothing of a folded text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on case', () => {
    // Not all capital letters have one small letter that leads back to them: only ASCII and Latin-1 do.
    const latin = fc.string({ unit: fc.integer({ min: 0, max: 0xbe }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(latin, (text) => {
        expect(foldText(text.toUpperCase())).toBe(foldText(text.toLowerCase()));
      }),
    );
  });
});

describe('createShingleReader', () => {
  it.each(['words', 'characters'] as const)('reads the same %s of a text and of the folded text', (unit) => {
    const read = createShingleReader({ unit, size: 2 });
    fc.assert(
      fc.property(anyText, (text) => {
        const { count, first, second } = read(text);
        const before = [count, [...first.subarray(0, count)], [...second.subarray(0, count)]];
        const after = read(foldText(text));
        expect([after.count, [...after.first.subarray(0, count)], [...after.second.subarray(0, count)]]).toEqual(
          before,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['words', 2, 'one two three', 2],
    ['words', 5, 'one two three', 1],
    ['words', 1, '', 0],
    ['words', 1, '你好 hello', 3],
    ['characters', 3, 'abcd', 2],
    ['characters', 1, '🍕🍕', 2],
  ] as const)('divides into %s of %i: “%s” has %i', (unit, size, text, count) => {
    expect(createShingleReader({ unit, size })(text).count).toBe(count);
  });
});
