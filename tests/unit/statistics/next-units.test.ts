import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitDawidSkene } from '../../../src/statistics/consensus/dawid-skene.js';
import { kCenter } from '../../../src/statistics/next-units/k-center.js';
import { judgeOverlap } from '../../../src/statistics/next-units/overlap.js';
import { closeness, gapVariance, predictedGap, voteEntropy } from '../../../src/statistics/next-units/scores.js';
import { tableOf } from './answers-of.js';

describe('overlap', () => {
  const even = [0.5, 0.5];
  const vote = (label: number, accuracy: number) => ({ label, accuracy });

  it('has probabilities by hand: two people of 0.8 who agree are right 16 of 17 times', () => {
    const one = judgeOverlap([vote(0, 0.8)], even);
    expect(one).toMatchObject({ label: 0, isSure: false, asksAgain: true });
    const two = judgeOverlap([vote(0, 0.8), vote(0, 0.8)], even);
    expect(two.probabilities[0]).toBeCloseTo(16 / 17, 12);
    expect(two).toMatchObject({ isSure: true, asksAgain: false });
    const split = judgeOverlap([vote(0, 0.8), vote(1, 0.8)], even);
    expect(split.probabilities[0]).toBeCloseTo(0.5, 12);
    expect(split.asksAgain).toBe(true);
  });

  it('asks no more after three answers, and at least as many as are wanted', () => {
    const votes = [vote(0, 0.6), vote(1, 0.6), vote(0, 0.6)];
    expect(judgeOverlap(votes, even)).toMatchObject({ isSure: false, asksAgain: false });
    expect(judgeOverlap(votes, even, { most: 4 }).asksAgain).toBe(true);
    expect(judgeOverlap([vote(0, 0.99)], even).asksAgain).toBe(false);
    expect(judgeOverlap([vote(0, 0.99)], even, { least: 2 }).asksAgain).toBe(true);
    expect(judgeOverlap([], [0.95, 0.05])).toMatchObject({ isSure: true, asksAgain: true });
  });

  it('is what the one-coin model says with its own accuracies', () => {
    const rows = Array.from({ length: 40 }, (_, u) => ['x', u % 3 === 0 ? 'y' : 'x', u % 5 === 0 ? 'y' : 'z']);
    const table = tableOf(rows, ['x', 'y', 'z']);
    const fitted = fitDawidSkene(table, { model: 'ONE_COIN' });
    for (const [u, posterior] of fitted.posteriors.entries()) {
      const votes = rows[u]!.map((label, a) => ({
        label: table.labels.indexOf(label),
        accuracy: fitted.annotators[a]!.accuracy,
      }));
      for (const [k, p] of judgeOverlap(votes, fitted.priors).probabilities.entries())
        expect(p).toBeCloseTo(posterior[k]!, 9);
    }
  });

  it('gives probabilities whatever the votes', () => {
    const votes = fc.array(fc.record({ label: fc.nat(2), accuracy: fc.double({ min: 0, max: 1, noNaN: true }) }));
    fc.assert(
      fc.property(votes, (given) => {
        const { probabilities } = judgeOverlap(given, [0.2, 0.5, 0.3]);
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('refuses what is out of range', () => {
    expect(() => judgeOverlap([vote(2, 0.8)], even)).toThrow('votes[0].label: 2');
    expect(() => judgeOverlap([vote(0, 1.2)], even)).toThrow('votes[0].accuracy: 1.2');
    expect(() => judgeOverlap([], [1])).toThrow('fewer than two labels');
    expect(() => judgeOverlap([], even, { least: 4, most: 3 })).toThrow('most: 3');
  });
});

describe('scores', () => {
  it('are as by hand', () => {
    expect([closeness(0.5), closeness(0), closeness(0.75)]).toEqual([1, 0, 0.5]);
    expect(gapVariance([1, 3])).toBe(1);
    expect(gapVariance([2, 2, 2])).toBe(0);
    expect(voteEntropy([2, 2])).toBeCloseTo(Math.log(2), 12);
    expect([voteEntropy([5, 0]), voteEntropy([0, 0])]).toEqual([0, 0]);
    expect(predictedGap(-1, 2)).toBe(3);
  });

  it('refuse what is none', () => {
    expect(() => closeness(Number.NaN)).toThrow('probability: NaN');
    expect(() => gapVariance([1])).toThrow('1 models');
    expect(() => voteEntropy([-1])).toThrow('counts[0]: -1');
  });
});

describe('k-center', () => {
  it('takes the unit nearest to the mean, then always the farthest', () => {
    const rows = new Float32Array([0, 1, 2, 10, 11]);
    expect(kCenter(rows, 1, 3)).toEqual([2, 4, 0]);
    expect(kCenter(rows, 1, 2, [0])).toEqual([4, 2]);
    expect(kCenter(rows, 1, 9, [0, 1])).toHaveLength(3);
    expect(kCenter(new Float32Array(), 4, 3)).toEqual([]);
  });

  it('reaches all units within twice the least distance that is possible', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
      minLength: 3,
      maxLength: 9,
    });
    fc.assert(
      fc.property(points, (given) => {
        const radius = (centers: readonly number[]) =>
          Math.max(
            ...given.map(([x, y]) => Math.min(...centers.map((c) => Math.hypot(x - given[c]![0], y - given[c]![1])))),
          );
        const triples = given.flatMap((_, a) => given.flatMap((__, b) => given.map((___, c) => [a, b, c])));
        const least = Math.min(...triples.map(radius));
        const found = kCenter(new Float64Array(given.flat()), 2, 3);
        expect(new Set(found).size).toBe(3);
        expect(radius(found)).toBeLessThanOrEqual(2 * least + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses rows that are not whole, and places of no unit', () => {
    expect(() => kCenter(new Float32Array(5), 2, 1)).toThrow('5 numbers are no rows of 2');
    expect(() => kCenter(new Float32Array(4), 2, 1, [2])).toThrow('chosen[0]: 2');
  });
});
