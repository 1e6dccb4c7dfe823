import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, shuffle, uniform } from '../../../../gpu-worker/data/random.js';
import { clusterNearCopies } from '../../../../gpu-worker/preparation/duplicates/near-clusters.js';
import type { NearParameters } from '../../../../gpu-worker/preparation/duplicates/near-index.js';
import { matchNearCopies } from '../../../../gpu-worker/preparation/duplicates/near-matches.js';
import { indexOf, pairsOf } from '../../../support/near-pairs.js';

const parameters: NearParameters = {
  shingles: { unit: 'words', size: 1 },
  threshold: 0.7,
  permutations: 128,
  seed: 7,
  verify: true,
};
/** Fewer permutations are chosen and computed faster. */
const quick: NearParameters = { ...parameters, permutations: 32 };
const quiet = (): void => {};

/** The texts of each set, sorted; sets of one text are left out. */
function clustersOf(texts: readonly string[], given = quick): readonly string[][] {
  const clusters = clusterNearCopies(indexOf(texts, given), quiet);
  const byRoot = new Map<number, string[]>();
  for (const [i, text] of texts.entries()) {
    const root = clusters.find(i);
    byRoot.set(root, [...(byRoot.get(root) ?? []), text]);
  }
  return [...byRoot.values()]
    .filter((cluster) => cluster.length > 1)
    .map((cluster) => cluster.toSorted())
    .toSorted((a, b) => (a.join('|') < b.join('|') ? -1 : 1));
}

/** Few words and short texts, so that many texts are similar. */
const manyTexts = fc.array(
  fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 8 }).map((words) => words.join(' ')),
  { maxLength: 60 },
);

const setOf = (text: string): Set<string> => new Set(text.split(' '));
function jaccard(one: string, other: string): number {
  const [a, b] = [setOf(one), setOf(other)];
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / (a.size + b.size - shared);
}

describe('clusterNearCopies', () => {
  it('unites what hangs together by similar pairs', () => {
    // Jaccard: first and second 4/5, second and third 4/6 with threshold 0.6; first and third 3/6, and yet together.
    const texts = ['a b c d e', 'a b c d', 'x y z', 'b c d e f', 'Z, y; X!'];
    const given = { ...parameters, threshold: 0.6, permutations: 256 };
    expect(clustersOf(texts, given)).toEqual([
      ['Z, y; X!', 'x y z'],
      ['a b c d', 'a b c d e', 'b c d e f'],
    ]);
  });

  it('leaves texts without words alone', () => {
    expect(clustersOf(['', ' ', '\n', '', '!!!', '???', '!!!'])).toEqual([['!!!', '!!!']]);
  });

  it('finds the same sets in any order of the texts', () => {
    fc.assert(
      fc.property(manyTexts, fc.integer(), (texts, seed) => {
        const order = shuffle(Int32Array.from(texts.keys()), createRandom(seed));
        expect(clustersOf(Array.from(order, (i) => texts[i]!))).toEqual(clustersOf(texts));
      }),
    );
  });

  it('gives the connected sets of the pairs that are candidates and similar', () => {
    fc.assert(
      fc.property(manyTexts, (texts) => {
        const index = indexOf(texts, quick);
        const roots = Array.from(texts.keys());
        const rootOf = (i: number): number => (roots[i] === i ? i : rootOf(roots[i]!));
        for (const [one, other] of pairsOf(index)) {
          const [a, b] = [rootOf(one), rootOf(other)];
          roots[Math.max(a, b)] = Math.min(a, b);
        }
        const clusters = clusterNearCopies(index, quiet);
        expect(texts.map((_, i) => clusters.find(i))).toEqual(texts.map((_, i) => rootOf(i)));
      }),
    );
  });

  it('at threshold 1 unites exactly the texts with equal sets', () => {
    fc.assert(
      fc.property(manyTexts, (texts) => {
        const bySet = new Map<string, number>();
        const clusters = clusterNearCopies(indexOf(texts, { ...quick, threshold: 1 }), quiet);
        for (const [i, text] of texts.entries()) {
          const key = text === '' ? `empty ${i}` : [...setOf(text)].toSorted().join(' ');
          if (!bySet.has(key)) bySet.set(key, i);
          expect(clusters.find(i)).toBe(bySet.get(key));
        }
      }),
    );
  });

  it('takes time that grows with the number of copies, and not with its square', () => {
    // 6,000 variants of one text have 18 million pairs: compared all, they would be 4,400 signs of life.
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
    const texts = Array.from({ length: 6_000 }, (_, i) => words.with(i % 60, `other${i}`).join(' '));
    let beats = 0;
    const clusters = clusterNearCopies(indexOf(texts, parameters), () => beats++);
    expect(texts.every((_, i) => clusters.find(i) === 0)).toBe(true);
    expect(beats).toBeLessThan(100);
  });
});

describe('matchNearCopies', () => {
  it('matches exactly the first texts that are near copies of a later one', () => {
    fc.assert(
      fc.property(manyTexts, manyTexts, (own, others) => {
        const index = indexOf([...own, ...others], quick);
        const matches = matchNearCopies(index, own.length, quiet);
        const matched = new Set(
          pairsOf(index)
            .filter(([one, other]) => one < own.length && other >= own.length)
            .map(([one]) => one),
        );
        for (const [i, text] of own.entries()) {
          expect(matches[i] !== -1).toBe(matched.has(i));
          if (matches[i] !== -1) expect(jaccard(text, others[matches[i]! - own.length]!)).toBeGreaterThanOrEqual(0.7);
        }
      }),
    );
  });
});

describe('planted near copies', () => {
  const random = createRandom(11);
  const word = (): string => `w${Math.floor(uniform(random) * 5000)}`;
  const originals = Array.from({ length: 1500 }, () => Array.from({ length: 50 }, word));

  /** Copies with k of 50 words replaced; with the share of them that became candidates. */
  function plant(k: number) {
    const copies = originals.map((words, number) => {
      const copy = [...words];
      const places = shuffle(Int32Array.from(copy.keys()), random).subarray(0, k);
      for (const [i, place] of places.entries()) copy[place] = `n${k}x${i}x${number}`;
      return copy.join(' ');
    });
    return [...originals.map((words) => words.join(' ')), ...copies];
  }

  it.each([2, 5, 8, 10, 13])('become candidates as often as 1 − (1 − sʳ)ᵇ says: %i of 50 words', (k) => {
    const texts = plant(k);
    const index = indexOf(texts, parameters);
    let expected = 0;
    let found = 0;
    const isCandidate = (one: number, other: number): boolean =>
      index.bands.some(({ high, low }) => high[one] === high[other] && low[one] === low[other]);
    for (const i of originals.keys()) {
      expected += 1 - (1 - jaccard(texts[i]!, texts[i + 1500]!) ** index.banding.rows) ** index.banding.bands;
      if (isCandidate(i, i + 1500)) found++;
    }
    // The standard deviation of a share of 1,500 is at most 0.013: this is four of them.
    expect(Math.abs(found - expected) / 1500).toBeLessThan(0.05);
  });

  it('are found, and nothing else is', () => {
    // 3 of 50 words replaced: Jaccard about 47 / 53 = 0.89, and candidates with a chance over 0.999.
    const found = pairsOf(indexOf(plant(3), parameters));
    const planted = found.filter(([one, other]) => other === one + 1500);
    expect(planted.length).toBeGreaterThan(1490);
    expect(found.length).toBe(planted.length);
  });
});
