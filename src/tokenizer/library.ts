import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import type { ModelJson, NormalizerJson } from './tokenizer-json.js';

/*
 * What is used of `@huggingface/tokenizers`. Its own declarations import without file extensions, which `nodenext` does
 * not resolve: of the package only `Tokenizer` has a name, without a type. So its parts are reached through one, and
 * given their types here.
 */
interface Library {
  readonly model: unknown;
  readonly normalizer: unknown;
}

function library(parts: { readonly model?: ModelJson; readonly normalizer?: NormalizerJson }): Library {
  const nothing = { type: 'WordPiece', vocab: {}, unk_token: '' };
  const json = { model: nothing, normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return new LibraryTokenizer({ ...json, added_tokens: [], ...parts }, {});
}

/**
 * WordPiece: words → pieces, where continuing pieces have their prefix; a word without pieces becomes the unknown
 * token.
 */
export function libraryWordPiece(json: Extract<ModelJson, { type: 'WordPiece' }>) {
  return library({ model: json }).model as { encode(words: readonly string[]): readonly string[] };
}

/** Byte-pair encoding: a word → its pieces, known or not. */
export function libraryPairs(json: Extract<ModelJson, { type: 'BPE' }>) {
  return library({ model: json }).model as { bpe(word: string): readonly string[] };
}

/** Unigram: words → pieces, where adjacent unknown characters form one piece. */
export function libraryUnigram(json: Extract<ModelJson, { type: 'Unigram' }>) {
  return library({ model: json }).model as (words: readonly string[]) => readonly string[];
}

export function libraryNormalizer(json: NormalizerJson): (text: string) => string {
  return library({ normalizer: json }).normalizer as (text: string) => string;
}

/**
 * A pattern of a `tokenizer.json`, a string or Oniguruma's syntax, as a JavaScript regular expression.
 * @throws SyntaxError
 */
export function libraryPattern(pattern: { readonly String: string } | { readonly Regex: string }): RegExp {
  const { normalizer } = library({ normalizer: { type: 'Replace', pattern, content: '' } });
  return (normalizer as { readonly pattern: RegExp }).pattern;
}
