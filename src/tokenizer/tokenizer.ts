import type { TruncationSide } from './truncate.js';

/** An example as the model reads it. */
export interface Encoding {
  readonly ids: number[];
  readonly typeIds: number[];
  /** The UTF-16 range of the text that a token comes from; special tokens: [0, 0]. */
  readonly offsets: [start: number, end: number][];
  /** The text that a token comes from: the first (0) or the second (1); null for special tokens. */
  readonly sequence: (0 | 1 | null)[];
  /** Whether tokens were cut off. */
  readonly truncated: boolean;
}

export interface EncodeOptions {
  /** The most tokens of an example, including special tokens, which are always kept. */
  readonly maxLength: number;
  /** The side that is cut off; of a pair, the longer text is cut first (transformers' `longest_first`). */
  readonly truncationSide: TruncationSide;
  /** Whether the special tokens around the texts are added, as the tokenizer's file says. Default: true. */
  readonly addSpecialTokens?: boolean;
}

/**
 * Turns text into token ids, equal to those of Hugging Face's `tokenizers`. Special tokens typed in a text, `[CLS]` or
 * `</s>`, are recognised as those tokens, as `transformers` does. Lone surrogates, which no other implementation
 * accepts, count as U+FFFD. The cost of a call depends on `maxLength`, not on the length of the texts. The exception is
 * a pair that is cut to halves of which one gets an odd token: then both texts are counted until the shorter one ends.
 */
export interface Tokenizer {
  /** @throws RangeError when `maxLength` has no room for the special tokens */
  encode(text: string, pair: string | null, options: EncodeOptions): Encoding;
  /** Like `encode`, without the fields that only people look at: for data sets. */
  encodeIds(text: string, pair: string | null, options: EncodeOptions): Pick<Encoding, 'ids' | 'typeIds' | 'truncated'>;
  /** The id that fills up short examples. It is masked, so any id would do. */
  readonly padId: number;
  /** One more than the highest id, special and padding tokens included. */
  readonly vocabularySize: number;
  /** The types that it gives tokens, of a single text and of a pair: which text each is from. */
  readonly typeIds: { readonly single: readonly number[]; readonly pair: readonly number[] };
  /** The string of an id in the vocabulary; empty for an id that the vocabulary lacks. */
  token(id: number): string;
  readonly specialTokens: readonly { readonly id: number; readonly content: string }[];
  /** `WordPiece`, `BPE`, `Unigram` or `WordLevel`. */
  readonly kind: string;
}
