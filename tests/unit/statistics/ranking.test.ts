import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../src/statistics/random.js';
import type { Comparison, Outcome } from '../../../src/statistics/ranking/comparisons.js';
import { stronglyConnected } from '../../../src/statistics/ranking/components.js';
import { rankByCrowd } from '../../../src/statistics/ranking/crowd-bt.js';
import { rankModels } from '../../../src/statistics/ranking/rank-models.js';
import { controlStyle, type StyledComparison } from '../../../src/statistics/ranking/style-control.js';
import { winRate } from '../../../src/statistics/ranking/win-rate.js';

const options = { seed: 2, rounds: 100 };

/** Comparisons of a and b with these outcomes, each of a prompt of its own. */
function games(a: string, b: string, outcomes: string): Comparison[] {
  const named: Record<string, Outcome> = { a: 'A', b: 'B', t: 'TIE' };
  return [...outcomes].map((letter, i) => ({ a, b, outcome: named[letter]!, prompt: `${a} ${b} ${i}` }));
}

const swapped: Record<Outcome, Outcome> = { A: 'B', B: 'A', TIE: 'TIE' };
const comparisons = fc.array(
  fc.record({
    pair: fc.constantFrom(['x', 'y'], ['y', 'z'], ['z', 'w'], ['x', 'w']),
    outcome: fc.constantFrom<Outcome>('A', 'B', 'TIE'),
    prompt: fc.constantFrom(...Array.from({ length: 15 }, (_, p) => `p${p}`)),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('ratings', () => {
  it('of two models are 400 points for each ten to one: 10 wins, 1 loss', () => {
    const { models } = rankModels(games('good', 'poor', 'aaaaaaaaaab'), { ...options, baseline: 'poor' });
    expect(models[0]).toMatchObject({ model: 'good', wins: 10, losses: 1, ties: 0 });
    expect(models[0]!.rating).toBeCloseTo(1400, 6);
    expect(models[1]).toMatchObject({ model: 'poor', rating: 1000 });
  });

  it('count a tie as half a win: 2 wins and 2 ties are 3 of 4', () => {
    const { models } = rankModels(games('x', 'y', 'aatt'), { ...options, baseline: 'y' });
    expect(models[0]!.rating).toBeCloseTo(1000 + 400 * Math.log10(3), 6);
  });

  it('have Davidson’s ν by hand: of two equal models with half of ties it is 2', () => {
    const { models, tieParameter } = rankModels(games('x', 'y', 'aabbtttt'), { ...options, ties: 'DAVIDSON' });
    // P(tie) = ν/(2 + ν) = 1/2.
    expect(tieParameter).toBeCloseTo(2, 6);
    expect(models.map(({ rating }) => rating)).toEqual([expect.closeTo(1000, 6), expect.closeTo(1000, 6)]);
    expect(rankModels(games('x', 'y', 'ttt'), { ...options, ties: 'DAVIDSON' }).tieParameter).toBeNull();
  });

  it('of models that never lost stay finite, and the ranking says so', () => {
    const found = rankModels(games('x', 'y', 'aaaaaaaaaaaa'), options);
    expect(found).toMatchObject({ hasPrior: true, components: [['x'], ['y']], priorRounds: 100 });
    // 12.5 of 13 wins cannot be had by both: strengths s and −s with 12·σ(−2s) = σ(s) − 1/2.
    const s = ((found.models[0]!.rating - 1000) * Math.LN10) / 400;
    expect(12 / (1 + Math.exp(2 * s))).toBeCloseTo(1 / (1 + Math.exp(-s)) - 0.5, 6);
  });

  it('have no finite Davidson’s model where a model ties but never loses, and the ranking says so', () => {
    const given = [...games('y', 'z', 'aatt'), ...games('x', 'y', 'ttbtb'), ...games('x', 'z', 'ab')];
    expect(rankModels(given, options).hasPrior).toBe(false);
    const found = rankModels(given, { ...options, ties: 'DAVIDSON' });
    expect(found).toMatchObject({ hasPrior: true, converged: true });
    expect(found.components.map((names) => [...names].sort())).toEqual([['y'], ['x', 'z']]);
  });

  it('have no interval for a model of one prompt, which many samples lack', () => {
    const given = [...games('x', 'y', 'aabb'.repeat(10)), ...games('y', 'z', 'a')];
    const { models } = rankModels(given, { ...options, rounds: 400, baseline: 'x' });
    const { interval } = models.find(({ model }) => model === 'z')!;
    expect(interval.missing).toBe('MANY_UNDEFINED_SAMPLES');
    // One of 41 prompts is in none of 41 draws with probability 0.363.
    expect(interval.undefinedRounds / 400).toBeCloseTo(0.363, 1);
    expect(models.find(({ model }) => model === 'y')!.interval.undefinedRounds).toBe(0);
  });

  it('of nothing are none', () => {
    expect(rankModels([], options)).toMatchObject({ models: [], components: [], hasPrior: false, promptCount: 0 });
  });

  it('do not depend on which answer is called a, nor on the order', () => {
    fc.assert(
      fc.property(comparisons, fc.constantFrom('HALF' as const, 'DAVIDSON' as const), (given, ties) => {
        const one = given.map(({ pair, outcome, prompt }) => ({ a: pair[0]!, b: pair[1]!, outcome, prompt }));
        const two = one
          .map(({ a, b, outcome, prompt }) => ({ a: b, b: a, outcome: swapped[outcome], prompt }))
          .reverse();
        const ratings = (each: readonly Comparison[]) => {
          const found = rankModels(each, { ...options, ties, baseline: given[0]!.pair[0]! });
          expect(found.converged).toBe(true);
          return new Map(found.models.map(({ model, rating }) => [model, rating]));
        };
        const [first, second] = [ratings(one), ratings(two)];
        for (const [model, rating] of first) expect(second.get(model)).toBeCloseTo(rating, 2);
      }),
      { numRuns: 60 },
    );
  });

  it('have intervals that hold the true difference in about 95 of 100 cases, judgements of a prompt being alike', () => {
    let holding = 0;
    const cases = 100;
    for (let seed = 0; seed < cases; seed++) {
      const random = createRandom(seed, 77);
      const given: Comparison[] = [];
      for (let p = 0; p < 60; p++) {
        // Five judgements that always agree: one prompt, one outcome.
        const outcome = uniform(random) < 0.7 ? 'A' : 'B';
        for (let i = 0; i < 5; i++) given.push({ a: 'x', b: 'y', outcome, prompt: `p${p}` });
      }
      const { models } = rankModels(given, { seed, rounds: 200, baseline: 'y' });
      const { interval } = models.find(({ model }) => model === 'x')!;
      const truth = 1000 + 400 * Math.log10(0.7 / 0.3);
      if (interval.low! <= truth && truth <= interval.high!) holding++;
    }
    expect(holding / cases).toBeGreaterThan(0.88);
    expect(holding / cases).toBeLessThanOrEqual(1);
  });

  it('rank a model behind those whose whole interval is above its own', () => {
    const outcomes = 'aaab'.repeat(20);
    const { models } = rankModels([...games('x', 'y', outcomes), ...games('y', 'z', outcomes)], options);
    expect(models.map(({ model, rank }) => [model, rank])).toEqual([
      ['x', 1],
      ['y', 2],
      ['z', 3],
    ]);
  });

  it('draw annotators instead of prompts, and refuse judgements without one', () => {
    const given = games('x', 'y', 'aaabbaabbaaabbb').map((each, i) => ({ ...each, annotator: `a${i % 3}` }));
    const { models } = rankModels(given, { ...options, resampled: 'ANNOTATORS' });
    expect(models[0]!.interval.missing).toBe('FEW_UNITS');
    expect(() => rankModels(games('x', 'y', 'ab'), { ...options, resampled: 'ANNOTATORS' })).toThrow(
      'comparisons[0].annotator',
    );
  });

  it('refuse a model against itself, unknown baselines and weights below 0', () => {
    expect(() => rankModels(games('x', 'x', 'a'), options)).toThrow('comparisons[0].b: “x” is compared with itself');
    expect(() => rankModels(games('x', 'y', 'a'), { ...options, baseline: 'q' })).toThrow('baseline: “q”');
    const weighted = [{ ...games('x', 'y', 'a')[0]!, weight: -1 }];
    expect(() => rankModels(weighted, options)).toThrow('comparisons[0].weight: -1');
  });
});

describe('components', () => {
  it('are circles of wins', () => {
    const edges = [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 3],
      [4, 3],
    ] as const;
    expect(stronglyConnected(6, edges)).toEqual([[0, 1, 2], [3], [4], [5]]);
  });

  it('are those that reach each other, by Warshall', () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 25 }), (edges) => {
        const reaches = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (__, j) => i === j));
        for (const [winner, loser] of edges) reaches[winner]![loser] = true;
        for (let k = 0; k < 8; k++)
          for (let i = 0; i < 8; i++) for (let j = 0; j < 8; j++) reaches[i]![j] ||= reaches[i]![k]! && reaches[k]![j]!;
        const groups = new Set(
          reaches.map((row, i) => row.flatMap((there, j) => (there && reaches[j]![i] ? [j] : [])).join()),
        );
        expect(stronglyConnected(8, edges).map((group) => group.join())).toEqual([...groups]);
      }),
    );
  });

  it('of a chain of 100,000 models do not overflow the stack', () => {
    const edges = Array.from({ length: 99_999 }, (_, i) => [i, i + 1] as const);
    expect(stronglyConnected(100_000, edges)).toHaveLength(100_000);
  });
});

