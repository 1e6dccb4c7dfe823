import { describe, expect, it } from 'vitest';
import { collateRows, collateTargets, collateTokens } from '../../../gpu-worker/data/collate.js';
import { createTokenizer, type Tokenizer, tokenizeTexts } from '../../../gpu-worker/data/tokenize.js';

/** Letters a to e, each a token, and "▁" before each word. */
const pieces = ['<unk>', '▁', 'a', 'b', 'c', 'd', 'e', '▁a', 'ab'];
const tokenizerJson = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: { type: 'NFKC' },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
  post_processor: null,
  decoder: null,
  model: { type: 'Unigram', unk_id: 0, vocab: pieces.map((piece, id) => [piece, -1 - id / 10]) },
};
const tokenizer = createTokenizer(Buffer.from(JSON.stringify(tokenizerJson)));
const ids = (text: string) => tokenizer.encode(text);

/** The tokenizer, with every text that it is given noted down. */
function recording(texts: string[]): Tokenizer {
  return {
    encode(text) {
      texts.push(text);
      return tokenizer.encode(text);
    },
  };
}
const idle = () => undefined;

describe('tokenizeTexts', () => {
  it('keeps each text’s tokens between its offsets', () => {
    const texts = ['a b c', '', 'd', 'e e e e e e'];
    const tokens = tokenizeTexts(tokenizer, texts, 8, idle);
    for (const [index, text] of texts.entries()) {
      const kept = [...tokens.ids.subarray(tokens.offsets[index], tokens.offsets[index + 1])];
      expect(kept).toEqual(ids(text).slice(0, 8));
      expect(tokens.lengths[index]).toBe(kept.length);
    }
    expect([...tokens.truncated]).toEqual([0, 0, 0, 1]);
  });

  it('reads only the beginning of a long text, and gives the tokens of the whole one', () => {
    const text = 'abcde '.repeat(500);
    const tokens = tokenizeTexts(tokenizer, [text], 64, idle);
    expect([...tokens.ids]).toEqual(ids(text).slice(0, 64));
    const starts: string[] = [];
    tokenizeTexts(recording(starts), ['abcde '.repeat(200_000)], 64, idle);
    expect(starts.map(({ length }) => length)).toEqual([640]);
    starts.length = 0;
    // Unknown characters fuse into one token however many there are: the bound ends the search.
    const unknown = tokenizeTexts(recording(starts), ['漢'.repeat(1_000_000)], 64, idle);
    expect(Math.max(...starts.map(({ length }) => length))).toBeLessThanOrEqual(4 * 64 * 256);
    expect(unknown.lengths[0]).toBeLessThanOrEqual(2);
  });

  it('reads on where the beginning has few tokens', () => {
    const text = `${'漢'.repeat(1000)}abcde`;
    const tokens = tokenizeTexts(tokenizer, [text], 16, idle);
    expect([...tokens.ids]).toEqual(ids(text).slice(0, 16));
    expect(tokens.ids.at(-1)).toBe(pieces.indexOf('e'));
  });

  it('cuts no surrogate pair in half', () => {
    const starts: string[] = [];
    tokenizeTexts(recording(starts), [`a${'😀'.repeat(3000)}`], 4, idle);
    // UTF-8 has no lone surrogates: one would come back as U+FFFD.
    for (const start of starts) expect(Buffer.from(start, 'utf8').toString('utf8')).toBe(start);
  });

  it('calls back while it works', () => {
    let calls = 0;
    tokenizeTexts(tokenizer, new Array<string>(300).fill('a'), 4, () => {
      calls++;
    });
    expect(calls).toBe(3);
  });
});

describe('createTokenizer', () => {
  it('searches a plain Unigram model itself: of two equal sums the one whose last piece is shorter', () => {
    const vocab = [
      ['<unk>', 0],
      ['▁', -1],
      ['0', -2],
      ['00', -3],
      ['000', -4],
    ];
    const plain = { ...tokenizerJson, pre_tokenizer: null, model: { type: 'Unigram', unk_id: 0, vocab } };
    const { encode } = createTokenizer(Buffer.from(JSON.stringify(plain)));
    expect(encode('0000')).toEqual([4, 2]);
    expect(encode('')).toEqual([]);
  });
});

describe('collate', () => {
  const texts = tokenizeTexts(tokenizer, ['b', 'b b b', 'c'], 4, idle);

  it('pads rows and tokens', () => {
    const batch = collateTokens(texts, { examples: Int32Array.of(1, 0), length: 4 }, 3);
    const [one, two] = [ids('b'), ids('b b b').slice(0, 4)];
    expect([...batch.ids]).toEqual([...two, ...one, ...new Array(4 - one.length).fill(0), 0, 0, 0, 0]);
    expect([...batch.mask]).toEqual([
      1,
      1,
      1,
      1,
      ...one.map(() => 1),
      ...new Array(4 - one.length).fill(0),
      0,
      0,
      0,
      0,
    ]);
  });

  it('gathers cached rows and targets', () => {
    const values = Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5);
    expect([...collateRows(values, 2, Int32Array.of(2, 0), 3)]).toEqual([2, 2.5, 0, 0.5, 0, 0]);
    expect([...collateTargets(Int32Array.of(7, 8, 9), Int32Array.of(2, 0), 3, -1)]).toEqual([9, 7, -1]);
  });
});
