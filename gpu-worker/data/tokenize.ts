import { type EncodeOptions, type Tokenizer, TokenizerError } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';
import { growing } from './growing.js';
import { encodeWords } from './word-alignment.js';
import type { WordSpan } from './word-spans.js';

/** The texts of examples, one or two for each. */
export interface Texts {
  readonly texts: readonly string[];
  /** Second text of each, for tasks on pairs. */
  readonly pairs: readonly string[] | null;
  /** Where the words of each text are, for heads that predict something for each word; else null. */
  readonly words?: readonly (readonly WordSpan[])[] | null;
  /** Whether the model reads which text a token counts to. */
  readonly readsTypes: boolean;
}

/**
 * Token ids of many examples, one after the other: 4 bytes a token, where arrays of numbers take 8 and a header each.
 */
export interface TokenizedTexts {
  readonly ids: Int32Array;
  /** As `ids`: which text of a pair a token is from, as the family counts. Null where the model does not read it. */
  readonly typeIds: Int32Array | null;
  /**
   * As `ids`: at the first token of a word, the word's number, counted from 0 in its text; −1 at all other tokens. Null
   * without words.
   */
  readonly firstOfWord: Int32Array | null;
  /** [N+1]: example i is ids[offsets[i]] … ids[offsets[i+1] − 1]. */
  readonly offsets: Int32Array;
  /** [N] tokens of each example. */
  readonly lengths: Int32Array;
  /** [N] 1 where the example had more than `maxLength` tokens. */
  readonly truncated: Uint8Array;
}

/** Examples between two calls of `onProgress`. */
const examplesPerChunk = 128;

/**
 * Turns examples into token ids, at most `maxLength` for each, special tokens included.
 *
 * @param onProgress called every `examplesPerChunk` examples: it can give a sign of life, or throw in order to stop
 * @throws ProblemError INVALID_VALUE for a text that the tokenizer has no tokens for
 */
export function tokenizeTexts(
  tokenizer: Pick<Tokenizer, 'encode' | 'encodeIds'>,
  { texts, pairs, words = null, readsTypes }: Texts,
  options: EncodeOptions,
  onProgress: () => void,
): TokenizedTexts {
  const offsets = new Int32Array(texts.length + 1);
  const truncated = new Uint8Array(texts.length);
  const room = texts.length * Math.min(options.maxLength, 32);
  const ids = growing(Int32Array, room);
  const typeIds = readsTypes ? growing(Int32Array, room) : null;
  const firstOfWord = words === null ? null : growing(Int32Array, room);
  for (const [index, text] of texts.entries()) {
    const encoding = tokensOf(() => encode(text, index));
    offsets[index + 1] = ids.append(encoding.ids);
    typeIds?.append(encoding.typeIds);
    truncated[index] = encoding.truncated ? 1 : 0;
    if (index % examplesPerChunk === 0) onProgress();
  }
  const lengths = offsets.slice(1).map((end, i) => end - (offsets[i] ?? 0));
  return {
    ids: ids.all(),
    typeIds: typeIds?.all() ?? null,
    firstOfWord: firstOfWord?.all() ?? null,
    offsets,
    lengths,
    truncated,
  };

  function encode(text: string, index: number) {
    if (words === null) return tokenizer.encodeIds(text, pairs === null ? null : (pairs[index] ?? ''), options);
    const encoded = encodeWords(tokenizer, text, words[index] ?? [], options);
    firstOfWord?.append(encoded.firstOfWord);
    return encoded.encoding;
  }
}

/** What `encode` gives, and a text that the tokenizer fails at as a problem of the data. */
export function tokensOf<Tokens>(encode: () => Tokens): Tokens {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof TokenizerError) || error.code !== 'UNKNOWN_TEXT') throw error;
    const hint = 'Leave such texts out, or choose a model whose tokenizer has a token for what it does not know.';
    throw new ProblemError(
      { path: ['textColumn'], code: 'INVALID_VALUE', message: error.message, hint },
      { cause: error },
    );
  }
}
