import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { distance } from 'fastest-levenshtein';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../gpu-worker/data/random.js';
import { changeCase } from '../../../../gpu-worker/preparation/augmentation/casing-noise.js';
import { mistype, type Typo } from '../../../../gpu-worker/preparation/augmentation/character-noise.js';
import { neighbours } from '../../../../gpu-worker/preparation/augmentation/keyboards.js';
import {
  changePunctuation,
  type PunctuationFault,
} from '../../../../gpu-worker/preparation/augmentation/punctuation-noise.js';
import { inPlace } from '../../../../gpu-worker/preparation/augmentation/text-change.js';

const seeds = integer({ min: 0, max: 0xffffffff });

function outcomes(change: (seed: number) => string | null, draws = 200): Set<string | null> {
  return new Set(Array.from({ length: draws }, (_, seed) => change(seed)));
}

describe('neighbours of a key', () => {
  test('are the keys that touch it', () => {
    expect([...neighbours('qwerty').get('g')!].sort()).toEqual(['b', 'f', 'h', 't', 'v', 'y']);
    expect([...neighbours('qwerty').get('q')!].sort()).toEqual(['a', 'w']);
    expect([...neighbours('qwertz').get('t')!].sort()).toEqual(['f', 'g', 'r', 'z']);
    expect([...neighbours('azerty').get('q')!].sort()).toEqual(['a', 's', 'w', 'z']);
    expect(neighbours('qwerty').get('ü')).toBeUndefined();
  });

  test('touch it in turn', () => {
    for (const keyboard of ['qwerty', 'qwertz', 'azerty'] as const) {
      for (const [key, near] of neighbours(keyboard))
        for (const other of near) expect(neighbours(keyboard).get(other)).toContain(key);
    }
  });
});

describe('character noise', () => {
  const noise = (text: string, seed: number, typos: readonly Typo[], keepsEnds = true, share = 0.1) =>
    inPlace(mistype)(text, createRandom(seed), { typos, keepsEnds, share, keyboard: 'qwerty' });

  test('hits a key beside the right one, in its case', () => {
    expect(outcomes((seed) => noise('cat', seed, ['neighbour']))).toEqual(new Set(['cqt', 'cwt', 'cst', 'czt']));
    expect(outcomes((seed) => noise('CAT', seed, ['neighbour']))).toContain('CQT');
  });

  test('leaves a letter out, doubles one or hits two keys, exchanges two letters', () => {
    expect(outcomes((seed) => noise('card', seed, ['delete']))).toEqual(new Set(['crd', 'cad']));
    expect(outcomes((seed) => noise('card', seed, ['transpose']))).toEqual(new Set(['crad']));
    expect(outcomes((seed) => noise('cat', seed, ['insert']))).toEqual(
      new Set(['caat', 'caqt', 'cawt', 'cast', 'cazt']),
    );
    expect(outcomes((seed) => noise('at', seed, ['transpose'], false))).toEqual(new Set(['ta']));
  });

  test('is none of numbers, marks and words that are too short', () => {
    const all = ['neighbour', 'insert', 'delete', 'transpose'] as const;
    for (const text of ['', '12345', '?!', 'I am', 'a'])
      expect(outcomes((seed) => noise(text, seed, all), 50)).toEqual(new Set([null]));
    expect(noise('я', 1, ['delete'], false)).toBeNull();
  });

  test('is one edit a word, with the first and the last letter kept', () => {
    const words = array(string({ unit: constantFrom(...'abcdefghijklmnopqrstuvwxyzéя'), minLength: 1, maxLength: 9 }), {
      minLength: 1,
      maxLength: 8,
    });
    assert(
      property(words, seeds, constantFrom<Typo>('neighbour', 'insert', 'delete', 'transpose'), (list, seed, typo) => {
        const options = { typos: [typo], keepsEnds: true, share: 0.5, keyboard: 'qwerty' } as const;
        const changed = mistype(list, createRandom(seed), options);
        if (changed === null) return;
        expect(changed).toHaveLength(list.length);
        const different = list.filter((word, index) => word !== changed[index]).length;
        expect(different).toBeGreaterThan(0);
        expect(different).toBeLessThanOrEqual(Math.max(1, Math.floor(list.length / 2)));
        for (const [index, word] of list.entries()) {
          const other = changed[index]!;
          expect([other.at(0), other.at(-1)]).toEqual([word.at(0), word.at(-1)]);
          expect(distance(word, other)).toBeLessThanOrEqual(typo === 'transpose' ? 2 : 1);
        }
      }),
    );
  });

  test('never tears a surrogate pair or a combining mark apart', () => {
    const changed = outcomes((seed) => noise('a𝒳𝒴e\u0301b', seed, ['transpose']));
    expect(changed).toEqual(new Set(['a𝒴𝒳e\u0301b', 'a𝒳e\u0301𝒴b']));
  });
});

