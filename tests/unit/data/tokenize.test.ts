import { describe, expect, it } from 'vitest';
import { collateRows, collateTargets, collateTokens } from '../../../gpu-worker/data/collate.js';
import { tokenizeTexts } from '../../../gpu-worker/data/tokenize.js';
import { createTokenizer, type EncodeOptions } from '../../../src/tokenizer/index.js';

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
const upTo = (maxLength: number): EncodeOptions => ({ maxLength, truncationSide: 'right' });
const ids = (text: string) => tokenizer.encodeIds(text, null, upTo(100)).ids;
const idle = () => undefined;

describe('tokenizeTexts', () => {
  it('keeps each text’s tokens between its offsets', () => {
    const texts = ['a b c', '', 'd', 'e e e e e e'];
    const tokens = tokenizeTexts(tokenizer, { texts, pairs: null, readsTypes: false }, upTo(8), idle);
    for (const [index, text] of texts.entries()) {
      const kept = [...tokens.ids.subarray(tokens.offsets[index], tokens.offsets[index + 1])];
      expect(kept).toEqual(ids(text).slice(0, 8));
      expect(tokens.lengths[index]).toBe(kept.length);
    }
    expect([...tokens.truncated]).toEqual([0, 0, 0, 1]);
    expect(tokens.typeIds).toBeNull();
  });

  it('keeps which text of a pair each token is from', () => {
    const tokens = tokenizeTexts(tokenizer, { texts: ['a', 'b'], pairs: ['a b', ''], readsTypes: true }, upTo(8), idle);
    expect([...(tokens.typeIds ?? [])]).toEqual([
      ...ids('a').map(() => 0),
      ...ids('a b').map(() => 1),
      ...ids('b').map(() => 0),
    ]);
    expect([...tokens.lengths]).toEqual([ids('a').length + ids('a b').length, ids('b').length]);
  });

  it('calls back while it works', () => {
    let calls = 0;
    tokenizeTexts(
      tokenizer,
      { texts: new Array<string>(300).fill('a'), pairs: null, readsTypes: false },
      upTo(4),
      () => {
        calls++;
      },
    );
    expect(calls).toBe(3);
  });
});

describe('collate', () => {
  const texts = tokenizeTexts(tokenizer, { texts: ['b', 'b b b', 'c'], pairs: null, readsTypes: false }, upTo(4), idle);

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

  it('pads type ids of pairs', () => {
    const pairs = tokenizeTexts(tokenizer, { texts: ['a'], pairs: ['a'], readsTypes: true }, upTo(8), idle);
    const { length } = ids('a');
    const batch = collateTokens(pairs, { examples: Int32Array.of(0), length: 2 * length + 1 }, 1);
    expect([...(batch.typeIds ?? [])]).toEqual([...ids('a').map(() => 0), ...ids('a').map(() => 1), 0]);
  });

  it('gathers cached rows and targets', () => {
    const values = Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5);
    expect([...collateRows(values, 2, Int32Array.of(2, 0), 3)]).toEqual([2, 2.5, 0, 0.5, 0, 0]);
    expect([...collateTargets(Int32Array.of(7, 8, 9), Int32Array.of(2, 0), 3, -1)]).toEqual([9, 7, -1]);
  });
});
