import type { EncodeOptions, Encoding, Tokenizer, TruncationSide } from '../../src/tokenizer/index.js';
import type { WordSpan } from './word-spans.js';

/** Which tokens begin words. */
export interface WordAlignment {
  /** [T] at the first piece of a word, the word's number, counted from 0; −1 at all other tokens. */
  readonly firstOfWord: readonly number[];
  /** Words for which the tokenizer makes no token, such as a word of one zero-width character. */
  readonly tokenless: readonly number[];
  /** Words whose first piece was cut off. */
  readonly cutOff: readonly number[];
}

/** A text as a model reads it, and the tokens where its words begin. */
export interface EncodedWords extends WordAlignment {
  readonly encoding: Encoding;
}

/**
 * Encodes a text and finds the first piece of each of its words: training gives the word's tag to that piece, and
 * prediction reads it there. A word that is divided by the cut keeps its first piece if the text is cut on the right,
 * and loses it if on the left. For words joined by single spaces, the pieces are those that transformers' fast
 * tokenizers make of the list of words (`word_ids()` with `is_split_into_words`). There is one exception: a space
 * before a special token that was typed in the text can be a token of its own, which a list of words does not have.
 *
 * @param words in order, without overlaps
 */
export function encodeWords(
  tokenizer: Pick<Tokenizer, 'encode'>,
  text: string,
  words: readonly WordSpan[],
  options: EncodeOptions,
): EncodedWords {
  const encoding = tokenizer.encode(text, null, options);
  if (!encoding.truncated || options.truncationSide === 'right') {
    return { encoding, ...alignWords(words, encoding, options.truncationSide) };
  }
  // Only the token before the first kept one tells whether that one begins its word. It is encoded too, then dropped.
  const longer = tokenizer.encode(text, null, { ...options, maxLength: options.maxLength + 1 });
  const { firstOfWord, tokenless, cutOff } = alignWords(words, longer, 'left');
  const before = longer.sequence.indexOf(0);
  const lost = firstOfWord.filter((word, token) => token === before && word !== -1);
  return { encoding, firstOfWord: firstOfWord.toSpliced(before, 1), tokenless, cutOff: [...cutOff, ...lost] };
}

/**
 * Finds the first piece of each word by the offsets of a text's tokens: the first token that overlaps the word, or that
 * lies in the gap before the word and ends where the word starts. Byte-level and SentencePiece vocabularies put the
 * space before a word in front of its first piece, and sometimes make a piece of the space alone, whose offsets may be
 * empty.
 *
 * @param words in order, without overlaps
 * @param encoding of one text, not of a pair. Where it was cut on the left, the first token may be a later piece of its
 * word
 */
export function alignWords(
  words: readonly WordSpan[],
  { offsets, sequence, truncated }: Pick<Encoding, 'offsets' | 'sequence' | 'truncated'>,
  truncationSide: TruncationSide,
): WordAlignment {
  const firstOfWord = offsets.map(() => -1);
  const begun: number[] = [];
  let next = 0;
  for (const [token, [start, end]] of offsets.entries()) {
    if (sequence[token] !== 0) continue;
    while ((words[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    const word = words[next];
    if (word === undefined) break;
    const gapStart = words[next - 1]?.end ?? 0;
    if (end <= word.start && !isSpaceBefore(word, { start, end }, gapStart)) continue;
    firstOfWord[token] = next;
    begun.push(next);
    next++;
  }
  const [first = words.length, last = -1] = [begun[0], begun.at(-1)];
  const isCutOff = (word: number) => truncated && (truncationSide === 'right' ? word > last : word < first);
  const hasPiece = new Set(begun);
  const missing = [...words.keys()].filter((word) => !hasPiece.has(word));
  return {
    firstOfWord,
    tokenless: missing.filter((word) => !isCutOff(word)),
    cutOff: missing.filter(isCutOff),
  };
}

/**
 * Whether a token that ends before a word is the space in front of the word. At the start of a text, such a token has
 * empty offsets before the space.
 */
function isSpaceBefore(word: WordSpan, token: WordSpan, gapStart: number): boolean {
  return token.start >= gapStart && (token.end === word.start || word.start - gapStart === 1);
}
