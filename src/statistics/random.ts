/** Gives the next of a sequence of uniform 32-bit integers. */
export type Random = () => number;

/**
 * A generator that depends on its words alone: (seed, epoch) gives the same order on every machine and in every
 * attempt. sfc32, Chris Doty-Humphrey's Small Fast Counter (PractRand), seeded from the words through MurmurHash3's
 * finalizer.
 */
export function createRandom(...words: readonly number[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  for (const word of words) {
    a ^= finalize(word);
    // PractRand's warm-up: after 12 rounds each bit of the seed has reached each bit of the state.
    for (let round = 0; round < 12; round++) next();
  }
  return next;
}

/** The next real number in [0, 1). */
export function uniform(random: Random): number {
  return random() / 0x1_0000_0000;
}

/** Shuffles in place, by Fisher and Yates's method. */
export function shuffle(values: Int32Array, random: Random): Int32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const chosen = Math.floor(uniform(random) * (last + 1));
    const value = values[last] ?? 0;
    values[last] = values[chosen] ?? 0;
    values[chosen] = value;
  }
  return values;
}

function finalize(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
