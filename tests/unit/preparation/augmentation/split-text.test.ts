import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinText, splitText } from '../../../../gpu-worker/preparation/augmentation/split-text.js';

describe('a text', () => {
  test('is split into words and what stands around them', () => {
    expect(splitText(' “Don’t pay $3.50,” he said… ')).toEqual({
      words: ['Don’t', 'pay', '3.50', 'he', 'said'],
      gaps: [' “', ' ', ' $', ',” ', ' ', '… '],
    });
  });

  test('has its Chinese characters as words, and letters with combining marks whole', () => {
    expect(splitText('我爱NLP').words).toEqual(['我', '爱', 'NLP']);
    expect(splitText('cafe\u0301 नमस्ते').words).toEqual(['cafe\u0301', 'नमस्ते']);
  });

  test('without words is one gap', () => {
    expect(splitText('')).toEqual({ words: [], gaps: [''] });
    expect(splitText('?! ')).toEqual({ words: [], gaps: ['?! '] });
  });

  test('is put together again as it was', () => {
    const unit = constantFrom(...'aÄ7’-., \n中กé\u0301\ud83d\ude00_@“');
    assert(property(string({ unit }), (text) => joinText(splitText(text)) === text));
  });
});
