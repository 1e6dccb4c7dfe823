import type { Encoding, Tokenizer } from '../../src/tokenizer/index.js';
import { tokensOf } from './tokenize.js';

/**
 * Characters that are tokenized at once: a fraction of a second of the slowest search. The library fails for some
 * 100,000 tokens in a word, which is the whole text where nothing divides it into words.
 */
export const stretchCharacters = 2 ** 15;

/** What a text costs beside its characters, in characters. */
const charactersOfText = 64;

/** Calls `onProgress` at the first text, and then whenever a stretch of characters was seen since the last call. */
export function everyStretch(onProgress: () => void): (text: string) => void {
  let unreported = stretchCharacters;
  return (text) => {
    unreported += text.length + charactersOfText;
    if (unreported < stretchCharacters) return;
    onProgress();
    unreported = 0;
  };
}

/** Characters that two stretches share. Tokens next to a cut may differ from those of the whole text. */
const sharedCharacters = 2 ** 12;

/** Tokens, one after another, in which two stretches have to agree. Words and pieces are shorter than this. */
const agreeingTokens = 16;

/** More tokens than any text has. */
const options = { maxLength: 2 ** 30, truncationSide: 'right', addSpecialTokens: false } as const;

/** Tokens and their places in a text, in UTF-16 units. */
export type PlacedTokens = Pick<Encoding, 'ids' | 'offsets'>;

/**
 * The ids of a whole text, without special tokens around it, as one call of the tokenizer gives them. A long text is
 * read in stretches that overlap, and that are joined where both have the same tokens, so that a text of many megabytes
 * takes neither the memory of a search over all of it nor a minute without a sign of life. Where stretches never agree,
 * as in one run that is a single token, the text is read at once.
 *
 * @param onStretch called after each stretch
 * @throws ProblemError INVALID_VALUE for a text that the tokenizer has no tokens for
 */
export function tokenizeDocument(
  tokenizer: Pick<Tokenizer, 'encode' | 'encodeIds'>,
  text: string,
  onStretch: () => void,
): readonly number[] {
  const whole = () => tokensOf(() => tokenizer.encodeIds(text, null, options)).ids;
  if (text.length <= stretchCharacters) return whole();
  return inStretches(tokenizer, text, onStretch)?.ids ?? whole();
}

/** The same with the place of each token, which takes longer. */
export function placeDocument(tokenizer: Pick<Tokenizer, 'encode'>, text: string, onStretch: () => void): PlacedTokens {
  const whole = () => tokensOf(() => tokenizer.encode(text, null, options));
  if (text.length <= stretchCharacters) return whole();
  return inStretches(tokenizer, text, onStretch) ?? whole();
}

/** Null where two stretches do not agree. */
function inStretches(tokenizer: Pick<Tokenizer, 'encode'>, text: string, onStretch: () => void): PlacedTokens | null {
  const ids: number[] = [];
  const offsets: [number, number][] = [];
  let stretch = read(0);
  let first = 0;
  while (stretch.end < text.length) {
    onStretch();
    const next = read(characterStart(text, stretch.end - sharedCharacters));
    const seam = seamOf(stretch, next, first);
    if (seam === null) return null;
    keep(stretch, first, seam.left);
    stretch = next;
    first = seam.right;
  }
  keep(stretch, first, stretch.ids.length);
  return { ids, offsets };

  function keep({ start, ids: found, offsets: places }: Stretch, from: number, to: number): void {
    for (let token = from; token < to; token++) {
      const [begin, end] = places[token]!;
      ids.push(found[token]!);
      offsets.push([start + begin, start + end]);
    }
  }

  function read(start: number): Stretch {
    const end = characterStart(text, Math.min(text.length, start + stretchCharacters));
    const { ids: found, offsets: places } = tokensOf(() => tokenizer.encode(text.slice(start, end), null, options));
    return { start, end, ids: found, offsets: places, starts: startsOf(places, start) };
  }
}

interface Stretch {
  /** Place in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly ids: readonly number[];
  /** Places of the tokens in the stretch. */
  readonly offsets: Encoding['offsets'];
  /** Where each token begins in the text. */
  readonly starts: Int32Array;
}

function startsOf(offsets: Encoding['offsets'], start: number): Int32Array {
  return Int32Array.from(offsets, ([from]) => start + from);
}

/** The first tokens, from the middle of what two stretches share, from which on they agree; null: there are none. */
function seamOf(
  left: Stretch,
  right: Stretch,
  first: number,
): { readonly left: number; readonly right: number } | null {
  const middle = right.start + sharedCharacters / 2;
  let i = first;
  while (i < left.ids.length && left.starts[i]! < middle) i++;
  let j = 0;
  for (; i + agreeingTokens <= left.ids.length; i++) {
    while (j < right.ids.length && right.starts[j]! < left.starts[i]!) j++;
    // Of the tokens of one character, the first.
    if (i > 0 && left.starts[i - 1] === left.starts[i]) continue;
    if (agree(left, i, right, j)) return { left: i, right: j };
  }
  return null;
}

function agree(left: Stretch, i: number, right: Stretch, j: number): boolean {
  for (let token = 0; token < agreeingTokens; token++) {
    if (left.ids[i + token] !== right.ids[j + token] || left.starts[i + token] !== right.starts[j + token])
      return false;
  }
  return true;
}

/** The place itself, or the one before it within a surrogate pair. */
function characterStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
