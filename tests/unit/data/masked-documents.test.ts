import { describe, expect, it } from 'vitest';
import { readMaskableDocuments } from '../../../gpu-worker/data/masked-documents.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';

const specialTokens = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'];
const pieces = ['▁', '▁card', '▁fee', 's', 'fer', '▁trans', '!', '.', '日', '本', 'x'];

/** As XLM-RoBERTa's: pieces of SentencePiece, of which those at the beginning of a word have its space. */
const unigram = createTokenizer(
  Buffer.from(
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: content === '<mask>',
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '<s>', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '</s>', type_id: 0 } },
        ],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
        special_tokens: {
          '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] },
          '</s>': { id: '</s>', ids: [2], tokens: ['</s>'] },
        },
      },
      decoder: null,
      model: {
        type: 'Unigram',
        unk_id: 3,
        byte_fallback: false,
        vocab: [...specialTokens, ...pieces].map((piece) => [piece, -10 / piece.length]),
      },
    }),
  ),
);

/** As ModernBERT's: tokens of bytes, whose offsets have the space before a word in them. */
const bytes = createTokenizer(
  Buffer.from(
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [
        { id: 0, content: '[MASK]', single_word: false, lstrip: true, rstrip: false, normalized: false, special: true },
      ],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: null,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(
          ['[MASK]', 'a', 'b', 'Ġ', 'Ċ', 'Ġa', 'ð', 'Ł', 'ĺ', 'Ģ'].map((token, id) => [token, id]),
        ),
        merges: ['Ġ a'],
      },
    }),
  ),
);

/** The pieces of each word of a text; special tokens are of none. */
function wordsOf(text: string, tokenizer = unigram): string[][] {
  const { texts } = readMaskableDocuments(tokenizer, [text], 64, () => undefined);
  const words = new Map<number, string[]>();
  for (const [index, word] of texts.words.entries()) {
    if (word !== -1) words.set(word, [...(words.get(word) ?? []), tokenizer.token(texts.ids[index]!)]);
  }
  return [...words.values()];
}

describe('words of pieces that have the space before them', () => {
  it('begin at such a piece, and go on to the next', () => {
    expect(wordsOf('transfer cards fee!')).toEqual([
      ['▁trans', 'fer'],
      ['▁card', 's'],
      ['▁fee', '!'],
    ]);
  });

  it('whose space is a piece of its own have it', () => {
    expect(wordsOf('card xs')).toEqual([['▁card'], ['▁', 'x', 's']]);
  });

  it('are whole sentences in a language without spaces', () => {
    expect(wordsOf('日本. 本')).toEqual([
      ['▁', '日', '本', '.'],
      ['▁', '本'],
    ]);
  });

  it('do not hold tokens that people typed', () => {
    expect(wordsOf('card<mask>fee')).toEqual([['▁card'], ['▁fee']]);
  });
});

describe('words of tokens of bytes', () => {
  it('begin at white space', () => {
    expect(wordsOf('ab ab\na', bytes)).toEqual([
      ['a', 'b'],
      ['Ġa', 'b'],
      ['Ċ', 'a'],
    ]);
  });

  it('have all tokens of a character', () => {
    expect(wordsOf('a 😀b', bytes)).toEqual([['a'], ['Ġ', 'ð', 'Ł', 'ĺ', 'Ģ', 'b']]);
  });
});
