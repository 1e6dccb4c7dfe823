import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../../src/statistics/intervals.js';
import { createRandom, type Random, uniform } from '../../../src/statistics/random.js';
import { type JudgedPairs, shareOfPairs } from '../../../src/statistics/share-of-pairs.js';

type Unit = readonly [number, number];

/** (z / t)², z and t the 97.5th percentiles of the normal and of Student's distribution (tables of t to six places). */
const shrunkBy = (t: number) => (1.959963984540054 / t) ** 2;

describe('the share of right pairs', () => {
  it('has the interval of Wilson where no two pairs share a unit, and none without pairs', () => {
    const isRight = Array.from({ length: 40 }, (_, i) => i % 4 !== 0);
    expect(shareOfPairs({ isRight, units: isRight.map((_, i) => [i, i]) })).toEqual(wilsonInterval(30, 40));
    // Each answer has a prompt of its own, as those of thumbs may.
    expect(shareOfPairs({ isRight, units: isRight.map((_, i) => [2 * i, 2 * i + 1]) })).toEqual(wilsonInterval(30, 40));
    expect(shareOfPairs({ isRight: [], units: [] })).toBeNull();
  });

  it('counts pairs of one unit as one', () => {
    const isRight = Array.from({ length: 40 }, (_, i) => i < 30);
    expect(shareOfPairs({ isRight, units: isRight.map(() => [7, 7]) })).toEqual(wilsonInterval(0.75, 1));
  });

  it('gains nothing from a pair that is there twice', () => {
    // 11 units, each with one outcome twice: deff = 2 · 11/10, and t of 10 degrees of freedom is 2.228139.
    const isRight = Array.from({ length: 22 }, (_, i) => i < 12);
    const units = isRight.map((_, i): Unit => [i >> 1, i >> 1]);
    const tries = (22 / 2.2) * shrunkBy(2.228139);
    const { low, high } = wilsonInterval((12 / 22) * tries, tries)!;
    const found = shareOfPairs({ isRight, units })!;
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
  });

  it('counts pairs of the same two units, and those that share one of them', () => {
    // Three answers in two pairs each; right, right, wrong: residuals 1/3, 1/3, −2/3 and sums 2/3, −1/3, −1/3 at the
    // units. Squares: 6/9 of the units less 6/9 of the pairs themselves, so that deff is 1 at the least.
    const units: Unit[] = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    const tries = Math.max(1, 3 * shrunkBy(4.302653));
    const found = shareOfPairs({ isRight: [true, true, false], units })!;
    expect(found.low).toBeCloseTo(wilsonInterval((2 / 3) * tries, tries)!.low, 6);
  });

  it('does not shrink to a point where all are right', () => {
    const isRight = Array.from({ length: 40 }, () => true);
    const found = shareOfPairs({ isRight, units: isRight.map((_, i) => [i % 10, i % 10]) })!;
    const tries = 40 * shrunkBy(2.262157);
    expect(found.high).toBe(1);
    expect(found.low).toBeCloseTo(tries / (tries + 1.959963984540054 ** 2), 5);
  });
});

describe('by simulation', () => {
  const rounds = 1000;

  /** How often the lower end is above 0.5: nominally in 2.5 %. */
  function passes(seed: number, drawn: (random: Random) => JudgedPairs) {
    const random = createRandom(seed);
    const passed = { withUnits: 0, asIndependent: 0 };
    for (let round = 0; round < rounds; round++) {
      const pairs = drawn(random);
      const right = pairs.isRight.filter(Boolean).length;
      if (shareOfPairs(pairs)!.low > 0.5) passed.withUnits += 1 / rounds;
      if (wilsonInterval(right, pairs.isRight.length)!.low > 0.5) passed.asIndependent += 1 / rounds;
    }
    return passed;
  }

  /** All pairs of k answers to each prompt, whose rewards are drawn. */
  function ranked(random: Random, prompts: number, k: number, unitOf: (prompt: number, answer: number) => number) {
    const isRight: boolean[] = [];
    const units: Unit[] = [];
    for (let prompt = 0; prompt < prompts; prompt++) {
      const rewards = Array.from({ length: k }, () => uniform(random));
      for (let one = 0; one < k; one++) {
        for (let other = one + 1; other < k; other++) {
          isRight.push(rewards[one]! > rewards[other]!);
          units.push([unitOf(prompt, one), unitOf(prompt, other)]);
        }
      }
    }
    return { isRight, units };
  }

  it.each([
    [12, 16],
    [30, 4],
    [60, 8],
  ])('random rewards of %i prompts with %i answers rarely seem to be above chance', (prompts, k) => {
    const { withUnits, asIndependent } = passes(k, (random) => ranked(random, prompts, k, (prompt) => prompt));
    expect(withUnits).toBeLessThan(0.042);
    expect(withUnits).toBeGreaterThan(0.005);
    expect(asIndependent).toBeGreaterThan(k === 4 ? 1.3 * withUnits : 0.08);
  });

  it.each([1, 5])('so do those of %i prompts, by the answers that their pairs share', (prompts) => {
    const of = (random: Random) => ranked(random, prompts, 16, (prompt, answer) => 16 * prompt + answer);
    const { withUnits, asIndependent } = passes(prompts, of);
    expect(withUnits).toBeLessThan(0.055);
    expect(withUnits).toBeGreaterThan(0.005);
    expect(asIndependent).toBeGreaterThan(0.1);
  });

  it('thumbs of answers to many prompts, each of which has high rewards or low ones, do so as rarely', () => {
    const { withUnits, asIndependent } = passes(3, (random) => {
      const sides: [Unit[], Unit[]] = [[], []];
      for (let prompt = 0; prompt < 60; prompt++) {
        const ofPrompt = 2 * uniform(random);
        for (let answer = 0; answer < 8; answer++) {
          const isGood = uniform(random) < (prompt % 2 === 0 ? 0.2 : 0.8);
          sides[isGood ? 0 : 1].push([prompt, ofPrompt + uniform(random)]);
        }
      }
      const [good, others] = sides;
      const count = Math.min(good.length, others.length);
      const all = [...Array(count).keys()];
      return {
        isRight: all.map((i) => good[i]![1] > others[i]![1]),
        units: all.map((i): Unit => [good[i]![0], others[i]![0]]),
      };
    });
    expect(withUnits).toBeLessThan(0.042);
    expect(asIndependent).toBeGreaterThan(0.08);
  });

  it('rewards that are better than chance are seen to be', () => {
    const { withUnits } = passes(5, (random) => {
      const { isRight, units } = ranked(random, 20, 8, (prompt) => prompt);
      return { isRight: isRight.map((is) => is || uniform(random) < 0.4), units };
    });
    expect(withUnits).toBeGreaterThan(0.99);
  });
});
