import type { Tokenizer } from '../../src/tokenizer/index.js';
import { sequenceWriter, type TokenSequences } from './token-sequences.js';
import { everyStretch, tokenizeDocument } from './tokenize-document.js';

/** Ids of the tokens that a text begins and ends with; null where the model has none. */
export interface TextEnds {
  readonly begin: number | null;
  readonly end: number | null;
}

/** What became of the documents of a split. */
export interface DocumentCounts {
  /** Documents with a token to predict. */
  readonly count: number;
  /** Documents that were divided. */
  readonly divided: number;
  /** Documents without a token to predict. */
  readonly empty: number;
  /** Bytes of the documents in UTF-8, by which bits a byte are counted. */
  readonly bytes: number;
}

/** The documents of a split as a causal language model learns them. */
export interface Documents extends DocumentCounts {
  readonly sequences: TokenSequences;
  /** Of each sequence: the place of its text among those that were given. */
  readonly places: readonly number[];
}

/**
 * Tokenizes whole documents: each begins and ends with the model's tokens for that, and one of more than `context`
 * tokens is divided. A part begins with the last token of the part before it, so that every token but the first of a
 * document is predicted exactly once.
 *
 * @param onProgress called at the beginning, and after every 32,768 characters or so
 * @throws ProblemError INVALID_VALUE for a text that the tokenizer has no tokens for
 */
export function readDocuments(
  tokenizer: Pick<Tokenizer, 'encode' | 'encodeIds'>,
  texts: readonly string[],
  { begin, end }: TextEnds,
  context: number,
  onProgress: () => void,
): Documents {
  const writer = sequenceWriter();
  const places: number[] = [];
  let [divided, empty, bytes] = [0, 0, 0];
  const progress = everyStretch(onProgress);
  for (const [place, text] of texts.entries()) {
    progress(text);
    const ids = tokenizeDocument(tokenizer, text, onProgress);
    const tokens = Int32Array.from([...(begin === null ? [] : [begin]), ...ids, ...(end === null ? [] : [end])]);
    if (ids.length === 0 || tokens.length < 2) {
      empty += 1;
      continue;
    }
    bytes += Buffer.byteLength(text);
    if (tokens.length > context) divided += 1;
    for (let start = 0; start < tokens.length - 1; start += context - 1) {
      const part = tokens.subarray(start, start + context);
      const isTarget = new Uint8Array(part.length).fill(1);
      isTarget[0] = 0;
      writer.add(part, isTarget);
      places.push(place);
    }
  }
  return { sequences: writer.all(), places, count: texts.length - empty, divided, empty, bytes };
}
