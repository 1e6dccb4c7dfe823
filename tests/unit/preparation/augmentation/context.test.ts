import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../gpu-worker/data/random.js';
import {
  type Guess,
  type MaskedText,
  type PredictMasked,
  replaceInContext,
} from '../../../../gpu-worker/preparation/augmentation/replace-in-context.js';
import { readVocabularyWords } from '../../../../gpu-worker/preparation/augmentation/vocabulary-words.js';
import { byteCharacters } from '../../../../src/tokenizer/index.js';

function guess(word: string, probability: number): Guess {
  return { word, logProbability: Math.log(probability) };
}

/** Guesses the same everywhere, and keeps what it was asked. */
function guessing(guesses: readonly Guess[]): { readonly predict: PredictMasked; readonly asked: MaskedText[] } {
  const asked: MaskedText[] = [];
  return {
    asked,
    predict: async (texts) => {
      asked.push(...texts);
      return texts.map(({ masked }) => masked.map(() => guesses));
    },
  };
}

const options = { share: 0.1, temperature: 1 };
const draws = (text: string, count: number) =>
  Array.from({ length: count }, (_, seed) => ({ text, random: createRandom(seed) }));

describe('words in context', () => {
  test('are asked for at their places, no stop words, numbers or marks', async () => {
    const { predict, asked } = guessing([]);
    const text = ' The film, a 3.50 movie!';
    expect(await replaceInContext(draws(text, 50), options, predict)).toEqual(Array(50).fill(null));
    const words = asked.map(({ text, masked }) => masked.map(({ start, end }) => text.slice(start, end)).join());
    expect(new Set(words)).toEqual(new Set(['film', 'movie']));
  });

  test('become a whole other word, in their case, by its probability', async () => {
    const { predict } = guessing([
      guess('film', 0.4),
      guess('show', 0.3),
      guess('the', 0.1),
      guess('.', 0.1),
      guess('song', 0.1),
    ]);
    const changed = await replaceInContext(draws('The Film.', 2000), options, predict);
    const shows = changed.filter((text) => text === 'The Show.').length;
    expect(changed.filter((text) => text === 'The Song.')).toHaveLength(2000 - shows);
    // Three of four: 0.3 of 0.4, ± 4 deviations.
    expect(Math.abs(shows - 1500)).toBeLessThan(4 * Math.sqrt(2000 * 0.75 * 0.25));
  });

  test('are nearer to the likeliest at a low temperature', async () => {
    const { predict } = guessing([guess('show', 0.3), guess('song', 0.1)]);
    const changed = await replaceInContext(draws('film', 500), { ...options, temperature: 0.2 }, predict);
    // 3⁵ : 1.
    expect(changed.filter((text) => text === 'song').length).toBeLessThan(12);
  });

  test('are all masked at once, and a text without any is not asked for', async () => {
    const { predict, asked } = guessing([guess('song', 1)]);
    const texts = ['red blue green', 'he is it', ''].map((text, seed) => ({ text, random: createRandom(seed) }));
    expect(await replaceInContext(texts, { ...options, share: 1 }, predict)).toEqual(['song song song', null, null]);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.masked).toEqual([
      { start: 0, end: 3 },
      { start: 4, end: 8 },
      { start: 9, end: 14 },
    ]);
  });
});

describe('the words of a vocabulary', () => {
  const read = (kind: string, tokens: readonly string[]) =>
    readVocabularyWords({
      kind,
      token: (id) => tokens[id] ?? '',
      vocabularySize: tokens.length,
      specialTokens: [{ id: 0, content: tokens[0]! }],
    });

  test('of WordPiece are those without ##', () => {
    const { wordOf, hasSpace } = read('WordPiece', ['[MASK]', 'film', '##ing', '.']);
    expect([0, 1, 2, 3, 4].map(wordOf)).toEqual([null, 'film', null, '.', null]);
    expect(hasSpace(1)).toBe(false);
  });

  test('of bytes are decoded; without a space they count if they are there with one', () => {
    const cafe = [...Buffer.from(' café')].map((byte) => byteCharacters[byte]).join('');
    const { wordOf, hasSpace } = read('BPE', ['<mask>', cafe, cafe.slice(1), 'ing', 'Ġfilm', 'Ġ\u00c3']);
    expect([1, 2, 3, 4, 5].map(wordOf)).toEqual(['café', 'café', null, 'film', null]);
    expect([1, 2, 4].map(hasSpace)).toEqual([true, false, true]);
  });

  test('of Unigram have ▁ before them', () => {
    const { wordOf, hasSpace } = read('Unigram', ['<mask>', '▁film', 'film', 's']);
    expect([1, 2, 3].map(wordOf)).toEqual(['film', 'film', null]);
    expect([1, 2].map(hasSpace)).toEqual([true, false]);
  });
});
