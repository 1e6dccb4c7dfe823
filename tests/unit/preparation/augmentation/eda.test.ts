import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../gpu-worker/data/random.js';
import {
  deleteWords,
  insertSynonyms,
  swapWords,
} from '../../../../gpu-worker/preparation/augmentation/random-operations.js';
import { splitText } from '../../../../gpu-worker/preparation/augmentation/split-text.js';
import { replaceBySynonyms } from '../../../../gpu-worker/preparation/augmentation/synonyms.js';
import { inPlace } from '../../../../gpu-worker/preparation/augmentation/text-change.js';
import { createThesaurus } from '../../../../gpu-worker/preparation/augmentation/thesaurus.js';
import { openWordNet } from '../../../../gpu-worker/preparation/augmentation/wordnet.js';

const wordNet = openWordNet();
const thesaurus = createThesaurus(wordNet, { leastShareOfMeaning: 0.25, phrases: false });
const options = { thesaurus, share: 0.1 };
const replace = inPlace(replaceBySynonyms);

/** What many draws make of a text. */
function outcomes(change: (seed: number) => string | null, draws = 200): Set<string | null> {
  return new Set(Array.from({ length: draws }, (_, seed) => change(seed)));
}

const vocabulary = constantFrom('the', 'quick', 'film', 'Dogs', 'of', 'buy', '3.50', 'don’t', 'x', 'movies', 'happily');
const separator = constantFrom(' ', ', ', ' – ', '\n', '  ', '. ');
const texts = tuple(array(tuple(vocabulary, separator), { minLength: 2, maxLength: 12 }), vocabulary).map(
  ([pairs, last]) => pairs.map(([word, gap]) => word + gap).join('') + last,
);
const seeds = integer({ min: 0, max: 0xffffffff });

describe('synonyms', () => {
  test('come from WordNet, in the word’s case, and nothing else changes', () => {
    expect(outcomes((seed) => replace('The film, quickly!', createRandom(seed), options))).toEqual(
      new Set(['The movie, quickly!', 'The film, rapidly!', 'The film, speedily!', 'The film, promptly!']),
    );
    expect(outcomes((seed) => replace('FILM', createRandom(seed), options))).toContain('MOVIE');
    expect(outcomes((seed) => replace('Film', createRandom(seed), options))).toContain('Movie');
  });

  test('carry a regular ending on', () => {
    const plurals = outcomes((seed) => replace('films', createRandom(seed), options));
    expect(plurals).toContain('movies');
    expect(plurals).not.toContain('movie');
    // buy is the only synonym of purchase, and bought is irregular.
    expect(outcomes((seed) => replace('purchased', createRandom(seed), options))).toEqual(new Set([null]));
    expect(outcomes((seed) => replace('purchases', createRandom(seed), options))).toEqual(new Set(['buys']));
    expect(outcomes((seed) => replace('concealing', createRandom(seed), options))).toEqual(new Set(['hiding']));
  });

  test('are phrases only where they are asked for', () => {
    const withPhrases = {
      ...options,
      thesaurus: createThesaurus(wordNet, { leastShareOfMeaning: 0.25, phrases: true }),
    };
    const phrases = outcomes((seed) => replace('film', createRandom(seed), withPhrases));
    expect(phrases).toContain('motion picture');
    expect(phrases).toContain('movie');
  });

  test('agree with the article before them', () => {
    const after = outcomes((seed) => replace('a car', createRandom(seed), options), 400);
    expect(after).toContain('a motorcar');
    expect(after).not.toContain('a auto');
    expect(after).not.toContain('a automobile');
    expect(outcomes((seed) => replace('my car', createRandom(seed), options), 400)).toContain('my automobile');
  });

  test('are of a likely meaning, both of the word and of its synonym', () => {
    const none = outcomes((seed) => replace('know', createRandom(seed), options));
    expect(none).toEqual(new Set([null]));
    const any = { ...options, thesaurus: createThesaurus(wordNet, { leastShareOfMeaning: 0, phrases: false }) };
    const all = outcomes((seed) => replace('know', createRandom(seed), any));
    for (const expected of ['cognize', 'recognize', 'live']) expect(all).toContain(expected);
    // pay (verb, 62 %) is no synonym of wage, a noun that makes 7 % of its occurrences.
    expect(outcomes((seed) => replace('pay', createRandom(seed), options))).toEqual(new Set([null]));
    expect(outcomes((seed) => replace('pay', createRandom(seed), any))).toContain('wage');
  });

  test('are none of stop words, numbers, names, irregular forms and what WordNet does not have', () => {
    const texts = [
      '',
      'he is in it',
      'a 12 it',
      'may',
      'xyzzy foo-bar',
      '…',
      'paid',
      'the FILM',
      'in American Film it',
    ];
    for (const text of texts)
      expect(outcomes((seed) => replace(text, createRandom(seed), options), 50)).toEqual(new Set([null]));
    expect(outcomes((seed) => replace('Is It A Film', createRandom(seed), options))).toContain('Is It A Movie');
  });

  test('replace max(1, α · words) words', () => {
    const source = 'film film film film film film film film film film';
    for (const [share, expected] of [
      [0.05, 1],
      [0.3, 3],
      [1, 10],
    ] as const) {
      const changed = replace(source, createRandom(4), { ...options, share })!;
      expect(changed.split(' ').filter((word) => word !== 'film')).toHaveLength(expected);
    }
  });

  test('leave as many words as there were, and what stands between them', () => {
    assert(
      property(texts, seeds, (text, seed) => {
        const changed = replace(text, createRandom(seed), { ...options, share: 0.5 });
        if (changed === null) return;
        expect(splitText(changed).gaps).toEqual(splitText(text).gaps);
        expect(changed).not.toBe(text);
      }),
    );
  });
});

