import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../../gpu-worker/data/documents.js';
import { readMaskableDocuments } from '../../../gpu-worker/data/masked-documents.js';
import { placeDocument, stretchCharacters, tokenizeDocument } from '../../../gpu-worker/data/tokenize-document.js';
import { createTokenizer, type Tokenizer } from '../../../src/tokenizer/index.js';

const words = 'a the lamp lamps light of to in house houses so as 😀 é 12 345'.split(' ');
const pieces = [
  '<unk>',
  '</s>',
  '▁',
  ...new Set([...words.join('').replace(/\s/gu, '')]),
  ...words.map((w) => `▁${w}`),
];

function tokenizerOf(json: object): Tokenizer {
  return createTokenizer(
    Buffer.from(
      JSON.stringify({ version: '1.0', truncation: null, padding: null, post_processor: null, decoder: null, ...json }),
    ),
  );
}

const end = {
  id: 1,
  content: '</s>',
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
};

const unigramModel = {
  type: 'Unigram',
  unk_id: 0,
  byte_fallback: false,
  vocab: pieces.map((p) => [p, -p.length / (p.length + 1) - 5]),
};

/** Searches the whole text as one word, as that of gloss-lm does. */
const unigram = tokenizerOf({
  added_tokens: [end],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      { type: 'Prepend', prepend: '▁' },
    ],
  },
  pre_tokenizer: null,
  model: unigramModel,
});

/** Several tokens begin at one character: each has all of its bytes. */
const bytes = tokenizerOf({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries([...byteCharacters(), 'Ġt', 'Ġth', 'Ġl', 'la', '12'].map((token, id) => [token, id])),
    merges: ['Ġ t', 'Ġt h', 'Ġ l', 'l a', '1 2'],
  },
});

/** The characters that stand for bytes in byte-level vocabularies. */
function byteCharacters(): string[] {
  const isShown = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isShown(byte) ? byte : 256 + others++));
}

/** Words in an order without a period, some after several spaces or a token that people typed. */
function longText(characters: number): string {
  const parts: string[] = [];
  let state = 1;
  for (let length = 0; length < characters; length += parts.at(-1)!.length) {
    state = (state * 16_807) % 2_147_483_647;
    const space = state % 11 === 0 ? '   ' : state % 13 === 0 ? '</s>' : ' ';
    parts.push(`${space}${words[state % words.length]!}`);
  }
  return parts.join('');
}

const whole = { maxLength: 2 ** 30, truncationSide: 'right', addSpecialTokens: false } as const;

describe('a long document', () => {
  it.each([
    ['pieces of whole texts', unigram],
    ['bytes', bytes],
  ])('has the tokens of one call, and gives signs of life: %s', (_, tokenizer) => {
    const text = longText(2.5 * stretchCharacters);
    let calls = 0;
    const ids = tokenizeDocument(tokenizer, text, () => calls++);
    expect(ids).toEqual(tokenizer.encodeIds(text, null, whole).ids);
    expect(calls).toBe(2);
  });

  it.each([
    ['pieces of whole texts', unigram],
    ['bytes', bytes],
  ])('has the places of one call: %s', (_, tokenizer) => {
    const text = longText(2.5 * stretchCharacters);
    const { ids, offsets } = tokenizer.encode(text, null, whole);
    expect(placeDocument(tokenizer, text, () => undefined)).toEqual({ ids, offsets });
  });

  it('is not cut within a character of two units', () => {
    for (const before of ['', 'a']) {
      const text = before + '😀 '.repeat(stretchCharacters / 2);
      expect(tokenizeDocument(unigram, text, () => undefined)).toEqual(unigram.encodeIds(text, null, whole).ids);
    }
  });

  it('is read at once where it is one run that a single token stands for', () => {
    const fused = tokenizerOf({
      added_tokens: [end],
      normalizer: { type: 'Replace', pattern: { Regex: 'ж+' }, content: 'a' },
      pre_tokenizer: null,
      model: unigramModel,
    });
    const text = 'ж'.repeat(stretchCharacters + 10_000);
    expect(tokenizeDocument(fused, text, () => undefined)).toEqual([pieces.indexOf('a')]);
  });

  it('may have more tokens than the search of one word takes', () => {
    const text = 'a'.repeat(200_000);
    expect(tokenizeDocument(unigram, text, () => undefined)).toHaveLength(200_000);
    expect(() => unigram.encodeIds(text, null, whole)).toThrow('too many tokens');
  });

  it('is refused, and fails nothing else, where one unknown run is too long for the search', () => {
    const text = 'ж'.repeat(200_000);
    expect(() => tokenizeDocument(unigram, text, () => undefined)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'INVALID_VALUE' }) }),
    );
  });
});

describe('signs of life while documents are read', () => {
  it('come by characters, not by documents', () => {
    const text = longText(stretchCharacters / 2);
    let calls = 0;
    readDocuments(unigram, Array<string>(8).fill(text), { begin: null, end: 1 }, 128, () => calls++);
    expect(calls).toBeGreaterThanOrEqual(4);
  });

  it('come within one long document that is masked', () => {
    const words = Array.from({ length: 20_000 }, (_, index) => ['lamp', 'light', 'a'][index % 3]).join(' ');
    const tokenizer = tokenizerOf({
      added_tokens: [{ ...end, id: 4, content: '[MASK]' }],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordLevel', vocab: { '<unk>': 0, lamp: 1, light: 2, a: 3, '[MASK]': 4 }, unk_token: '<unk>' },
    });
    let calls = 0;
    const { texts } = readMaskableDocuments(tokenizer, [words], 1000, () => calls++);
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(texts.ids).toEqual(Int32Array.from({ length: 20_000 }, (_, index) => 1 + (index % 3)));
    expect(texts.words).toEqual(Int32Array.from({ length: 20_000 }, (_, index) => index));
  });
});
