import { type SequenceTokens, sliceTokens } from './sequence-tokens.js';
import type { TruncationSide } from './truncate.js';

/**
 * An upper limit of characters for a token: no text is read beyond this many characters for each requested token. Only
 * a text whose tokens are this long on average (runs of one unknown character, which count as one token) is cut too
 * early.
 */
export const maxCharactersPerToken = 256;

/** Most texts reach the requested tokens within this many characters for each token; English has 4 to 5. */
const usualCharactersPerToken = 8;

/**
 * Tokens next to a cut may differ from those of the whole text. Further away none does, because words and pieces are
 * shorter than this.
 */
const tokensNearCut = 16;

/** How far from a cut a space is searched, so that the cut falls between words. */
const longestWord = 256;

export interface EnoughTokens extends SequenceTokens {
  /** Whether these are all of the text's tokens. */
  readonly whole: boolean;
}

/**
 * The tokens at the kept end of a text: at least `wanted` of them if the text has as many, and exactly those of the
 * whole text at the kept end. The cost depends on `wanted`, not on the length of the text.
 */
export function readEnough(
  text: string,
  wanted: number,
  side: TruncationSide,
  tokenize: (stretch: string, start: number) => SequenceTokens,
): EnoughTokens {
  const enough = wanted + tokensNearCut;
  let characters = enough * usualCharactersPerToken;
  while (true) {
    const [start, end] = side === 'right' ? [0, endOf(text, characters)] : [startOf(text, characters), text.length];
    const tokens = tokenize(text.slice(start, end), start);
    if (end - start === text.length) return { ...tokens, whole: true };
    const count = tokens.ids.length;
    if (count >= enough) {
      const kept =
        side === 'right' ? sliceTokens(tokens, 0, count - tokensNearCut) : sliceTokens(tokens, tokensNearCut, count);
      return { ...kept, whole: false };
    }
    const most = enough * maxCharactersPerToken;
    if (characters >= most) return { ...tokens, whole: false };
    characters = Math.min(most, 4 * characters);
  }
}

/**
 * A place at most `characters` UTF-16 units from the start: before the last space, else anywhere but within a surrogate
 * pair.
 */
export function endOf(text: string, characters: number): number {
  if (text.length <= characters) return text.length;
  for (let at = characters; at > Math.max(1, characters - longestWord); at--) if (isWordStart(text, at)) return at;
  return isSecondHalf(text, characters) ? characters - 1 : characters;
}

function startOf(text: string, characters: number): number {
  const cut = text.length - characters;
  if (cut <= 0) return 0;
  for (let at = cut; at < Math.min(text.length, cut + longestWord); at++) if (isWordStart(text, at)) return at;
  return isSecondHalf(text, cut) ? cut + 1 : cut;
}

/** Whether a space is directly followed by a word; in byte-level vocabularies the space belongs to that word. */
function isWordStart(text: string, at: number): boolean {
  return text[at] === ' ' && text[at + 1] !== undefined && /\S/.test(text[at + 1] ?? '');
}

function isSecondHalf(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
