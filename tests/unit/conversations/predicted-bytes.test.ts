import { describe, expect, it } from 'vitest';
import { encodeConversation } from '../../../src/conversations/encode-conversation.js';
import { byteCharacters, createTokenizer } from '../../../src/tokenizer/index.js';

/** Tokens of single bytes, as GPT-2's vocabulary has them, and of the words that merges make. */
function byteLevel(words: readonly string[], trimOffsets = false) {
  const written = (text: string) => [...Buffer.from(text)].map((byte) => byteCharacters[byte]!).join('');
  const merges: [string, string][] = [];
  const tokens = [...byteCharacters];
  for (const word of words.map(written)) {
    for (let end = 2; end <= word.length; end++) {
      if (tokens.includes(word.slice(0, end))) continue;
      merges.push([word.slice(0, end - 1), word[end - 1]!]);
      tokens.push(word.slice(0, end));
    }
  }
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: trimOffsets, use_regex: false };
  return createTokenizer(
    Buffer.from(
      JSON.stringify({
        version: '1.0',
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: bytes,
        post_processor: bytes,
        decoder: bytes,
        model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
      }),
    ),
  );
}

/** Tokens of whole characters, and of the bytes of those that the vocabulary lacks, as SentencePiece has them. */
function withFallback() {
  const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  const tokens = ['<unk>', ...Array.from({ length: 256 }, (_, byte) => hex(byte)), 'a', 'é'];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  return createTokenizer(
    Buffer.from(
      JSON.stringify({
        version: '1.0',
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: null,
        post_processor: null,
        decoder: null,
        model: { type: 'BPE', vocab, merges: [], unk_token: '<unk>', byte_fallback: true, fuse_unk: true },
      }),
    ),
  );
}

const all = (text: string) => ({ text, targets: [[0, text.length]] as const, hasSpecialTokens: true });

describe('bytes of what is predicted', () => {
  it.each(['right', 'left'] as const)(
    'are those of the kept tokens but the first, cut on the %s at any place',
    (side) => {
      const tokenizer = byteLevel([]);
      const text = 'aé€😀 \n b';
      const bytes = Buffer.byteLength(text);
      for (let maxLength = 2; maxLength <= bytes; maxLength++) {
        const encoded = encodeConversation(tokenizer, all(text), { maxLength, truncationSide: side });
        // Each token is one byte.
        expect([maxLength, encoded.targetBytes]).toEqual([maxLength, maxLength - 1]);
      }
    },
  );

  it('count the white space that offsets leave out', () => {
    for (const trimmed of [false, true]) {
      const tokenizer = byteLevel([' two', 'one', '  '], trimmed);
      const encoded = encodeConversation(tokenizer, all('one two  one'), { maxLength: 3, truncationSide: 'right' });
      // “ two” and two spaces.
      expect(encoded).toMatchObject({ truncated: true, targetBytes: 6 });
    }
  });

  it('of bytes that a vocabulary of characters falls back to', () => {
    const tokenizer = withFallback();
    const of = (maxLength: number) =>
      encodeConversation(tokenizer, all('aéa€é'), { maxLength, truncationSide: 'right' }).targetBytes;
    // é is a token of two bytes, and each byte of € is a token.
    expect([2, 3, 4, 5, 6, 7].map(of)).toEqual([2, 3, 4, 5, 6, 8]);
  });

  it('of targets alone', () => {
    const tokenizer = byteLevel([]);
    const written = { text: 'ask€answer€', targets: [[4, 11]] as const, hasSpecialTokens: true };
    const of = (maxLength: number) =>
      encodeConversation(tokenizer, written, { maxLength, truncationSide: 'right' }).targetBytes;
    // Six bytes go before the answer, which has nine.
    expect([7, 12, 13, 14, 15].map(of)).toEqual([1, 6, 7, 8, 9]);
  });
});
