import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitWords } from '../../../gpu-worker/data/word-spans.js';
import { longMatches, longPattern } from '../../../src/protocol/long-matches.js';
import { alignedText } from '../../../src/tokenizer/aligned-text.js';
import { createPreTokenize } from '../../../src/tokenizer/pre-tokenize.js';
import type { PreTokenizerJson } from '../../../src/tokenizer/tokenizer-json.js';
import { toForm } from '../../../src/tokenizer/unicode-forms.js';

/** Units of a run at which the stack of V8's regular expressions overflows. */
const units = 2 ** 23;

const byteLevel: PreTokenizerJson = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: true,
};
const kinds: readonly PreTokenizerJson[] = [
  { type: 'BertPreTokenizer' },
  { type: 'Whitespace' },
  { type: 'WhitespaceSplit' },
];

describe.each([
  ['ideographs', '龘'],
  ['letters beyond U+FFFF', '\u{1D41A}'],
  ['digits', '\u0667'],
])('a run of %s', (_, character) => {
  const run = character.repeat(units / character.length);

  test.each(kinds)('is one word of $type', (json) => {
    const words = createPreTokenize(json)(alignedText(`a ${run} b`));
    expect(words.map(({ text }) => text.length)).toEqual([1, units, 1]);
  });
});

test('a run of letters is one word of the rule for words with tags', () => {
  const run = 'ю'.repeat(units);
  expect(splitWords(`a ${run}, 龘`)).toEqual([
    { start: 0, end: 1 },
    { start: 2, end: units + 2 },
    { start: units + 2, end: units + 3 },
    { start: units + 4, end: units + 5 },
  ]);
});

test('a run of signs is one of Whitespace, and BERT has each mark for itself', () => {
  const signs = '\u2211'.repeat(units);
  expect(createPreTokenize({ type: 'Whitespace' })(alignedText(signs))).toHaveLength(1);
  expect(createPreTokenize({ type: 'BertPreTokenizer' })(alignedText('!'.repeat(2000)))).toHaveLength(2000);
});

test("a run longer than V8's stack holds is one word of GPT-2", () => {
  const pieces = createPreTokenize(byteLevel)(alignedText(`a ${'\u0667'.repeat(units / 2)} b`));
  expect(pieces.map(({ text }) => text.length)).toEqual([1, units + 1, 2]);
}, 60_000);

test('a character with very many marks has its form', () => {
  const marks = 'a\u0301\u0301'.repeat(2000) + '\u0301'.repeat(units / 2);
  expect(toForm(alignedText(`e${marks}`), 'NFD').text).toHaveLength(marks.length + 1);
});

const former: readonly (readonly [string, RegExp, Parameters<typeof longPattern>[0]])[] = [
  [
    'GPT-2',
    /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
    [
      "'s|'t|'re|'ve|'m|'ll|'d",
      { before: ' ?', run: '\\p{L}' },
      { before: ' ?', run: '\\p{N}' },
      { before: ' ?', run: '[^\\p{White_Space}\\p{L}\\p{N}]' },
      { before: '\\p{White_Space}', run: '\\p{White_Space}(?!\\P{White_Space})', mayBeEmpty: true },
    ],
  ],
  ['BERT', /[^\p{White_Space}\p{P}]+|\p{P}/gu, [{ run: '[^\\p{White_Space}\\p{P}]' }, '\\p{P}']],
  [
    'segments',
    /[\uac00-\ud7a3]?[\u1100-\u11ff]+|[\s\S]\p{M}*/gu,
    [
      { before: '[\\uac00-\\ud7a3]?', run: '[\\u1100-\\u11ff]' },
      { before: '[\\s\\S]', run: '\\p{M}', mayBeEmpty: true },
    ],
  ],
];

test.each(former)('long matches of %s are those of the pattern without bounds', (_, plain, alternatives) => {
  const pattern = longPattern(alternatives);
  const some = fc.constantFrom('a', "'", 's', ' ', '\u2003', '1', '!', '\u0301', '\uac00', '\u1161', '\u{1D41A}', '龘');
  const many = fc.tuple(some, fc.integer({ min: 1020, max: 1030 })).map(([each, count]) => each.repeat(count));
  fc.assert(
    fc.property(fc.array(fc.oneof(some, some, some, many)), (parts) => {
      const text = parts.join('');
      expect([...longMatches(text, pattern)]).toEqual(
        Array.from(text.matchAll(plain), ({ 0: match, index }) => ({ start: index, end: index + match.length })),
      );
    }),
    { numRuns: 300 },
  );
});
