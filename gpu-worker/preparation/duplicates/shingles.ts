import { foldText } from './fold-text.js';

/** What of a text is compared: each run of `size` words, or of `size` characters, of the folded text. */
export interface ShingleForm {
  readonly unit: 'words' | 'characters';
  readonly size: number;
}

/**
 * The hashes of one text's shingles. Each shingle has two hashes that do not depend on one another: signatures are made
 * of the first, and sets are compared by the second. So two different shingles count as one only if they collide in 64
 * bits, and a stored set takes four bytes a shingle.
 */
export interface Shingles {
  /** How many there are; a shingle that occurs twice counts twice. */
  readonly count: number;
  /** The first hashes are those at [0, count). */
  readonly first: Int32Array;
  /** The second hashes are those at [0, count). */
  readonly second: Uint32Array;
}

/** Scripts without spaces between words: each of their characters is a word. */
const wordsOfTheirOwn = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}{0,64}/gu;
const anyOfThem = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

const space = 0x20;

/**
 * For each ASCII character what it is in a folded text: the character itself or the small letter; 0 for one that
 * separates words. It agrees with `foldText`.
 */
const foldedAscii = Uint8Array.from({ length: 128 }, (_, code) => {
  const folded = foldText(`a${String.fromCharCode(code)}a`);
  return folded === 'a a' ? 0 : folded.charCodeAt(1);
});

/**
 * Reads the shingles of one text after another. What it returns holds until the next call. A text with fewer words than
 * `size` is one shingle, and a text that is empty when folded has none.
 */
export function createShingleReader({ unit, size }: ShingleForm): (text: string) => Shingles {
  let units = new Uint16Array(1024);
  // Of each word or character, where it begins and ends among the units.
  let begins = new Int32Array(256);
  let ends = new Int32Array(256);
  let first = new Int32Array(256);
  let second = new Uint32Array(256);

  function reserve(length: number): void {
    if (length <= units.length) return;
    units = new Uint16Array(length * 2);
    begins = new Int32Array(length * 2);
    ends = new Int32Array(length * 2);
    first = new Int32Array(length * 2);
    second = new Uint32Array(length * 2);
  }

  /** Writes the units of the folded text; returns how many. */
  function fold(text: string): number {
    reserve(text.length);
    let written = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 128) return copy(foldText(text));
      const folded = foldedAscii[code]!;
      if (folded !== 0) units[written++] = folded;
      else if (written > 0 && units[written - 1] !== space) units[written++] = space;
    }
    // Punctuation alone is kept by foldText.
    if (written === 0) return copy(foldText(text));
    return units[written - 1] === space ? written - 1 : written;
  }

  function copy(folded: string): number {
    const text =
      unit === 'words' && anyOfThem.test(folded)
        ? folded.replace(wordsOfTheirOwn, ' $& ').replaceAll(/ +/g, ' ').trim()
        : folded;
    reserve(text.length);
    for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
    return text.length;
  }

  function divideIntoWords(length: number): number {
    let words = 0;
    let begin = 0;
    for (let i = 0; i <= length; i++) {
      if (i < length && units[i] !== space) continue;
      if (i > begin) {
        begins[words] = begin;
        ends[words++] = i;
      }
      begin = i + 1;
    }
    return words;
  }

  function divideIntoCharacters(length: number): number {
    let characters = 0;
    for (let i = 0; i < length; ) {
      begins[characters] = i;
      const isPair = (units[i]! & 0xfc00) === 0xd800 && i + 1 < length && (units[i + 1]! & 0xfc00) === 0xdc00;
      i += isPair ? 2 : 1;
      ends[characters++] = i;
    }
    return characters;
  }

  /**
   * MurmurHash3 (Austin Appleby) of the units in [begin, end) as UTF-16LE: the first hash is its x86_32 with seed 0,
   * the second takes the constants of the second lane of its x86_128. That is another mixture of each block, so the two
   * do not collide together.
   */
  function hash(begin: number, end: number, at: number): void {
    let one = 0;
    let other = 0;
    const pairs = begin + ((end - begin) & ~1);
    for (let i = begin; i < pairs; i += 2) {
      const block = units[i]! | (units[i + 1]! << 16);
      let mixed = Math.imul(block, 0xcc9e2d51);
      mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
      one ^= mixed;
      one = (Math.imul((one << 13) | (one >>> 19), 5) + 0xe6546b64) | 0;
      let mixedOther = Math.imul(block, 0xab0e9789);
      mixedOther = Math.imul((mixedOther << 16) | (mixedOther >>> 16), 0x38b34ae5);
      other ^= mixedOther;
      other = (Math.imul((other << 17) | (other >>> 15), 5) + 0x0bcaa747) | 0;
    }
    if (pairs < end) {
      const block = units[pairs]!;
      let mixed = Math.imul(block, 0xcc9e2d51);
      mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
      one ^= mixed;
      let mixedOther = Math.imul(block, 0xab0e9789);
      mixedOther = Math.imul((mixedOther << 16) | (mixedOther >>> 16), 0x38b34ae5);
      other ^= mixedOther;
    }
    const bytes = (end - begin) * 2;
    first[at] = finalize(one ^ bytes);
    second[at] = finalize(other ^ bytes) >>> 0;
  }

  return (text) => {
    const length = fold(text);
    const parts = unit === 'words' ? divideIntoWords(length) : divideIntoCharacters(length);
    const count = parts === 0 ? 0 : Math.max(1, parts - size + 1);
    for (let i = 0; i < count; i++) hash(begins[i]!, ends[Math.min(i + size, parts) - 1]!, i);
    return { count, first, second };
  };
}

/** MurmurHash3's finalizer: each bit of the word reaches each bit of the result. */
export function finalize(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
