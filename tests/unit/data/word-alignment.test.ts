import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alignWords, encodeWords } from '../../../gpu-worker/data/word-alignment.js';
import { placeWords, splitWords, type WordSpan } from '../../../gpu-worker/data/word-spans.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../numerics/reference/${name}`, import.meta.url), 'utf8'));

const Case = z.tuple([
  z.array(z.string()),
  z.number(),
  z.enum(['left', 'right']),
  z.array(z.number()),
  z.array(z.number()),
]);
const { versions: _, ...reference } = read('word-alignment.reference.json');
const stored = read('tokenizers.reference.json');

function openTokenizer(name: string) {
  const json = structuredClone(stored[name].tokenizer);
  if (name === 'roberta') {
    json.pre_tokenizer.add_prefix_space = true;
    json.post_processor.add_prefix_space = true;
  }
  return createTokenizer(Buffer.from(JSON.stringify(json)));
}

/**
 * In a joined text a space before a typed special token is a token; the character ▁ is a space to the Unigram model.
 */
const joinsOtherwise = (words: readonly string[]) =>
  ['<s>', '</s>', '<pad>', 'Attune', '▁'].some((token) => words.includes(token));

// Values of transformers' word_ids() (tests/numerics/reference/word-alignment.py).
describe.each(Object.entries(reference))('the first pieces of words, %s', (name, given) => {
  const cases = z.array(Case).min(100).parse(given);
  const tokenizer = openTokenizer(name);
  const found = cases.map(([words, maxLength, truncationSide]) =>
    encodeWords(tokenizer, words.join(' '), placeWords(words), { maxLength, truncationSide }),
  );
  const isSame = cases.map(([, , , ids], index) => JSON.stringify(found[index]!.encoding.ids) === JSON.stringify(ids));

  it('are those of transformers, whole and cut, wherever the joined text has the same tokens', () => {
    const differing = cases.flatMap(([words, maxLength, side, , firsts], index) => {
      const { firstOfWord } = found[index]!;
      const isWrong = isSame[index] && JSON.stringify(firstOfWord) !== JSON.stringify(firsts);
      return isWrong ? [{ words, maxLength, side, firstOfWord, firsts }] : [];
    });
    expect(differing).toEqual([]);
    const others = cases.filter((_, index) => !isSame[index]);
    expect(others.filter(([words]) => !joinsOtherwise(words))).toEqual([]);
    expect(others.length).toBeLessThan(5);
  });

  it('belong to the same words elsewhere', () => {
    const wordsOf = (firsts: readonly number[]) => firsts.filter((word) => word !== -1);
    for (const [index, [, maxLength, , , firsts]] of cases.entries()) {
      if (maxLength < 512) continue;
      expect(wordsOf(found[index]!.firstOfWord)).toEqual(wordsOf(firsts));
    }
  });

  it('and the words without one are all words', () => {
    for (const [index, [words, , , , firsts]] of cases.entries()) {
      const { firstOfWord, tokenless, cutOff } = found[index]!;
      const begun = firstOfWord.filter((word) => word !== -1);
      expect([...begun, ...tokenless, ...cutOff].sort((a, b) => a - b)).toEqual([...words.keys()]);
      expect(firstOfWord).toHaveLength(isSame[index] ? firsts.length : found[index]!.encoding.ids.length);
    }
  });

  it('are at most one a word and in order, whatever the words', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', ' ', '\u200b', '<mask>', '日本'),
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 8 }),
        fc.integer({ min: 2, max: 30 }),
        fc.boolean(),
        (words, maxLength, isLeft) => {
          const options = { maxLength, truncationSide: isLeft ? 'left' : 'right' } as const;
          const { encoding, firstOfWord } = encodeWords(tokenizer, words.join(' '), placeWords(words), options);
          expect(firstOfWord).toHaveLength(encoding.ids.length);
          const begun = firstOfWord.filter((each) => each !== -1);
          expect(begun).toEqual([...new Set(begun)].sort((a, b) => a - b));
        },
      ),
    );
  });
});

describe('words that get no first piece', () => {
  const tokenizer = openTokenizer('uncased');
  const encode = (words: readonly string[], maxLength: number, truncationSide: 'left' | 'right') =>
    encodeWords(tokenizer, words.join(' '), placeWords(words), { maxLength, truncationSide });

  it('are reported: a zero-width space, a control character, an empty word', () => {
    expect(encode(['a', '\u200b', 'b', '\u0007', '', 'c'], 16, 'right')).toMatchObject({
      firstOfWord: [-1, 0, 2, 5, -1],
      tokenless: [1, 3, 4],
      cutOff: [],
    });
  });

  it('are cut off at the end, the divided word keeps its piece', () => {
    // a | xx in two pieces | b | c
    expect(encode(['a', 'xx', 'b', 'c'], 4, 'right')).toMatchObject({
      firstOfWord: [-1, 0, 1, -1],
      tokenless: [],
      cutOff: [2, 3],
    });
  });

  it('are cut off at the start, the divided word has lost its piece', () => {
    expect(encode(['a', 'xx', 'b', 'c'], 5, 'left')).toMatchObject({
      firstOfWord: [-1, -1, 2, 3, -1],
      tokenless: [],
      cutOff: [0, 1],
    });
    expect(encode(['a', 'xx', 'b', 'c'], 6, 'left')).toMatchObject({ firstOfWord: [-1, 1, -1, 2, 3, -1], cutOff: [0] });
  });
});

describe('alignWords', () => {
  const align = (words: readonly WordSpan[], offsets: [number, number][]) =>
    alignWords(words, { offsets, sequence: offsets.map(() => 0), truncated: false }, 'right').firstOfWord;

  it('gives a word the space before it, also where it is shown as empty', () => {
    const words = placeWords(['ab', 'c']);
    expect(
      align(words, [
        [0, 2],
        [2, 3],
        [3, 4],
      ]),
    ).toEqual([0, 1, -1]);
    expect(
      align(words, [
        [0, 0],
        [0, 2],
        [3, 3],
        [3, 4],
      ]),
    ).toEqual([0, -1, 1, -1]);
  });

  it('does not take the last piece of a word for the space before the next one', () => {
    expect(
      align(splitWords('hi!'), [
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
    ).toEqual([0, -1, 1]);
  });

  it('gives a token over two words to the first', () => {
    expect(
      align(placeWords(['ab', 'cd', 'e']), [
        [0, 5],
        [6, 7],
      ]),
    ).toEqual([0, 2]);
  });
});
