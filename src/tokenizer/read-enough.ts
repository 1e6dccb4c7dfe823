import { type SequenceTokens, sliceTokens } from './sequence-tokens.js';
import type { TruncationSide } from './truncate.js';

/**
 * Characters that are always enough for a token: no text is read beyond this many for each token wanted. Only a text whose tokens are
 * this long on average (runs of one unknown character, which count as one token) is cut too early.
 */
export const maxCharactersPerToken = 256;

/** Most texts reach the tokens wanted within this many characters a token; English runs at 4 to 5. */
const usualCharactersPerToken = 8;

/** Tokens next to a cut may differ from those of the whole text; none further away does, as words and pieces are shorter. */
const tokensNearCut = 16;

/** How far from a cut the space is looked for that makes it fall between words. */
const longestWord = 256;

export interface EnoughTokens extends SequenceTokens {
  /** Whether these are all of the text's tokens. */
  readonly whole: boolean;
}

/**
 * Tokens of the end of a text that is kept: at least `wanted` of them where there are as many, the kept end's exactly as in the whole
 * text. The cost depends on `wanted`, not on how long the text is.
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

/** At most `characters` UTF-16 units from the start: before the last space, else anywhere but within a surrogate pair. */
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

/** A space that a word follows at once: with byte-level vocabularies the word's own. */
function isWordStart(text: string, at: number): boolean {
  return text[at] === ' ' && text[at + 1] !== undefined && /\S/.test(text[at + 1] ?? '');
}

function isSecondHalf(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
