import { describe, expect, it } from 'vitest';
import { maxCharactersPerToken, readEnough } from '../../../src/tokenizer/read-enough.js';
import type { SequenceTokens } from '../../../src/tokenizer/sequence-tokens.js';

/** A token a word, whose id is where it begins in the whole text. */
function words(read: string[] = []) {
  return (stretch: string, start: number): SequenceTokens => {
    read.push(stretch);
    const found = [...stretch.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
      from: start + index,
      to: start + index + word.length,
    }));
    return {
      ids: found.map(({ from }) => from),
      starts: found.map(({ from }) => from),
      ends: found.map(({ to }) => to),
    };
  };
}

const text = Array.from({ length: 200_000 }, (_, index) => 'abcdefgh'.slice(0, 1 + (index % 8))).join(' ');
const whole = words()(text, 0);

describe('readEnough', () => {
  it('gives the first tokens of the whole text, from its beginning alone', () => {
    const read: string[] = [];
    const tokens = readEnough(text, 64, 'right', words(read));
    expect(tokens.ids.slice(0, 64)).toEqual(whole.ids.slice(0, 64));
    expect(tokens.ids.length).toBeGreaterThanOrEqual(64);
    expect(read.map(({ length }) => length <= 640)).toEqual([true]);
  });

  it('gives the last ones, with their places in the whole text, from its end alone', () => {
    const read: string[] = [];
    const tokens = readEnough(text, 64, 'left', words(read));
    expect(tokens.starts.slice(-64)).toEqual(whole.starts.slice(-64));
    expect(tokens.ends.slice(-64)).toEqual(whole.ends.slice(-64));
    expect(read.map(({ length }) => length <= 640)).toEqual([true]);
  });

  it('reads on where there are few tokens, as far as its bound', () => {
    const read: string[] = [];
    const long = `${'x'.repeat(1000)} b c`;
    expect(readEnough(long, 2, 'right', words(read)).ids).toEqual([0, 1001, 1003]);
    expect(read.at(-1)).toBe(long);
    read.length = 0;
    expect(readEnough('x'.repeat(1_000_000), 4, 'right', words(read)).ids).toEqual([0]);
    expect(Math.max(...read.map(({ length }) => length))).toBeLessThanOrEqual((4 + 16) * maxCharactersPerToken);
  });

  it.each(['left', 'right'] as const)('cuts no surrogate pair in half on the %s', (side) => {
    const read: string[] = [];
    for (const lead of ['', 'a']) readEnough(`${lead}${'😀'.repeat(3000)}${lead}`, 4, side, words(read));
    expect(read.length).toBeGreaterThan(2);
    for (const stretch of read) expect(Buffer.from(stretch, 'utf8').toString('utf8')).toBe(stretch);
  });
});
