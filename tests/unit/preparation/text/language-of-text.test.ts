import { readFileSync } from 'node:fs';
import { eld } from 'eld/large';
import { describe, expect, test } from 'vitest';
import { countWords } from '../../../../gpu-worker/preparation/text/count-words.js';
import { detectLanguage } from '../../../../gpu-worker/preparation/text/language-of-text.js';
import { scoreLanguages } from '../../../../gpu-worker/preparation/text/score-languages.js';
import { detectableLanguages } from '../../../../src/protocol/preparation/languages.js';

const sentences = JSON.parse(
  readFileSync(new URL('reference/clean-sentences.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

describe('detectLanguage', () => {
  test('tells the languages of sentences apart: at least 95 of 100, and surely those that it is sure of', () => {
    const told = Object.entries(sentences)
      .filter(([language]) => language !== 'symbols')
      .flatMap(([language, lines]) =>
        lines.map((line) => {
          const found = detectLanguage(line);
          return { line, right: found.language === language, confidence: found.confidence };
        }),
      );
    expect(told.length).toBeGreaterThan(70);
    expect(told.filter(({ right }) => right).length / told.length).toBeGreaterThan(0.95);
    expect(told.filter(({ right, confidence }) => !right && confidence > 0.95)).toEqual([]);
  });

  test('knows nothing of texts without letters, and little of a word that many languages have', () => {
    expect(detectLanguage('')).toEqual({ language: null, confidence: 0 });
    expect(detectLanguage('12345 !?')).toEqual({ language: null, confidence: 0 });
    expect(detectLanguage('ok').confidence).toBeLessThan(0.9);
  });

  test('knows the sixty languages that are listed', () => {
    expect(Object.values(eld.info().Languages)).toEqual(detectableLanguages);
    expect(detectableLanguages).toHaveLength(60);
  });
});

describe('scoreLanguages', () => {
  const lines = Object.values(sentences).flat();
  // A text that is cut within a word and within a character, words longer than ELD reads, half a pair, JSON's names.
  const odd = [
    lines.join(' '),
    lines.join(''),
    ...Array.from({ length: 40 }, (_, i) => 'x'.repeat(320 + i * 2) + ' größe 你好 😀 zażółć '.repeat(3)),
    ...[1, 2, 3, 4, 5, 66, 69, 70, 71, 90].flatMap((length) => ['é', 'a', '字', '😀'].map((c) => c.repeat(length))),
    'constructor __proto__ toString hasOwnProperty don’t can`t',
    'ab\ud83d cd \ude00ef',
    ..."'`’".split('').flatMap((each) => [each, `${each} a`, `a${each}`, `a ${each}b`, `${each.repeat(3)} ?${each}a`]),
    'İSTANBUL ΣΟΦΟΣ Σ σοφός ’Σ',
    ...[376, 379, 380, 381, 382].flatMap((length) => [`${'x '.repeat(length / 2)}é’s`, `${'x'.repeat(length)}' y`]),
  ];

  test.each([
    ['sentences', lines],
    ['odd texts', odd],
    ['parts of sentences', lines.flatMap((line) => [line.slice(0, 5), line.slice(3, 20), line.toUpperCase()])],
  ])('says exactly what ELD does of %s', (_, texts) => {
    for (const text of texts) {
      const expected = eld.detect(text);
      const [first = 0, second = 0] = Object.values(expected.getScores());
      const language = expected.language === '' ? null : expected.language;
      expect({ text, ...scoreLanguages(text) }).toEqual({ text, language, margin: first - second });
    }
  });
});

describe('lengths', () => {
  test('counts words between white space', () => {
    expect(countWords('  one two\u00a0three\n\nfour ')).toBe(4);
    expect(countWords('今天天气很好')).toBe(1);
    expect(countWords('')).toBe(0);
    expect(countWords('a')).toBe(1);
  });

  test('takes for white space what Unicode does, and nothing else', () => {
    const different = Array.from({ length: 0x10000 }, (_, code) => `a${String.fromCharCode(code)}b`).filter(
      (text) => countWords(text) !== text.split(/\p{White_Space}/u).length,
    );
    expect(different).toEqual([]);
  });
});