describe('casing noise', () => {
  const all = ['lower', 'upper', 'title', 'shout'] as const;
  const change = (text: string, seed: number, casings: (typeof all)[number][]) =>
    inPlace(changeCase)(text, createRandom(seed), { casings, share: 0.1 });

  test('writes all words in one way, or some in capitals', () => {
    expect(change('Pay my Bill, now', 1, ['lower'])).toBe('pay my bill, now');
    expect(change('Pay my Bill, now', 1, ['upper'])).toBe('PAY MY BILL, NOW');
    expect(change('pay my bILL, now', 1, ['title'])).toBe('Pay My Bill, Now');
    expect(outcomes((seed) => change('Pay OK', seed, ['shout']))).toEqual(new Set(['PAY OK']));
    expect(outcomes((seed) => change('pay now', seed, ['shout']))).toEqual(new Set(['PAY now', 'pay NOW']));
  });

  test('takes a casing that changes something, and is none if there is none', () => {
    expect(outcomes((seed) => change('pay', seed, ['lower', 'title']))).toEqual(new Set(['Pay']));
    expect(change('12 我!', 1, [...all])).toBeNull();
  });
});

describe('punctuation noise', () => {
  const change = (text: string, seed: number, faults: PunctuationFault[], share = 0.1) =>
    changePunctuation(text, createRandom(seed), { faults, share });

  test('removes marks, but not those of a word, and no word grows together with another', () => {
    expect(change('Don’t, (please)! It’s 3.50.', 1, ['removeAll'])).toBe(
      'Don’t please Its 3.50'.replace('Its', 'It’s'),
    );
    expect(change('one…two', 1, ['removeAll'])).toBe('one two');
    expect(change('One. Two?! ', 1, ['removeLast'])).toBe('One. Two ');
  });

  test('repeats and exchanges marks, and adds commas', () => {
    expect(outcomes((seed) => change('Why?', seed, ['repeat']))).toEqual(new Set(['Why??', 'Why???']));
    expect(outcomes((seed) => change('Why?', seed, ['exchange']))).toEqual(new Set(['Why.', 'Why!']));
    expect(outcomes((seed) => change('one two three', seed, ['insertComma']))).toEqual(
      new Set(['one, two three', 'one two, three']),
    );
  });

  test('is none of a text without marks, or of marks alone', () => {
    expect(change('one', 1, ['removeAll', 'removeLast', 'repeat', 'exchange', 'insertComma'])).toBeNull();
    expect(change('…', 1, ['removeAll', 'removeLast'])).toBeNull();
    expect(change('', 1, ['removeAll', 'repeat', 'insertComma'])).toBeNull();
  });

  test('leaves all words as they are', () => {
    const unit = constantFrom('a', 'B', ' ', ',', '.', '!', '’', '\n', '中', '(');
    const faults = constantFrom<PunctuationFault>('removeAll', 'removeLast', 'repeat', 'exchange', 'insertComma');
    assert(
      property(string({ unit }), seeds, faults, (text, seed, fault) => {
        const changed = change(text, seed, [fault], 0.5);
        if (changed === null) return;
        const letters = (value: string) => value.replace(/[^aB中]/gu, '');
        expect(letters(changed)).toBe(letters(text));
        expect(changed).not.toBe(text);
      }),
    );
  });
});
