import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charactersOf, placeWords, splitWords } from '../../../gpu-worker/data/word-spans.js';

describe('placeWords', () => {
  it('has one space between words, in UTF-16 units', () => {
    expect(placeWords(['😀', '', 'b'])).toEqual([
      { start: 0, end: 2 },
      { start: 3, end: 3 },
      { start: 4, end: 5 },
    ]);
  });

  it('counts from the end of a text that was cut on the left', () => {
    // ab cd e, of which d e is left.
    expect(placeWords(['ab', 'cd', 'e'], 3, 'left')).toEqual([
      { start: -4, end: -2 },
      { start: -1, end: 1 },
      { start: 2, end: 3 },
    ]);
  });
});

describe('splitWords', () => {
  const wordsOf = (text: string) => splitWords(text).map(({ start, end }) => text.slice(start, end));

  it('parts marks at the ends from words and keeps those within', () => {
    expect(wordsOf('(Berlin, U.S.) don’t\t“e-mail”…\n')).toEqual('( Berlin , U.S . ) don’t “ e-mail ” …'.split(' '));
    expect(wordsOf('  $3.50?! ')).toEqual(['$', '3.50', '?', '!']);
    expect(wordsOf('... 👍🏽👩‍👩‍👧')).toEqual(['.', '.', '.', '👍🏽👩‍👩‍👧']);
    expect(wordsOf(' \u00a0')).toEqual([]);
  });

  it('takes each Chinese character for a word', () => {
    expect(wordsOf('在Berlin的。')).toEqual(['在', 'Berlin', '的', '。']);
  });

  it('loses nothing but white space', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(wordsOf(text).join('')).toBe(text.replace(/\p{White_Space}/gu, ''));
      }),
    );
  });

  it('gives spans of words their characters', () => {
    const text = 'In New York, 2020.';
    const { start, end } = charactersOf({ first: 1, last: 2 }, splitWords(text));
    expect(text.slice(start, end)).toBe('New York');
  });
});
