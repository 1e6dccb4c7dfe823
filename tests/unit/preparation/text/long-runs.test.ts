import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../gpu-worker/data/random.js';
import { mistype } from '../../../../gpu-worker/preparation/augmentation/character-noise.js';
import { changePunctuation } from '../../../../gpu-worker/preparation/augmentation/punctuation-noise.js';
import { joinText, splitText } from '../../../../gpu-worker/preparation/augmentation/split-text.js';
import { createShingleReader } from '../../../../gpu-worker/preparation/duplicates/shingles.js';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { createHashedWords } from '../../../../gpu-worker/preparation/report/hashed-words.js';
import { changeCase } from '../../../../gpu-worker/preparation/text/change-case.js';
import { runPattern, runsOf } from '../../../../src/protocol/runs-of.js';
import { wordsBetweenSpaces } from '../../../../src/protocol/words-between-spaces.js';

/**
 * Texts without a break that are long enough for the stack of V8's regular expressions to overflow: with pairs of
 * surrogates at 8 million units, with marks at 4 million. All work on them takes time linear in their length.
 */
const units = 2 ** 23;
const runs: Readonly<Record<string, string>> = {
  'letters beyond U+FFFF': '\u{1D41A}'.repeat(units / 2),
  // Each is a word.
  ideographs: '龘'.repeat(units / 8),
  marks: `A${'\u0301'.repeat(units / 2)}`,
  'punctuation and signs': '-\u{1F600}'.repeat(units / 3),
  'halves of surrogate pairs': '\ud800'.repeat(units),
};

describe.each(Object.entries(runs))('a run of %s', (_, text) => {
  test('gets another case', () => {
    for (const to of ['title', 'sentence'] as const) expect(changeCase(text, to, null)).toHaveLength(text.length);
  });

  test('is scanned for names of persons', () => {
    const scan = createScan({ kinds: ['PERSON_NAME'], phoneRegions: [], leastConfidence: 0.5 });
    expect(scan(`${text} Anna Smith ${text}`)).toEqual([
      expect.objectContaining({ kind: 'PERSON_NAME', start: text.length + 1, end: text.length + 11 }),
    ]);
  });

  test('is split, changed and counted as words', async () => {
    const split = splitText(text);
    expect(joinText(split)).toBe(text);
    expect(wordsBetweenSpaces(`${text} b`)).toEqual([
      { start: 0, end: text.length },
      { start: text.length + 1, end: text.length + 2 },
    ]);
    const vector = await createHashedWords(8).encode([{ text, pair: null }]);
    expect(vector.every(Number.isFinite)).toBe(true);
    expect(createShingleReader({ unit: 'words', size: 3 })(text).count).toBeGreaterThanOrEqual(0);
    const removed = changePunctuation(text, createRandom(1), { faults: ['removeLast'], share: 1 });
    expect((removed ?? text).length).toBeLessThanOrEqual(text.length);
    mistype([text], createRandom(1), { typos: ['delete'], share: 1, keyboard: 'qwerty', keepsEnds: false });
  });
});

test('runs are what a repeated class matches, however they are taken', () => {
  const characters = '[\\p{L}\\p{M}]';
  const plain = new RegExp(`${characters}+`, 'gu');
  const text = fc.array(fc.constantFrom('a', '\u0301', '\u{1D41A}', ' ', '1', 'a'.repeat(1024), '\ud800'));
  fc.assert(
    fc.property(text, (parts) => {
      const whole = parts.join('');
      expect([...runsOf(whole, runPattern(characters))]).toEqual(
        [...whole.matchAll(plain)].map(({ 0: run, index }) => ({ start: index, end: index + run.length })),
      );
    }),
  );
});

test('words and letters are found as regular expressions find them in short texts', () => {
  const sign = '(?!\\p{Script=Han})[\\p{L}\\p{N}\\p{M}]';
  const word = new RegExp(`\\p{Script=Han}|(?:${sign})+(?:['’.,_@&/-](?:${sign})+)*`, 'gu');
  const first = /(^|\p{White_Space})([^\p{L}\p{N}\p{White_Space}]*)(\p{L})/gu;
  const text = fc.array(fc.constantFrom('a', 'b', '龘', "'", '-', '.', ' ', '\n', '1', '\u0301', '“', '\u{1D41A}'));
  fc.assert(
    fc.property(text, (parts) => {
      const whole = parts.join('');
      expect(splitText(whole).words).toEqual(whole.match(word) ?? []);
      expect(changeCase(whole, 'title', null)).toBe(whole.replace(first, (found) => found.toUpperCase()));
    }),
    { numRuns: 500 },
  );
});
