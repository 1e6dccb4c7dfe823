import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseBanding } from '../../../gpu-worker/preparation/duplicates/banding.js';
import { foldText } from '../../../gpu-worker/preparation/duplicates/fold-text.js';
import { createShingleReader } from '../../../gpu-worker/preparation/duplicates/shingles.js';
import { createPermutations } from '../../../gpu-worker/preparation/duplicates/signature.js';
import { indexOf, pairsOf } from '../../support/near-pairs.js';

type Pairs = readonly (readonly [number, number])[];

interface Reference {
  readonly texts: readonly string[];
  readonly bandings: readonly { threshold: number; permutations: number; bands: number; rows: number }[];
  readonly permutations: { readonly seed: number; readonly factors: number[]; readonly terms: number[] };
  readonly hashes: readonly { readonly shingle: string; readonly hash: number }[];
  readonly candidates: readonly { size: number; threshold: number; seed: number; pairs: Pairs }[];
  readonly similar: readonly { unit: 'words' | 'characters'; size: number; threshold: number; pairs: Pairs }[];
  readonly folded: readonly { readonly text: string; readonly folded: string }[];
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../reference/near-duplicates.reference.json', import.meta.url), 'utf8'),
);
const { texts } = reference;

describe('near duplicates beside Python', () => {
  it.each(reference.bandings)('cuts $permutations values at $threshold as datasketch does', (each) => {
    expect(chooseBanding(each.threshold, each.permutations)).toEqual({ bands: each.bands, rows: each.rows });
  });

  it.each(reference.hashes)('hashes “$shingle” as mmh3 does', ({ shingle, hash }) => {
    const { count, first } = createShingleReader({ unit: 'words', size: 9 })(shingle);
    expect(count).toBe(1);
    expect(first[0]! >>> 0).toBe(hash);
  });

  it('draws the permutations that the script draws', () => {
    const { seed, factors, terms } = reference.permutations;
    const drawn = createPermutations(seed, factors.length);
    expect(Array.from(drawn.factors, (word) => word >>> 0)).toEqual(factors);
    expect(Array.from(drawn.terms, (word) => word >>> 0)).toEqual(terms);
  });

  it.each(reference.candidates)('has the candidates of text-dedup: $size words, $threshold', (each) => {
    const { size, threshold, seed, pairs } = each;
    const shingles = { unit: 'words', size } as const;
    const index = indexOf(texts, { shingles, threshold, permutations: 128, seed, verify: false });
    expect(pairs.length).toBeGreaterThan(20);
    expect(pairsOf(index)).toEqual(pairs);
  });

  it.each(reference.similar)('computes the similarity of sets: $size $unit, $threshold', (each) => {
    const { unit, size, threshold, pairs } = each;
    // Whatever the banding, the sets are compared with all others here.
    const { sets } = indexOf(texts, { shingles: { unit, size }, threshold, permutations: 4, seed: 1, verify: true });
    const all = texts.flatMap((_, i) => texts.slice(i + 1).map((_, j) => [i, i + 1 + j] as const));
    expect(all.filter(([i, j]) => sets!.areSimilar(i, j, threshold))).toEqual(pairs);
    expect(all.filter(([i, j]) => sets!.jaccard(i, j) >= threshold)).toEqual(pairs);
  });

  it.each(reference.similar)('finds near copies, and no others: $size $unit, $threshold', (each) => {
    const { unit, size, threshold, pairs } = each;
    const index = indexOf(texts, { shingles: { unit, size }, threshold, permutations: 128, seed: 1, verify: true });
    const found = pairsOf(index);
    expect(pairs).toEqual(expect.arrayContaining([...found]));
    // datasketch's banding weighs false candidates, so it misses some pairs near the threshold.
    expect(found.length / pairs.length).toBeGreaterThan(0.8);
  });

  it.each(reference.folded)('folds $text', ({ text, folded }) => expect(foldText(text)).toBe(folded));
});
