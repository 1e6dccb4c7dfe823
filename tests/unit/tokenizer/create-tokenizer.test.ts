import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findUseLitePackage } from '../../../src/models/bundled/use-lite.js';
import { convertUseLiteTokenizer, PublishedVocabulary } from '../../../src/models/bundled/use-lite-tokenizer.js';
import { createTokenizer, TokenizerError } from '../../../src/tokenizer/index.js';

const Json = z.record(z.string(), z.unknown());
const reference = z
  .record(z.string(), z.object({ tokenizer: Json }))
  .parse(
    JSON.parse(readFileSync(new URL('../../numerics/reference/tokenizers.reference.json', import.meta.url), 'utf8')),
  );
const bert = reference.uncased?.tokenizer ?? {};
const roberta = reference.roberta?.tokenizer ?? {};
const of = (json: unknown) => createTokenizer(Buffer.from(JSON.stringify(json)));
const right = (maxLength: number) => ({ maxLength, truncationSide: 'right' }) as const;

describe('createTokenizer', () => {
  it('tells what the vocabulary has', () => {
    const tokenizer = of(bert);
    expect(tokenizer.kind).toBe('WordPiece');
    expect(tokenizer.padId).toBe(0);
    expect(of(roberta).padId).toBe(1);
    expect(tokenizer.specialTokens).toEqual(
      ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content, id) => ({ id, content })),
    );
    expect(tokenizer.token(tokenizer.vocabularySize - 1)).toBe('Attune');
    expect(tokenizer.token(tokenizer.vocabularySize)).toBe('');
  });

  it('counts ids that the post-processor and the padding alone have', () => {
    const { vocabularySize } = of(bert);
    const ids = (cls: number, sep: number) => ({ type: 'BertProcessing', cls: ['[CLS]', cls], sep: ['[SEP]', sep] });
    const template = (ids: number[]) => ({
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }],
      pair: [{ SpecialToken: { id: '[SEP]', type_id: 0 } }],
      special_tokens: { '[SEP]': { id: '[SEP]', ids } },
    });
    expect(of({ ...bert, post_processor: ids(2, 3) }).vocabularySize).toBe(vocabularySize);
    expect(of({ ...bert, post_processor: ids(2, 999_999) }).vocabularySize).toBe(1_000_000);
    expect(of({ ...bert, post_processor: ids(999_999, 3) }).vocabularySize).toBe(1_000_000);
    expect(of({ ...bert, post_processor: template([3, 999_999]) }).vocabularySize).toBe(1_000_000);
    expect(of({ ...bert, padding: { pad_id: 999_999 } }).vocabularySize).toBe(1_000_000);
  });

  it('gives the odd token of a pair to the text that is longer, however long both are', () => {
    const tokenizer = of(bert);
    const words = (count: number) => 'a '.repeat(count).trim();
    const kept = (first: number, second: number, maxLength = 54) => {
      const { sequence } = tokenizer.encode(words(first), words(second), right(maxLength));
      return [0, 1].map((text) => sequence.filter((one) => one === text).length);
    };
    expect(kept(100, 60)).toEqual([26, 25]);
    expect(kept(1000, 500)).toEqual([26, 25]);
    expect(kept(500, 1000)).toEqual([25, 26]);
    expect(kept(1000, 1000)).toEqual([25, 26]);
    expect(kept(20_001, 20_000)).toEqual([26, 25]);
    expect(kept(20_000, 20_001)).toEqual([25, 26]);
    expect(kept(20_001, 20_000, 53)).toEqual([25, 25]);
    expect(kept(1000, 10)).toEqual([41, 10]);
  });

  it('keeps the special tokens whatever is cut off, and refuses where they have no room', () => {
    const tokenizer = of(bert);
    expect(tokenizer.encode('many words here', null, right(2)).ids).toEqual([2, 3]);
    expect(tokenizer.encode('many words', 'and more', right(3)).ids).toEqual([2, 3, 3]);
    expect(() => tokenizer.encode('many words', null, right(1))).toThrow(RangeError);
  });

  it('takes lone surrogates for U+FFFD', () => {
    const tokenizer = of(roberta);
    const { ids, offsets } = tokenizer.encode('a\ud800b\udc00', null, right(64));
    expect(ids).toEqual(tokenizer.encode('a\ufffdb\ufffd', null, right(64)).ids);
    expect(offsets.at(-2)).toEqual([3, 4]);
  });

  it('has offsets that cover ever later stretches of the text, whatever it is', () => {
    const tokenizers = Object.values(reference).map(({ tokenizer }) => of(tokenizer));
    const anything = fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(
        fc.oneof(anything, fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 4, max: 40 }),
        (text, maxLength) => {
          for (const tokenizer of tokenizers) {
            for (const truncationSide of ['left', 'right'] as const) {
              const { ids, offsets, sequence } = tokenizer.encode(text, null, { maxLength, truncationSide });
              expect(ids.length).toBeLessThanOrEqual(maxLength);
              expect([offsets.length, sequence.length]).toEqual([ids.length, ids.length]);
              const own = offsets.filter((_, token) => sequence[token] === 0);
              for (const [token, [start, end]] of own.entries()) {
                expect(start).toBeGreaterThanOrEqual(token === 0 ? 0 : Math.min(own[token - 1]?.[0] ?? 0, start));
                expect(end).toBeGreaterThanOrEqual(start);
                expect(end).toBeLessThanOrEqual(text.length);
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives a long text the tokens of its beginning, or its end', () => {
    const long = Array.from(
      { length: 30_000 },
      (_, index) => ['received', 'delivery', 'Zürich', 'topped'][index % 4],
    ).join(' ');
    const [begin, end] = [long.slice(0, 900), long.slice(-900)];
    for (const json of [bert, roberta]) {
      const tokenizer = of(json);
      const left = { maxLength: 40, truncationSide: 'left' } as const;
      expect(tokenizer.encode(long, null, right(40))).toEqual(tokenizer.encode(begin, null, right(40)));
      const { ids, offsets, truncated } = tokenizer.encode(end, null, left);
      const shift = long.length - end.length;
      expect(tokenizer.encode(long, null, left)).toMatchObject({
        ids,
        truncated,
        offsets: offsets.map(([from, to], token) =>
          token === 0 || token === offsets.length - 1 ? [0, 0] : [from + shift, to + shift],
        ),
      });
    }
  });

  it('searches a plain Unigram model itself: of two equal sums the one whose last piece is shorter', () => {
    const vocab = [
      ['<unk>', 0],
      ['▁', -1],
      ['0', -2],
      ['00', -3],
      ['000', -4],
    ];
    const { encodeIds } = of({ normalizer: { type: 'NFKC' }, model: { type: 'Unigram', unk_id: 0, vocab } });
    expect(encodeIds('0000', null, right(8)).ids).toEqual([4, 2]);
    expect(encodeIds('', null, right(8)).ids).toEqual([]);
  });

  it.each([null, undefined])(
    'needs no token for the unknown (unk_id %s) until a text has something unknown',
    (unk_id) => {
      const vocab = [
        ['▁a', -1],
        ['▁', -3],
        ['b', -2],
      ];
      const { encodeIds, encode } = of({
        normalizer: { type: 'NFKC' },
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
        model: { type: 'Unigram', unk_id, vocab },
      });
      expect(encodeIds('ab b', null, right(8)).ids).toEqual([0, 2, 1, 2]);
      const unknown = { code: 'UNKNOWN_TEXT', message: expect.stringContaining('“x” is not in the vocabulary') };
      expect(() => encodeIds('ax', null, right(8))).toThrow(expect.objectContaining(unknown));
      expect(() => encode('ax', null, right(8))).toThrow(expect.objectContaining(unknown));
      // A text of a normalizer and a model alone goes another way.
      const plain = of({ normalizer: { type: 'NFKC' }, model: { type: 'Unigram', unk_id, vocab } });
      expect(plain.encodeIds('bb', null, right(8)).ids).toEqual([2, 2]);
      expect(() => plain.encodeIds('bx', null, right(8))).toThrow(expect.objectContaining(unknown));
    },
  );

  it('finds offsets for Universal Sentence Encoder’s tokens', () => {
    const published = JSON.parse(readFileSync(`${findUseLitePackage()}/dist/vocab.json`, 'utf8'));
    const tokenizer = of(convertUseLiteTokenizer(PublishedVocabulary.parse(published)));
    for (const text of ['hello  world', 'Straße ﬁne ½ 漢字ಠ_ಠ ok', '😀 a', '']) {
      const { ids, offsets } = tokenizer.encode(text, null, right(64));
      expect(ids).toEqual(tokenizer.encodeIds(text, null, right(64)).ids);
      expect(offsets.map(([, end]) => end).at(-1) ?? 0).toBe(text.length);
    }
    const { ids, offsets } = tokenizer.encode('hello ﬁne', null, right(64));
    expect(ids.map(tokenizer.token).join('|')).toBe('▁hell|o|▁fine');
    expect(offsets).toEqual([
      [0, 4],
      [4, 5],
      [5, 9],
    ]);
  });
});

describe('a malformed tokenizer.json', () => {
  const model = { type: 'WordPiece', vocab: { '[UNK]': 0 }, unk_token: '[UNK]' };
  const template = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }],
    pair: [],
    special_tokens: {},
  };
  const twice = (id: 'A' | 'B') => [
    { Sequence: { id, type_id: 0 } },
    { SpecialToken: { id: '[CLS]', type_id: 0 } },
    { Sequence: { id, type_id: 0 } },
  ];
  const special_tokens = { '[CLS]': { id: '[CLS]', ids: [0] } };
  it.each([
    ['', 'INVALID_TOKENIZER', 'tokenizer.json: is empty'],
    ['{"model":', 'INVALID_TOKENIZER', 'is not JSON'],
    ['[]', 'INVALID_TOKENIZER', 'expected object'],
    [{}, 'INVALID_TOKENIZER', 'model'],
    [{ model: { ...model, type: 'Magic' } }, 'UNSUPPORTED_TOKENIZER', 'model.type: “Magic” is not supported'],
    [
      { model: { ...model, vocab: { a: -1 } } },
      'INVALID_TOKENIZER',
      'model.vocab: the id of the token “a” is not a whole number',
    ],
    [
      { model: { ...model, vocab: { a: 0 } } },
      'INVALID_TOKENIZER',
      'model.unk_token: “[UNK]” is not in the vocabulary',
    ],
    [{ model, normalizer: { type: 'Nmt' } }, 'UNSUPPORTED_TOKENIZER', 'normalizer.type: “Nmt” is not supported'],
    [
      { model, normalizer: { type: 'Replace', pattern: { Regex: '(' }, content: '' } },
      'UNSUPPORTED_TOKENIZER',
      'normalizer.pattern',
    ],
    [
      { model, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } },
      'INVALID_TOKENIZER',
      'precompiled_charsmap',
    ],
    [
      { model, post_processor: template },
      'INVALID_TOKENIZER',
      'post_processor.single.0: “[CLS]” is not among its special_tokens',
    ],
    [
      { model, post_processor: { ...template, single: twice('A'), special_tokens } },
      'UNSUPPORTED_TOKENIZER',
      'post_processor.single: names a text more than once',
    ],
    [
      { model, post_processor: { ...template, pair: twice('B'), special_tokens } },
      'UNSUPPORTED_TOKENIZER',
      'post_processor.pair: names a text more than once',
    ],
    [
      { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a b'] } },
      'INVALID_TOKENIZER',
      'model.merges.0: makes no token',
    ],
    [{ model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 3 } }, 'INVALID_TOKENIZER', 'model.unk_id: names no token'],
    [
      { model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 0, byte_fallback: true } },
      'UNSUPPORTED_TOKENIZER',
      'model.byte_fallback: true is not supported',
    ],
    [
      { model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 0, byte_fallback: 'yes' } },
      'INVALID_TOKENIZER',
      'model.byte_fallback',
    ],
    [
      { model: { type: 'BPE', vocab: { a: 0 }, merges: [], continuing_subword_prefix: '##' } },
      'UNSUPPORTED_TOKENIZER',
      'model.continuing_subword_prefix: "##" is not supported',
    ],
    [
      { model, pre_tokenizer: { type: 'Punctuation', behavior: 'Doubled' } },
      'UNSUPPORTED_TOKENIZER',
      'pre_tokenizer.behavior: "Doubled" is not supported',
    ],
  ])('%j is refused, and says why', (json, code, message) => {
    const bytes = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const error: unknown = (() => {
      try {
        return createTokenizer(bytes);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(TokenizerError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each([
    ['normalizer', '{"type":"Sequence","normalizers":[', ']}'],
    ['pre_tokenizer', '{"type":"Sequence","pretokenizers":[', ']}'],
    ['post_processor', '{"type":"Sequence","processors":[', ']}'],
    ['decoder', '[', ']'],
  ])('is refused where its %s is nested without end', (key, open, close) => {
    const nested = (depth: number) =>
      Buffer.from(`{"model":${JSON.stringify(model)},"${key}":${open.repeat(depth)}${close.repeat(depth)}}`);
    expect(() => createTokenizer(nested(20_000))).toThrow(TokenizerError);
    expect(() => createTokenizer(nested(20_000))).toThrow('nested more than 32 levels deep');
    expect(createTokenizer(nested(8)).kind).toBe('WordPiece');
  });
});
