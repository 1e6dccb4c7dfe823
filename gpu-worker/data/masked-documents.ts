import type { Tokenizer } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';
import type { DocumentCounts } from './documents.js';
import { growing } from './growing.js';
import { everyStretch, placeDocument } from './tokenize-document.js';

/** Documents as an encoder reads them, in rows of one document each, or of a part of one. */
export interface MaskableTexts {
  readonly ids: Int32Array;
  /** [R+1]: row r is ids[offsets[r]] … ids[offsets[r+1] − 1]. */
  readonly offsets: Int32Array;
  /** As `ids`: the number of the word in its document; −1 at special tokens, which are never masked. */
  readonly words: Int32Array;
  readonly maskId: number;
  /** Tokens that may stand in the place of another. */
  readonly vocabularySize: number;
}

const masks = ['[MASK]', '<mask>'];

/** More tokens than any text has. */
const allTokens = 2 ** 30;

/**
 * Tokenizes whole documents with the special tokens around them. One of more than `context` tokens is divided, and each
 * part has those special tokens. A token goes on with the word of the token before it where the two touch in the text,
 * as in transformers' collator, or share a character.
 *
 * `places`: of each row, the place of its text among those that were given.
 *
 * @param onProgress called at the beginning, and after every 32,768 characters or so
 * @throws ProblemError INVALID_MODEL for a tokenizer without a mask; INVALID_VALUE for a text that the tokenizer has no
 * tokens for
 */
export function readMaskableDocuments(
  tokenizer: Pick<Tokenizer, 'encode' | 'encodeIds' | 'specialTokens' | 'vocabularySize' | 'token'>,
  texts: readonly string[],
  context: number,
  onProgress: () => void,
): { readonly texts: MaskableTexts; readonly counts: DocumentCounts; readonly places: readonly number[] } {
  const maskId = maskOf(tokenizer);
  const special = new Set(tokenizer.specialTokens.map(({ id }) => id));
  const { before, after } = specialTokensAround(tokenizer);
  const room = context - before.length - after.length;
  if (room < 1) throw tooShort(before.length + after.length);
  const ids = growing(Int32Array, 1024);
  const words = growing(Int32Array, 1024);
  const offsets = [0];
  const places: number[] = [];
  let [divided, empty, bytes] = [0, 0, 0];
  const progress = everyStretch(onProgress);
  for (const [place, text] of texts.entries()) {
    progress(text);
    const encoding = placeDocument(tokenizer, text, onProgress);
    const wordOf = wordsOf(tokenizer, text, encoding, special);
    if (wordOf.every((word) => word === -1)) {
      empty += 1;
      continue;
    }
    bytes += Buffer.byteLength(text);
    if (encoding.ids.length > room) divided += 1;
    for (let start = 0; start < encoding.ids.length; start += room) {
      const end = Math.min(start + room, encoding.ids.length);
      offsets.push(ids.append([...before, ...encoding.ids.slice(start, end), ...after]));
      places.push(place);
      words.append([...before.map(() => -1), ...wordOf.subarray(start, end), ...after.map(() => -1)]);
    }
  }
  return {
    texts: {
      ids: ids.all(),
      offsets: Int32Array.from(offsets),
      words: words.all(),
      maskId,
      vocabularySize: tokenizer.vocabularySize,
    },
    counts: { count: texts.length - empty, divided, empty, bytes },
    places,
  };
}

/**
 * Numbers of words: tokens that touch are of one word, and so are those that divide the bytes of one character.
 * SentencePiece's token of a new word has the space in it, and so have those of bytes, unless offsets leave it out.
 */
function wordsOf(
  tokenizer: Pick<Tokenizer, 'token'>,
  text: string,
  { ids, offsets }: { readonly ids: readonly number[]; readonly offsets: readonly (readonly [number, number])[] },
  special: ReadonlySet<number>,
): Int32Array {
  let word = 0;
  return Int32Array.from(ids, (id, token) => {
    const start = offsets[token]![0];
    const touches = token > 0 && start <= offsets[token - 1]![1];
    const hasSpace = tokenizer.token(id).startsWith('▁') || /\s/u.test(text.charAt(start));
    if (token > 0 && (!touches || hasSpace)) word += 1;
    return special.has(id) ? -1 : word;
  });
}

/** What the tokenizer puts before and after a text. */
function specialTokensAround(tokenizer: Pick<Tokenizer, 'encode'>): {
  readonly before: readonly number[];
  readonly after: readonly number[];
} {
  const { ids, sequence } = tokenizer.encode('a', null, { maxLength: allTokens, truncationSide: 'right' });
  const [first, last] = [sequence.indexOf(0), sequence.lastIndexOf(0)];
  // A tokenizer that has no token for this text puts all special tokens before it.
  return first === -1 ? { before: ids, after: [] } : { before: ids.slice(0, first), after: ids.slice(last + 1) };
}

/** The id of the mask; null for a tokenizer without one. */
export function maskIdOf({ specialTokens }: Pick<Tokenizer, 'specialTokens'>): number | null {
  return specialTokens.find(({ content }) => masks.includes(content))?.id ?? null;
}

function maskOf(tokenizer: Pick<Tokenizer, 'specialTokens'>): number {
  const maskId = maskIdOf(tokenizer);
  if (maskId !== null) return maskId;
  throw new ProblemError({
    path: ['method', 'languageModelling', 'objective'],
    code: 'INVALID_VALUE',
    message: `the model’s tokenizer has no special token ${masks.join(' or ')}: tokens cannot be masked`,
    hint: 'Choose a model that was pre-trained on masked tokens.',
  });
}

function tooShort(special: number): ProblemError {
  return new ProblemError({
    path: ['hyperparameters', 'maxLength'],
    code: 'INVALID_VALUE',
    message: `the ${special} special tokens around a text leave no room for it`,
    hint: `Set maxLength to more than ${special}.`,
  });
}
