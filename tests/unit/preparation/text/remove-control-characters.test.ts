import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { removeControlCharacters } from '../../../../gpu-worker/preparation/text/remove-control-characters.js';

describe('removeControlCharacters', () => {
  test.each([
    ['controls of C0 and C1', 'a\0b\x07c\x1bd\x7fe\x9ff', 'abcdef'],
    ['neither tab nor line feed', 'a\tb\nc', 'a\tb\nc'],
    ['breaks of other systems become LF', 'a\r\nb\rc\x85d\fe\vf', 'a\nb\nc\nd\ne\nf'],
    ['the byte order mark, at the start and within', '\ufeffa\ufeffb', 'ab'],
    ['characters without width', 'pass\u200bword\u2060s\u180e', 'passwords'],
    ['soft hyphens', 'Donau\xaddampf\xadschiff', 'Donaudampfschiff'],
    ['controls of direction', '\u202eabc\u202c \u2066d\u2069\u200e\u200f\u061c', 'abc d'],
    ['joiners within Latin words', 'a\u200db\u200cc', 'abc'],
    ['noncharacters and code points without a character', 'a\ufffeb\ufdd0c\u0378d\u{1fffe}e\u{10ffff}', 'abcde'],
  ])('%s', (_, text, cleaned) => {
    expect(removeControlCharacters(text)).toBe(cleaned);
  });

  test('puts U+FFFD for surrogates that stand alone, and keeps pairs', () => {
    expect(removeControlCharacters('a\ud83db\ude00c😀')).toBe('a\ufffdb\ufffdc😀');
  });

  test.each([
    ['family', '👨‍👩‍👧‍👦'],
    ['colour of skin', '👩🏽‍🚀'],
    ['heart on fire', '❤️‍🔥'],
    ['rainbow', '🏳️‍🌈'],
    ['keycap', '1️⃣'],
    ['text style', '☎︎'],
    ['Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['Persian', 'می\u200cخواهم'],
    ['Hindi with both joiners', 'क्\u200dष क्\u200cष'],
    ['Sinhala', 'ශ්\u200dරී'],
    ['a variant of an ideograph', '葛\u{e0100}城'],
    ['numbers of Arabic', '\u0600١٢'],
  ])('keeps what %s needs', (_, text) => {
    expect(removeControlCharacters(text)).toBe(text);
  });

  test('removes what hides a message: tags, and rows of variation selectors', () => {
    const hidden = [...'attack'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
    expect(removeControlCharacters(`hi${hidden}!`)).toBe('hi!');
    expect(removeControlCharacters('😀\ufe0f\ufe0f\u{e0101}\u{e0102}')).toBe('😀\ufe0f');
    expect(removeControlCharacters('a \ufe0fb \u200db')).toBe('a b b');
  });

  test('is idempotent, and gives well-formed text without controls', () => {
    const units = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x200d, 0xfe0f, 0xd83d, 0xde00)),
    );
    const any = units.map((codes) => String.fromCharCode(...codes));
    const marked = fc
      .array(
        fc.constantFrom('👩', '🏽', '\u200d', '\ufe0f', '🏴', '\u{e0067}', '\u{e007f}', 'م', 'a', '\r', '\n', '\xad'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(any, marked), (text) => {
        const once = removeControlCharacters(text);
        expect(removeControlCharacters(once)).toBe(once);
        expect(once).not.toMatch(/\p{Surrogate}/u);
        expect(once).not.toMatch(/[^\P{Cc}\t\n]|[\xad\ufeff\u200b\u202a-\u202e]/u);
      }),
      { numRuns: 3000, seed: 13 },
    );
  });

  test('reads a million joiners and tags in one pass', () => {
    expect(removeControlCharacters('\u200d\u{e0067}'.repeat(500_000))).toBe('');
  });
});
