/** Words with numbers, found by their place in an array of code units: no text is made to look one up. */
export interface KnownWords {
  readonly count: number;
  /** Where a word's numbers are in `pool()`: how many, and from there on themselves; or -1: it is not known. */
  find(units: Uint16Array, begin: number, end: number, hash: number): number;
  add(units: Uint16Array, begin: number, end: number, hash: number, numbers: readonly number[]): number;
  pool(): Uint32Array;
}

/** The hash of code units with one more. It begins with 0. */
export function hashOf(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0;
}

/**
 * A hash table with open addressing, whose words lie in a row: hash, how many units, these, how many numbers, these.
 * @param most words that it holds
 */
export function createKnownWords(most: number): KnownWords {
  // At most half full.
  const bits = 32 - Math.clz32(2 * most - 1);
  const mask = 2 ** bits - 1;
  const shift = 32 - bits;
  /** Where the word of a slot begins; 0: it is free. */
  const slots = new Int32Array(2 ** bits);
  let pool = new Uint32Array(8 * most);
  let used = 1;
  let count = 0;

  const slotOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> shift;

  return {
    get count() {
      return count;
    },
    find(units, begin, end, hash) {
      const length = end - begin;
      for (let slot = slotOf(hash); ; slot = (slot + 1) & mask) {
        const word = slots[slot]!;
        if (word === 0) return -1;
        if (pool[word] !== hash >>> 0 || pool[word + 1] !== length) continue;
        let i = 0;
        while (i < length && pool[word + 2 + i] === units[begin + i]) i++;
        if (i === length) return word + 2 + length;
      }
    },
    add(units, begin, end, hash, numbers) {
      const length = end - begin;
      const word = used;
      used += 3 + length + numbers.length;
      if (used > pool.length) {
        const more = new Uint32Array(2 * used);
        more.set(pool);
        pool = more;
      }
      pool[word] = hash;
      pool[word + 1] = length;
      pool.set(units.subarray(begin, end), word + 2);
      pool[word + 2 + length] = numbers.length;
      pool.set(numbers, word + 3 + length);
      let slot = slotOf(hash);
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = word;
      count++;
      return word + 2 + length;
    },
    pool: () => pool,
  };
}
