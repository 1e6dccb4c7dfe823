import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { createUnigramSearch } from './unigram-search.js';

/** Text to token ids. */
export interface Tokenizer {
  encode(text: string): readonly number[];
}

/** Token ids of many texts, one after the other: 4 bytes a token, where arrays of numbers take 8 and a header each. */
export interface TokenizedTexts {
  readonly ids: Int32Array;
  /** [N+1]: text i is ids[offsets[i]] … ids[offsets[i+1] − 1]. */
  readonly offsets: Int32Array;
  /** [N] tokens of each text. */
  readonly lengths: Int32Array;
  /** [N] 1 where the text had more than `maxLength` tokens. */
  readonly truncated: Uint8Array;
}

/**
 * Characters that are always enough for a token: no text is read beyond `maxLength` times this. Only a text whose first
 * tokens are this long on average (runs of one unknown character, which count as one token) is cut too early.
 */
export const maxCharactersPerToken = 256;

/** Most texts reach `maxLength` tokens within this many characters a token; English runs at 4 to 5. */
const usualCharactersPerToken = 8;

/** Tokens next to a cut may differ from those of the whole text; none further away does, as pieces are shorter. */
const tokensNearCut = 16;

/** Texts between two calls of `onProgress`. */
const textsPerChunk = 128;

/** The part of a `tokenizer.json` that decides who searches for the pieces. */
const TokenizerJson = z.looseObject({
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
  model: z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('Unigram'), vocab: z.array(z.tuple([z.string(), z.number()])) }),
    z.looseObject({ type: z.enum(['BPE', 'WordPiece', 'WordLevel']) }),
  ]),
});

/**
 * Builds a tokenizer from the bytes of a Hugging Face `tokenizer.json`. A plain Unigram model is searched by
 * `createUnigramSearch`, everything else is the library's.
 */
export function createTokenizer(tokenizerJson: Uint8Array): Tokenizer {
  const json: unknown = JSON.parse(Buffer.from(tokenizerJson).toString('utf8'));
  const { model, pre_tokenizer, post_processor } = TokenizerJson.parse(json);
  const library: LibraryTokens = new LibraryTokenizer(json, {});
  const { normalizer } = library;
  if (model.type !== 'Unigram' || pre_tokenizer != null || post_processor != null || normalizer === null) {
    return { encode: (text) => library.encode(text).ids };
  }
  const search = createUnigramSearch(model.vocab);
  return { encode: (text) => (text === '' ? [] : search(normalizer(text))) };
}

/** What is used of the library, whose own declarations do not resolve under `nodenext`. */
interface LibraryTokens {
  readonly normalizer: ((text: string) => string) | null;
  encode(text: string): { readonly ids: number[] };
}

/**
 * Token ids of texts, cut to `maxLength` tokens. The cost depends on `maxLength`, not on how long a text is.
 *
 * @param onProgress called every `textsPerChunk` texts: the place for a sign of life, and to throw when stopping
 */
export function tokenizeTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  maxLength: number,
  onProgress: () => void,
): TokenizedTexts {
  const offsets = new Int32Array(texts.length + 1);
  const lengths = new Int32Array(texts.length);
  const truncated = new Uint8Array(texts.length);
  let ids = new Int32Array(texts.length * Math.min(maxLength, 32));
  let end = 0;
  for (const [index, text] of texts.entries()) {
    const tokens = tokenizeStart(tokenizer, text, maxLength);
    const length = Math.min(tokens.length, maxLength);
    if (end + length > ids.length) ids = grow(ids, Math.max(2 * ids.length, end + length));
    for (let token = 0; token < length; token++) ids[end + token] = tokens[token] ?? 0;
    end += length;
    offsets[index + 1] = end;
    lengths[index] = length;
    truncated[index] = tokens.length > maxLength ? 1 : 0;
    if (index % textsPerChunk === 0) onProgress();
  }
  return { ids: ids.slice(0, end), offsets, lengths, truncated };
}

/** The text's first `maxLength` tokens, and at least one more where there are more. */
function tokenizeStart(tokenizer: Tokenizer, text: string, maxLength: number): readonly number[] {
  const enough = maxLength + tokensNearCut;
  let characters = enough * usualCharactersPerToken;
  while (true) {
    const start = startOf(text, characters);
    const tokens = tokenizer.encode(start);
    if (start.length === text.length || tokens.length >= enough || characters >= maxLength * maxCharactersPerToken) {
      return tokens;
    }
    characters *= 4;
  }
}

/** At most `characters` UTF-16 units, never half a surrogate pair. */
function startOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const last = text.charCodeAt(characters - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? characters - 1 : characters);
}

function grow(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(values);
  return grown;
}
