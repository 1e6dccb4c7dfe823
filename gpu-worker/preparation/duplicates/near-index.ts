import { type Banding, chooseBanding } from './banding.js';
import { createShingleSets, type ShingleSets } from './shingle-sets.js';
import { createShingleReader, finalize, type ShingleForm } from './shingles.js';
import { createPermutations, createSigner, hashBands } from './signature.js';

/** What decides which texts are near copies of one another. */
export interface NearParameters {
  readonly shingles: ShingleForm;
  /** The least Jaccard similarity of the shingle sets of near copies, in (0, 1]. */
  readonly threshold: number;
  /** How many hash functions there are for signatures; the banding uses as many of them as its bands hold. */
  readonly permutations: number;
  readonly seed: number;
  /** Whether the similarity of candidates is computed. If not, texts are near copies that are equal in one band. */
  readonly verify: boolean;
}

/** Keys of 64 bits, in two halves, of all texts. */
interface Keys {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/**
 * Texts in the form in which near copies are found among them: MinHash signatures (Broder 1997), cut into bands of
 * which only the keys stay (Leskovec, Rajaraman and Ullman, “Mining of Massive Datasets”, chapter 3).
 *
 * It takes 8 bytes a text and band, and four a shingle if candidates are verified: for a million texts of 50 words at
 * threshold 0.7, 112 MB and 200 MB.
 */
export interface NearIndex {
  /** How many texts were added. Texts are numbered from 0 in their order. */
  readonly count: number;
  readonly banding: Banding;
  readonly parameters: NearParameters;
  add(text: string): void;
  /** Of each band the keys of all texts. */
  readonly bands: readonly Keys[];
  /** Keys that are equal for equal shingle sets. */
  readonly whole: Keys;
  /** Null: candidates are not verified. */
  readonly sets: ShingleSets | null;
  /** Whether a text has shingles; without any, it is a near copy of no other. */
  hasShingles(text: number): boolean;
}

/** @param capacity the most texts that are added */
export function createNearIndex(capacity: number, parameters: NearParameters): NearIndex {
  const banding = chooseBanding(parameters.threshold, parameters.permutations);
  // The banding leaves some permutations over.
  const sign = createSigner(createPermutations(parameters.seed, banding.bands * banding.rows));
  const read = createShingleReader(parameters.shingles);
  const bandHigh = new Uint32Array(banding.bands);
  const bandLow = new Uint32Array(banding.bands);
  const keys = (): Keys => ({ high: new Uint32Array(capacity), low: new Uint32Array(capacity) });
  const bands = Array.from({ length: banding.bands }, keys);
  const whole = keys();
  const sets = parameters.verify ? createShingleSets(capacity) : null;
  const withShingles = new Uint8Array(capacity);
  let count = 0;

  return {
    get count() {
      return count;
    },
    banding,
    parameters,
    bands,
    whole,
    sets,
    hasShingles: (text) => withShingles[text] === 1,
    add(text) {
      if (count === capacity) throw new RangeError(`The index has room for ${capacity} texts.`);
      const shingles = read(text);
      hashBands(sign(shingles), banding, bandHigh, bandLow);
      let all = 0;
      for (let band = 0; band < banding.bands; band++) {
        const { high, low } = bands[band]!;
        high[count] = bandHigh[band]!;
        low[count] = bandLow[band]!;
        all = finalize(all ^ bandHigh[band]!) ^ bandLow[band]!;
      }
      whole.high[count] = all;
      whole.low[count] = sets === null ? 0 : sets.add(shingles);
      withShingles[count] = shingles.count > 0 ? 1 : 0;
      count++;
    },
  };
}
