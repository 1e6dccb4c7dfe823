import type { AddedTokenJson } from '../../../../src/tokenizer/index.js';
import { unsupportedGguf } from '../expressible.js';

/** Numbers of llama.cpp's types of tokens (`llama_token_type`). */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A model's tokens by id, as a GGUF file lists them. */
export interface TokenList {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
}

/**
 * Lists a vocabulary with the tokens that were added to it: special ones are control tokens, others the user's. Rows of
 * the model's table that no token has are named `[PAD<id>]`, as llama.cpp's converter names them.
 *
 * Errors: ProblemError UNSUPPORTED_EXPORT for a token beyond the table, and for two ids of one token, with which
 * llama.cpp does not start.
 *
 * @param typeOf the type of a token that was not added; null: normal
 */
export function listTokens(
  vocabulary: Iterable<readonly [token: string, id: number]>,
  added: readonly AddedTokenJson[],
  rows: number,
  typeOf: (token: string, id: number) => number | null,
): TokenList {
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types = Array.from({ length: rows }, (): number => tokenTypes.unused);
  const put = (id: number, token: string, type: number) => {
    if (id >= rows) throw unsupportedGguf(`the token “${token}” has the id ${id}, and the model has ${rows} rows`);
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of vocabulary) put(id, token, typeOf(token, id) ?? tokenTypes.normal);
  for (const { id, content, special } of added) {
    const ofVocabulary = tokens[id] === content ? typeOf(content, id) : null;
    put(id, content, ofVocabulary ?? (special ? tokenTypes.control : tokenTypes.userDefined));
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    if (seen.has(token)) throw unsupportedGguf(`two tokens are “${token}”, which llama.cpp does not read`);
    seen.add(token);
  }
  return { tokens, types };
}