describe('win rates', () => {
  it('count prompts, not judgements', () => {
    const given: Comparison[] = [
      ...games('x', 'y', 'aat'),
      // Three judgements of one prompt, two of which are for y, written the other way round.
      ...(['A', 'A', 'B'] as const).map((outcome) => ({ a: 'y', b: 'x', outcome, prompt: 'p' })),
      ...games('x', 'z', 'bbbb'),
    ];
    const found = winRate(given, 'x', 'y');
    expect(found).toMatchObject({ wins: 2, losses: 1, ties: 1, promptCount: 4, judgementCount: 6 });
    expect(found.rate).toBeCloseTo((1 + 1 + 0.5 + 1 / 3) / 4, 12);
    // Of three prompts, two to one or less even: certain.
    expect(found.p).toBe(1);
  });

  it('have p-values of the sign test by hand: 2 · 0.5⁸ of eight wins', () => {
    expect(winRate(games('x', 'y', 'aaaaaaaatt'), 'x', 'y').p).toBeCloseTo(2 / 256, 12);
    expect(winRate([], 'x', 'y')).toMatchObject({ rate: null, interval: null, p: null, promptCount: 0 });
  });
});

describe('Crowd-BT', () => {
  const judged = fc.array(
    fc.record({
      pair: fc.constantFrom(['x', 'y'], ['y', 'z'], ['x', 'z']),
      outcome: fc.constantFrom<Outcome>('A', 'B', 'TIE'),
      annotator: fc.constantFrom('ann', 'ben', 'cem'),
    }),
    { maxLength: 30 },
  );

  it('has an objective that never falls', () => {
    fc.assert(
      fc.property(judged, (given) => {
        const found = rankByCrowd(
          given.map(({ pair, outcome, annotator }, i) => ({
            a: pair[0]!,
            b: pair[1]!,
            outcome,
            annotator,
            prompt: `p${i}`,
          })),
        );
        for (const [index, objective] of found.objectives.entries()) {
          expect(objective).toBeGreaterThanOrEqual((found.objectives[index - 1] ?? objective) - 1e-9);
        }
        for (const { reliability } of found.annotators) expect(reliability).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses judgements without an annotator', () => {
    expect(() => rankByCrowd(games('x', 'y', 'ab'))).toThrow('comparisons[0].annotator');
  });
});

describe('style control', () => {
  /** Two models equal but for the length of their answers, which is what people judge by. */
  function longerWins(seed: number): StyledComparison[] {
    const random = createRandom(seed);
    return Array.from({ length: 800 }, (_, i) => {
      const [tokensA, tokensB] = [100 + Math.floor(uniform(random) * 300), 50 + Math.floor(uniform(random) * 200)];
      const logit = 3 * ((tokensA - tokensB) / (tokensA + tokensB + 1));
      const outcome = uniform(random) < 1 / (1 + Math.exp(-logit)) ? 'A' : 'B';
      return { a: 'long', b: 'short', outcome, prompt: `p${i}`, styleA: [tokensA, 3], styleB: [tokensB, 3] };
    });
  }

  it('takes the advantage of longer answers from a model', () => {
    const given = longerWins(3);
    const plain = rankModels(given, { ...options, baseline: 'short' }).models.find(({ model }) => model === 'long')!;
    expect(plain.interval.low).toBeGreaterThan(1050);
    const found = controlStyle(given, { ...options, baseline: 'short', features: ['tokens', 'headings'] });
    const controlled = found.models.find(({ model }) => model === 'long')!;
    expect(controlled.interval.low).toBeLessThan(1000);
    expect(controlled.interval.high).toBeGreaterThan(1000);
    expect(found.features[0]!.interval.low).toBeGreaterThan(0.5);
    // A feature that never differs says nothing.
    expect(found.features[1]!.coefficient).toBe(0);
  });

  it('does not depend on which answer is called a', () => {
    const given = longerWins(4);
    const turned = given.map((each, i) =>
      i % 3 > 0
        ? each
        : { ...each, a: each.b, b: each.a, outcome: swapped[each.outcome], styleA: each.styleB, styleB: each.styleA },
    );
    const rating = (each: readonly StyledComparison[]) =>
      controlStyle(each, { ...options, baseline: 'short', features: ['tokens', 'headings'] }).models.find(
        ({ model }) => model === 'long',
      )!.rating;
    expect(rating(turned)).toBeCloseTo(rating(given), 4);
  });

  it('refuses counts that are not there, or below 0', () => {
    const given = longerWins(5);
    expect(() => controlStyle(given, { ...options, features: ['tokens'] })).toThrow(
      'comparisons[0].styleA: 2 counts for 1 features',
    );
    const negative = [{ ...given[0]!, styleB: [-1, 0] }];
    expect(() => controlStyle(negative, { ...options, features: ['tokens', 'headings'] })).toThrow(
      'comparisons[0].styleB[0]: -1',
    );
  });
});
