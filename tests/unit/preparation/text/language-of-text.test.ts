import { readFileSync } from 'node:fs';
import { eld } from 'eld/large';
import { describe, expect, test } from 'vitest';
import { countWords } from '../../../../gpu-worker/preparation/text/count-words.js';
import { detectLanguage } from '../../../../gpu-worker/preparation/text/language-of-text.js';
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

describe('lengths', () => {
  test('counts words between white space', () => {
    expect(countWords('  one two\u00a0three\n\nfour ')).toBe(4);
    expect(countWords('今天天气很好')).toBe(1);
    expect(countWords('')).toBe(0);
    expect(countWords('a')).toBe(1);
  });
});