describe('random swap', () => {
  test('exchanges two words and leaves the marks', () => {
    expect(outcomes((seed) => swapWords('Yes, we can!', createRandom(seed), { share: 0.1 }))).toEqual(
      new Set(['we, Yes can!', 'can, we Yes!', 'Yes, can we!']),
    );
  });

  test('is none of one word, or of equal words', () => {
    for (const text of ['', 'no', 'no no, no!']) expect(swapWords(text, createRandom(1), { share: 0.5 })).toBeNull();
  });

  test('keeps the words and the gaps, and never gives the source', () => {
    assert(
      property(texts, seeds, integer({ min: 1, max: 20 }), (text, seed, twentieths) => {
        const changed = swapWords(text, createRandom(seed), { share: twentieths / 20 });
        if (changed === null) return;
        const [before, after] = [splitText(text), splitText(changed)];
        expect([...after.words].sort()).toEqual([...before.words].sort());
        expect(after.gaps).toEqual(before.gaps);
        expect(changed).not.toBe(text);
      }),
    );
  });
});

describe('random deletion', () => {
  test('takes a word and the space before it', () => {
    expect(outcomes((seed) => deleteWords('Yes, (we can)!', createRandom(seed), { share: 0 }))).toEqual(
      new Set([', (we can)!', 'Yes, (can)!', 'Yes, (we)!']),
    );
    expect(deleteWords('a 中b', createRandom(1), { share: 0 })).toMatch(/^(中b|a b|a 中)$/);
  });

  test('never leaves a text without words, and one word is not deleted', () => {
    expect(deleteWords('word', createRandom(1), { share: 1 })).toBeNull();
    expect(deleteWords('', createRandom(1), { share: 1 })).toBeNull();
    expect(splitText(deleteWords('one two three', createRandom(1), { share: 1 })!).words).toHaveLength(1);
  });

  test('leaves some words, in their order, each whole', () => {
    assert(
      property(texts, seeds, integer({ min: 0, max: 20 }), (text, seed, twentieths) => {
        const kept = splitText(deleteWords(text, createRandom(seed), { share: twentieths / 20 })!).words;
        const before = [...splitText(text).words];
        expect(kept.length).toBeGreaterThan(0);
        expect(kept.length).toBeLessThan(before.length);
        for (const word of kept) {
          while (before.length > 0 && before[0] !== word) before.shift();
          expect(before.shift()).toBe(word);
        }
      }),
    );
  });

  test('deletes each word with its probability: of 100 words 30 ± 4 deviations', () => {
    const text = Array.from({ length: 100 }, (_, index) => `w${index}`).join(' ');
    for (let seed = 0; seed < 20; seed++) {
      const left = deleteWords(text, createRandom(seed), { share: 0.3 })!.split(' ').length;
      expect(Math.abs(left - 70)).toBeLessThan(4 * Math.sqrt(100 * 0.3 * 0.7));
    }
  });
});

describe('random insertion', () => {
  test('puts a synonym of a word before any word or at the end', () => {
    const found = outcomes((seed) => insertSynonyms('The film!', createRandom(seed), options), 400);
    for (const expected of ['movie The film!', 'The movie film!', 'The film movie!']) expect(found).toContain(expected);
    for (const text of found) expect(text).toMatch(/^(\w+ The film!|The \w+ film!|The film \w+!)$/);
  });

  test('is none without a word that has a synonym', () => {
    expect(insertSynonyms('he is it', createRandom(1), options)).toBeNull();
    expect(insertSynonyms('', createRandom(1), options)).toBeNull();
  });

  test('adds max(1, α · words) words and keeps the others in their order', () => {
    assert(
      property(texts, seeds, (text, seed) => {
        const changed = insertSynonyms(text, createRandom(seed), { ...options, share: 0.3 });
        if (changed === null) return;
        const before = splitText(text).words;
        const after = [...splitText(changed).words];
        expect(after.length - before.length).toBe(Math.max(1, Math.floor(0.3 * before.length)));
        for (const word of before) {
          const at = after.indexOf(word);
          expect(at).toBeGreaterThanOrEqual(0);
          after.splice(0, at + 1);
        }
      }),
    );
  });
});

describe('every operation', () => {
  test('gives the same for the same seed, and for 50 seeds more than one text', () => {
    const source = 'The film makers swiftly buy concealed cars, and movies are wrong';
    const operations = {
      replace: (seed: number) => replace(source, createRandom(seed), options),
      swap: (seed: number) => swapWords(source, createRandom(seed), options),
      remove: (seed: number) => deleteWords(source, createRandom(seed), options),
      insert: (seed: number) => insertSynonyms(source, createRandom(seed), options),
    };
    for (const operation of Object.values(operations)) {
      expect(operation(11)).toBe(operation(11));
      expect(outcomes(operation, 50).size).toBeGreaterThan(4);
    }
  });
});
