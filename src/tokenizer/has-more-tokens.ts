import { endOf } from './read-enough.js';
import type { SequenceTokens } from './sequence-tokens.js';

/** How many characters are tokenized at a time, so that the memory does not grow with the texts. */
export const stretchLength = 8192;

/**
 * Characters read before and after a stretch, so that the tokens counted in it are those of the whole text: two of the
 * longest words.
 */
const margin = 512;

type Tokenize = (stretch: string, start: number) => SequenceTokens;

/**
 * Whether the first text has more tokens than the second. Both are counted in step, only until the text with fewer
 * tokens ends, so the time is that of the shorter text. `tokenize` must return the places where tokens start.
 */
export function hasMoreTokens(first: string, second: string, tokenize: Tokenize): boolean {
  const [ones, others] = [counts(first, tokenize), counts(second, tokenize)];
  let [one, other] = [ones.next(), others.next()];
  let [count, otherCount] = [0, 0];
  while (true) {
    if (one.done && other.done) return count > otherCount;
    if (one.done && otherCount >= count) return false;
    if (other.done && count > otherCount) return true;
    if (other.done || (!one.done && count <= otherCount)) {
      count += one.value ?? 0;
      one = ones.next();
    } else {
      otherCount += other.value ?? 0;
      other = others.next();
    }
  }
}

/** How many tokens start in each stretch of a text, one stretch after another. */
function* counts(text: string, tokenize: Tokenize): Generator<number, undefined> {
  for (let start = 0; start < text.length; start += stretchLength) {
    const end = start + stretchLength;
    const from = start === 0 ? 0 : endOf(text, start - margin);
    const { starts } = tokenize(text.slice(from, endOf(text, end + margin)), from);
    yield starts.reduce((count, at) => count + (at >= start && at < end ? 1 : 0), 0);
  }
}
