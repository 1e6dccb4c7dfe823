import { byteCharacters, type Tokenizer } from '../../../src/tokenizer/index.js';

/** What the tokens of a vocabulary are as words of a text. */
export interface VocabularyWords {
  /** The whole word that a token is; null for a part of a word, and for what is no text. */
  wordOf(id: number): string | null;
  /** Whether a token has the space before it in itself, as `Ġword` and `▁word` have. */
  hasSpace(id: number): boolean;
}

/**
 * Reads a vocabulary once. WordPiece marks what goes on with a word by `##`; BPE and Unigram what begins one, by the
 * space before it. Without that mark, a token may be the first word of a text or the rest of one: it counts as a word
 * if the vocabulary has it with the mark too.
 */
export function readVocabularyWords(
  tokenizer: Pick<Tokenizer, 'kind' | 'token' | 'vocabularySize' | 'specialTokens'>,
): VocabularyWords {
  const tokens = Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.token(id));
  const special = new Set(tokenizer.specialTokens.map(({ id }) => id));
  const marksParts = tokenizer.kind === 'WordPiece' || tokenizer.kind === 'WordLevel';
  const all = new Set(tokens);
  const hasBytes = !marksParts && tokens.some((token) => token.startsWith('Ġ'));
  const mark = hasBytes ? 'Ġ' : '▁';
  const words = tokens.map((token, id) => {
    if (token === '' || special.has(id)) return null;
    if (marksParts) return token.startsWith('##') ? null : token;
    if (token.startsWith(mark)) return textOf(token.slice(mark.length), hasBytes);
    return all.has(mark + token) ? textOf(token, hasBytes) : null;
  });
  return {
    wordOf: (id) => words[id] ?? null,
    hasSpace: (id) => !marksParts && (tokens[id] ?? '').startsWith(mark),
  };
}

const bytes: ReadonlyMap<string, number> = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** A token's text; null where it has none, or only a part of a character's bytes. */
function textOf(token: string, hasBytes: boolean): string | null {
  if (token === '') return null;
  if (!hasBytes) return token;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(token, (character) => bytes.get(character) ?? 0xff),
    );
  } catch {
    return null;
  }
}
