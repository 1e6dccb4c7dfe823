import { createRandom } from '../../data/random.js';
import type { Banding } from './banding.js';
import { finalize, type Shingles } from './shingles.js';

/** The hash functions of a signature: number i takes a shingle's hash h to (factors[i] · h + terms[i]) mod 2³². */
export interface Permutations {
  readonly factors: Int32Array;
  readonly terms: Int32Array;
}

/**
 * Permutations of the 32-bit integers: their factors are odd, so none maps two hashes to one. Shingles are hashed
 * before, so that linear permutations order them as chance does (Broder et al. 2000, “Min-wise independent
 * permutations”, on linear ones). The first of them do not depend on how many there are.
 */
export function createPermutations(seed: number, count: number): Permutations {
  const random = createRandom(seed, 0x4d696e48);
  const factors = new Int32Array(count);
  const terms = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    factors[i] = random() | 1;
    terms[i] = random() | 0;
  }
  return { factors, terms };
}

/** Writes the least value of each permutation over the shingles, as unsigned integers, into `signature`. */
export function sign({ count, first }: Shingles, { factors, terms }: Permutations, signature: Uint32Array): void {
  for (let i = 0; i < signature.length; i++) {
    const factor = factors[i]!;
    // With its highest bit turned, a word's order as a signed integer is that as an unsigned one.
    const term = terms[i]! ^ 0x8000_0000;
    let least = 0x7fff_ffff;
    for (let shingle = 0; shingle < count; shingle++) {
      const value = (Math.imul(factor, first[shingle]!) + term) | 0;
      if (value < least) least = value;
    }
    signature[i] = least ^ 0x8000_0000;
  }
}

/**
 * Writes each band's key of 64 bits: its high half into `high` and its low half into `low`. Equal bands have equal
 * keys; two different bands have the same key with a chance of 2⁻⁶⁴.
 */
export function hashBands(signature: Uint32Array, { bands, rows }: Banding, high: Uint32Array, low: Uint32Array): void {
  for (let band = 0; band < bands; band++) {
    let one = band;
    let other = ~band;
    for (let row = band * rows; row < (band + 1) * rows; row++) {
      const word = signature[row]!;
      one = finalize(one ^ word) + 0x9e3779b9;
      other = Math.imul(other ^ finalize(word ^ 0x85157af5), 0x2c1b3c6d);
      other ^= other >>> 15;
    }
    high[band] = one;
    low[band] = finalize(other);
  }
}
