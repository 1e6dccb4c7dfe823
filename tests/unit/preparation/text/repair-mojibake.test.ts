import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeMojibake } from '../../../../gpu-worker/preparation/text/looks-like-mojibake.js';
import { repairMojibake } from '../../../../gpu-worker/preparation/text/repair-mojibake.js';

const reference = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`reference/${name}.json`, import.meta.url), 'utf8'));

const cases = reference('mojibake.reference') as { text: string; repaired: string }[];
const neighbours = reference('badness.reference') as [text: string, isBad: boolean][];
const sentences = Object.entries(reference('clean-sentences') as Record<string, string[]>).flatMap(
  ([, lines]) => lines,
);
/** UTF-8 read as Windows-1252; TextDecoder passes bytes without a character as controls of C1. */
const misread = (text: string) => new TextDecoder('windows-1252').decode(Buffer.from(text));

describe('repairMojibake', () => {
  test(`repairs ${cases.length} garbled and clean texts as ftfy does`, () => {
    expect(cases.length).toBeGreaterThan(500);
    const differing = cases.filter(({ text, repaired }) => repairMojibake(text) !== repaired);
    expect(differing.map(({ text, repaired }) => ({ text, ours: repairMojibake(text), ftfys: repaired }))).toEqual([]);
  });

  test(`finds unlikely neighbours by each rule as ftfy does, in ${neighbours.length} short texts`, () => {
    expect(neighbours.filter(([, isBad]) => isBad).length).toBeGreaterThan(800);
    expect(neighbours.filter(([, isBad]) => !isBad).length).toBeGreaterThan(200);
    expect(neighbours.filter(([text, isBad]) => looksLikeMojibake(text) !== isBad)).toEqual([]);
  });

  test('gives back what was read as Windows-1252 once, twice and three times', () => {
    expect(repairMojibake('FranÃ§ois mangÃ© Ã  NoÃ«l')).toBe('François mangé à Noël');
    for (const sentence of ['L’été dernier, nous', 'Съешь же ещё этих', '今天天气很好', '„Schöne Grüße“', '👍 ok']) {
      expect(repairMojibake(misread(sentence))).toBe(sentence);
      expect(repairMojibake(misread(misread(sentence)))).toBe(sentence);
      expect(repairMojibake(misread(misread(misread(sentence))))).toBe(sentence);
    }
  });

  test('changes nothing in clean texts of nineteen languages, however they are put together', () => {
    const words = sentences.flatMap((sentence) => sentence.split(' '));
    for (const sentence of sentences) expect(repairMojibake(sentence)).toBe(sentence);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 30 }), (some) => {
        const text = some.join(' ');
        expect(repairMojibake(text)).toBe(text);
      }),
      { numRuns: 2000, seed: 13 },
    );
  });

  test('changes no text of plain characters, and leaves a repaired text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => repairMojibake(text) === text),
      { seed: 13 },
    );
    const mixed = fc.array(fc.constantFrom(...cases.map(({ text }) => text)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(mixed, (texts) => {
        const once = repairMojibake(texts.join(' '));
        expect(repairMojibake(once)).toBe(once);
      }),
      { numRuns: 500, seed: 13 },
    );
  });

  test('judges each line alone: an intact one beside garbled ones stays', () => {
    expect(repairMojibake('schÃ¶n\nschön\nÃ la mode')).toBe('schön\nschön\nà la mode');
  });

  test('repairs a garbled line of two million characters within seconds', () => {
    const text = 'schÃ¶n und groÃŸ, '.repeat(120_000);
    expect(repairMojibake(text)).toBe('schön und groß, '.repeat(120_000));
  });
});
