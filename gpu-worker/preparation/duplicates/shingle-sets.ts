import { finalize, type Shingles } from './shingles.js';

/** The sets of second hashes of many texts, numbered in the order in which they were added. */
export interface ShingleSets {
  /** Adds the set of a text, and returns a hash of it that does not depend on the order of its shingles. */
  add(shingles: Shingles): number;
  /** How many different shingles a text has. */
  sizeOf(text: number): number;
  /** The Jaccard similarity |A ∩ B| / |A ∪ B| of two texts' sets; 1 of two empty ones. */
  jaccard(one: number, other: number): number;
  /** Whether the similarity is at least the threshold. It ends as soon as that is decided. */
  areSimilar(one: number, other: number, threshold: number): boolean;
}

/** A set lies in one chunk. Chunks are not moved when more sets come, so memory never holds them twice. */
const mostChunkWords = 1 << 20;

/** Four bytes a shingle, and twelve a text, of which there are at most `capacity`. */
export function createShingleSets(capacity: number): ShingleSets {
  const chunkWords = Math.min(mostChunkWords, 64 * capacity);
  const chunks: Uint32Array[] = [new Uint32Array(chunkWords)];
  const chunkOf = new Uint32Array(capacity);
  const beginOf = new Uint32Array(capacity);
  const sizes = new Uint32Array(capacity);
  let texts = 0;
  let used = 0;

  function room(words: number): Uint32Array {
    const last = chunks[chunks.length - 1]!;
    if (used + words <= last.length) return last;
    const next = new Uint32Array(Math.max(chunkWords, words));
    chunks.push(next);
    used = 0;
    return next;
  }

  /** How many shingles two sets share; −1 as soon as they can not share `wanted`. */
  function shared(one: number, other: number, wanted: number): number {
    const a = chunks[chunkOf[one]!]!;
    const b = chunks[chunkOf[other]!]!;
    let i = beginOf[one]!;
    let j = beginOf[other]!;
    const endA = i + sizes[one]!;
    const endB = j + sizes[other]!;
    let equal = 0;
    while (i < endA && j < endB) {
      const x = a[i]!;
      const y = b[j]!;
      if (x === y) {
        equal++;
        i++;
        j++;
      } else {
        if (x < y) i++;
        else j++;
        if (equal + Math.min(endA - i, endB - j) < wanted) return -1;
      }
    }
    return equal;
  }

  return {
    add({ count, second }) {
      const chunk = room(count);
      chunk.set(second.subarray(0, count), used);
      const size = sortSet(chunk.subarray(used, used + count));
      let sum = size;
      for (let i = 0; i < size; i++) sum = (sum + finalize(chunk[used + i]! ^ 0x5bd1e995)) | 0;
      chunkOf[texts] = chunks.length - 1;
      beginOf[texts] = used;
      sizes[texts] = size;
      texts++;
      used += size;
      return finalize(sum) >>> 0;
    },
    sizeOf: (text) => sizes[text]!,
    jaccard(one, other) {
      const equal = shared(one, other, 0);
      const all = sizes[one]! + sizes[other]! - equal;
      return all === 0 ? 1 : equal / all;
    },
    areSimilar(one, other, threshold) {
      const both = sizes[one]! + sizes[other]!;
      if (both === 0) return true;
      // equal / (both − equal) ≥ t holds from equal ≥ t · both / (1 + t) on. One less: rounding decides nothing.
      const wanted = Math.floor((threshold * both) / (1 + threshold)) - 1;
      const equal = shared(one, other, wanted);
      return equal >= 0 && equal / (both - equal) >= threshold;
    },
  };
}

/** Insertion is faster than the built-in sort up to about this length. */
const shortest = 64;

/** Sorts the words, and brings each to the front once; returns how many different ones there are. */
function sortSet(words: Uint32Array): number {
  if (words.length > shortest) words.sort();
  else {
    for (let i = 1; i < words.length; i++) {
      const word = words[i]!;
      let at = i;
      for (; at > 0 && words[at - 1]! > word; at--) words[at] = words[at - 1]!;
      words[at] = word;
    }
  }
  let kept = 0;
  for (let i = 0; i < words.length; i++) {
    if (i === 0 || words[i] !== words[i - 1]) words[kept++] = words[i]!;
  }
  return kept;
}
