import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasMoreTokens, stretchLength } from '../../../src/tokenizer/has-more-tokens.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import type { SequenceTokens } from '../../../src/tokenizer/sequence-tokens.js';

/** A token a word; remembers how many characters were read. */
function words() {
  let read = 0;
  const tokenize = (stretch: string, start: number): SequenceTokens => {
    read += stretch.length;
    const starts = [...stretch.matchAll(/\S+/g)].map(({ index }) => start + index);
    return { ids: starts, starts, ends: starts };
  };
  return { tokenize, read: () => read };
}

const text = (count: number, word = 'abcdefg') =>
  Array.from({ length: count }, (_, index) => word.slice(0, 1 + (index % word.length))).join(' ');

describe('hasMoreTokens', () => {
  it.each([
    [0, 0],
    [0, 1],
    [5, 5],
    [20_000, 20_000],
    [20_000, 20_001],
    [20_001, 20_002],
    [1638, 1639],
    [10, 20_000],
  ])('tells %i from %i words', (fewer, more) => {
    for (const [one, other] of [
      [text(fewer), text(more)],
      [text(fewer, 'abcdefghijklmnop'), text(more, 'ab')],
    ] as const) {
      expect(hasMoreTokens(one, other, words().tokenize)).toBe(false);
      expect(hasMoreTokens(other, one, words().tokenize)).toBe(more > fewer);
    }
  });

  it('reads no further than to where the shorter one ends', () => {
    const { tokenize, read } = words();
    expect(hasMoreTokens(text(200_000), text(4000), tokenize)).toBe(true);
    expect(hasMoreTokens(text(4000), text(200_000), tokenize)).toBe(false);
    expect(read()).toBeLessThan(2 * 8 * stretchLength);
  });

  it('counts a word that is longer than a stretch once', () => {
    const long = 'x'.repeat(3 * stretchLength);
    expect(hasMoreTokens(`${long} b`, 'a b', words().tokenize)).toBe(false);
    expect(hasMoreTokens(`${long} b c`, 'a b', words().tokenize)).toBe(true);
  });

  it('tells stretches of the same tokens as the whole text has', () => {
    const reference = z
      .record(z.string(), z.object({ tokenizer: z.unknown() }))
      .parse(
        JSON.parse(
          readFileSync(new URL('../../numerics/reference/tokenizers.reference.json', import.meta.url), 'utf8'),
        ),
      );
    const source = 'Größe 漢字 of 😀 the  Straßencafé, “topped” up? e\u0301 don’t\n'.repeat(310);
    expect(source.length).toBeGreaterThan(2 * stretchLength);
    for (const { tokenizer: json } of Object.values(reference)) {
      const { encode } = createTokenizer(Buffer.from(JSON.stringify(json)));
      // All of it, in one piece: the limit is beyond its end.
      const whole = encode(source, null, { maxLength: 100_000, truncationSide: 'right' });
      const own = whole.offsets.filter((_, token) => whole.sequence[token] === 0);
      const tokenize = (stretch: string, start: number): SequenceTokens => {
        const { ids, offsets, sequence } = encode(stretch, null, { maxLength: 100_000, truncationSide: 'right' });
        const tokens = offsets.filter((_, token) => sequence[token] === 0);
        return { ids, starts: tokens.map(([from]) => start + from), ends: tokens.map(([, to]) => start + to) };
      };
      const asMany = 'a '.repeat(own.length).trim();
      const oneLess = 'a '.repeat(own.length - 1).trim();
      const either = (stretch: string, start: number) =>
        stretch.startsWith('a') || stretch.startsWith(' a')
          ? words().tokenize(stretch, start)
          : tokenize(stretch, start);
      expect(hasMoreTokens(source, asMany, either)).toBe(false);
      expect(hasMoreTokens(source, oneLess, either)).toBe(true);
    }
  });
});
