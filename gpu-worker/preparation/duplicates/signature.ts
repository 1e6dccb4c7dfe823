import { readFileSync } from 'node:fs';
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

/**
 * Gives for a text's shingles the least value of each permutation over them, as unsigned integers; 2³² − 1 where there
 * are no shingles. What it returns holds until the next call.
 */
export type Sign = (shingles: Shingles) => Uint32Array;

/** The exports of engine/kernels/min-hash.ts. */
interface MinHashExports {
  sign(hashes: number, count: number, factors: number, terms: number, minimums: number, permutations: number): void;
}

const bytesPerPage = 65536;
/** So many permutations are computed at once. */
const together = 16;
/** So many hashes are in the kernel's memory at once. */
const mostHashes = 8192;

let compiled: WebAssembly.Module | undefined;

/** Signs with SIMD: of a text of 50 words it takes a third of the time that plain JavaScript does. */
export function createSigner({ factors, terms }: Permutations): Sign {
  const count = factors.length;
  const padded = Math.ceil(count / together) * together;
  const words = mostHashes + 3 * padded;
  const pages = Math.ceil((words * 4) / bytesPerPage);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../engine/kernels/min-hash.wasm', import.meta.url)));
  const kernel = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as MinHashExports;
  const hashes = new Int32Array(memory.buffer, 0, mostHashes);
  const places = [0, 1, 2].map((i) => (mostHashes + i * padded) * 4) as [number, number, number];
  const [factorsAt, termsAt, minimumsAt] = places;
  new Int32Array(memory.buffer, factorsAt, count).set(factors);
  new Int32Array(memory.buffer, termsAt, count).set(terms);
  const minimums = new Uint32Array(memory.buffer, minimumsAt, count);
  return (shingles) => {
    minimums.fill(0xffff_ffff);
    for (let begin = 0; begin < shingles.count; begin += mostHashes) {
      const end = Math.min(shingles.count, begin + mostHashes);
      for (let i = begin; i < end; i++) hashes[i - begin] = shingles.first[i]!;
      kernel.sign(0, end - begin, factorsAt, termsAt, minimumsAt, padded);
    }
    return minimums;
  };
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
