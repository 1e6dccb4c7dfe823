import type { TruncationSide } from './truncate.js';

/** An example as the model reads it. */
export interface Encoding {
  readonly ids: number[];
  readonly typeIds: number[];
  /** UTF-16 indices into the text that a token came from; special tokens: [0, 0]. */
  readonly offsets: [start: number, end: number][];
  /** Which text a token is from. */
  readonly sequence: (0 | 1 | null)[];
  /** Whether tokens were cut off. */
  readonly truncated: boolean;
}

export interface EncodeOptions {
  /** Tokens of an example, special tokens included: these are always kept. */
  readonly maxLength: number;
  /** The side that is cut off; of a pair, first that of the longer text (transformers' `longest_first`). */
  readonly truncationSide: TruncationSide;
}

/**
 * Text to token ids, equal to Hugging Face's `tokenizers`. Special tokens that are typed in a text, `[CLS]` or `</s>`, are recognised there
 * as the tokens they name, as `transformers` does. Lone surrogates, which no other implementation can be given, count as U+FFFD.
 * The cost of a call depends on `maxLength`, not on how long the texts are; but of a pair that is cut to halves of which one gets an odd
 * token, both are counted to where the shorter one ends.
 */
export interface Tokenizer {
  /** Errors: RangeError when `maxLength` has no room for the special tokens. */
  encode(text: string, pair: string | null, options: EncodeOptions): Encoding;
  /** `encode` without what only people want to see, for data sets. */
  encodeIds(text: string, pair: string | null, options: EncodeOptions): Pick<Encoding, 'ids' | 'typeIds' | 'truncated'>;
  /** What fills up short examples; they are masked, so that any id would do. */
  readonly padId: number;
  /** One more than the highest id, of special and padding tokens too. */
  readonly vocabularySize: number;
  /** The string of an id, as the vocabulary has it; empty for an id that it lacks. */
  token(id: number): string;
  readonly specialTokens: readonly { readonly id: number; readonly content: string }[];
  /** `WordPiece`, `BPE`, `Unigram` or `WordLevel`. */
  readonly kind: string;
}
