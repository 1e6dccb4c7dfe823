import type { EncodeOptions, Encoding, Tokenizer, TruncationSide } from '../../src/tokenizer/index.js';
import type { WordSpan } from './word-spans.js';

/** Which tokens begin words. */
export interface WordAlignment {
  /** [T] the word that each token is the first piece of, counted from 0; −1 for all other tokens. */
  readonly firstOfWord: readonly number[];
  /** Words that the tokenizer makes no token of, as of one zero-width character. */
  readonly tokenless: readonly number[];
  /** Words whose first piece was cut off. */
  readonly cutOff: readonly number[];
}

/** A text as a model reads it, and where its words begin there. */
export interface EncodedWords extends WordAlignment {
  readonly encoding: Encoding;
}

/**
 * Encodes a text and finds the first piece of each of its words, which is the one that a word is trained on and read
 * from. A word that a cut divides has it or has lost it, as the cut is on the right or the left. For words joined by
 * single spaces the pieces are those of transformers' fast tokenizers for the list of words (`word_ids()` with
 * `is_split_into_words`), but where a special token is typed after a space, which is a token of its own in the joined
 * text alone.
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
  // Whether the first token that is kept begins its word, the one before it tells.
  const longer = tokenizer.encode(text, null, { ...options, maxLength: options.maxLength + 1 });
  const { firstOfWord, tokenless, cutOff } = alignWords(words, longer, 'left');
  const before = longer.sequence.indexOf(0);
  const lost = firstOfWord.filter((word, token) => token === before && word !== -1);
  return { encoding, firstOfWord: firstOfWord.toSpliced(before, 1), tokenless, cutOff: [...cutOff, ...lost] };
}

/**
 * The first piece of each word by the offsets of a text's tokens: the first token to overlap the word, or to lie in the
 * gap before it and end where the word starts. Byte-level and SentencePiece vocabularies put the space before a word in
 * front of its pieces, sometimes as a piece of its own, and show that one as empty.
 *
 * @param words in order, without overlaps
 * @param encoding of the text, without a second one. Where it was cut on the left, the first token may be a later piece
 * of its word
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
 * Whether a token that ends before a word is the space in front of it. The first token's is shown as empty before the
 * space.
 */
function isSpaceBefore(word: WordSpan, token: WordSpan, gapStart: number): boolean {
  return token.start >= gapStart && (token.end === word.start || word.start - gapStart === 1);
}
