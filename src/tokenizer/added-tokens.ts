import { type AlignedText, sliceAligned } from './aligned-text.js';
import type { Normalize } from './normalize.js';
import type { AddedTokenJson } from './tokenizer-json.js';

/** A stretch of text that is an added token exactly (`token`), or contains none (null). */
interface Stretch {
  readonly text: AlignedText;
  readonly token: AddedTokenJson | null;
}

export type SplitAtTokens = (text: AlignedText) => readonly Stretch[];

const spacesAtEnd = /\p{White_Space}+$/u;
const spacesAtStart = /^\p{White_Space}+/u;
const word = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const wordAtEnd = new RegExp(`${word}$`, 'u');
const wordAtStart = new RegExp(`^${word}`, 'u');

/**
 * How many characters beside a token are searched for spaces: a regular expression anchored to the end of a 10 MB text
 * would read all of it.
 */
const neighbourhood = 4096;

/**
 * Finds added tokens, special ones included, wherever they occur in a text: the leftmost first, and at one place the
 * longest. First the tokens that are sought in the given text, then, in the normalized text, the others.
 */
export function createAddedTokens(
  tokens: readonly AddedTokenJson[],
  normalize: Normalize,
  normalizeContent: (content: string) => string,
): SplitAtTokens {
  const given = splitAt(tokens.filter(({ normalized }) => !normalized).map((token) => [token.content, token]));
  const normalized = splitAt(
    tokens.filter((token) => token.normalized).map((token) => [normalizeContent(token.content), token]),
  );
  return (text) =>
    given(text).flatMap((stretch) => (stretch.token === null ? normalized(normalize(stretch.text)) : [stretch]));
}

function splitAt(tokens: readonly (readonly [content: string, token: AddedTokenJson])[]): SplitAtTokens {
  const byContent = new Map(tokens.filter(([content]) => content !== ''));
  if (byContent.size === 0) return (text) => [{ text, token: null }];
  // A regular expression tries alternatives in order, so the longest comes first.
  const contents = [...byContent.keys()].sort((left, right) => right.length - left.length);
  const pattern = new RegExp(
    contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'),
    'gu',
  );
  return (aligned) => {
    const { text } = aligned;
    const stretches: Stretch[] = [];
    let at = 0;
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content);
      if (token === undefined) continue;
      let [start, end] = [index, index + content.length];
      const before = text.slice(Math.max(0, start - neighbourhood), start);
      const after = text.slice(end, end + neighbourhood);
      if (token.single_word && (wordAtEnd.test(before) || wordAtStart.test(after))) continue;
      if (token.lstrip) start = Math.max(at, start - (spacesAtEnd.exec(before)?.[0].length ?? 0));
      if (token.rstrip) end += spacesAtStart.exec(after)?.[0].length ?? 0;
      if (start > at) stretches.push({ text: sliceAligned(aligned, at, start), token: null });
      stretches.push({ text: sliceAligned(aligned, start, end), token });
      at = end;
    }
    if (at < text.length || stretches.length === 0) {
      stretches.push({ text: sliceAligned(aligned, at, text.length), token: null });
    }
    return stretches;
  };
}
