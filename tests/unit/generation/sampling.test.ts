import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../gpu-worker/data/random.js';
import { createChoosers } from '../../../gpu-worker/generation/sampling/chooser.js';
import { drawFrom } from '../../../gpu-worker/generation/sampling/draw.js';
import { expBelowOne } from '../../../gpu-worker/generation/sampling/exp-below-one.js';
import { keepLikely } from '../../../gpu-worker/generation/sampling/keep-likely.js';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { nthGreatest } from '../../../gpu-worker/generation/sampling/nth-greatest.js';
import { createPenalties } from '../../../gpu-worker/generation/sampling/penalties.js';
import { exp } from '../../../gpu-worker/portable-math.js';
import type { GenerationSettings } from '../../../src/protocol/generation.js';
import reference from '../../numerics/reference/sampling.reference.json' with { type: 'json' };

type Sampling = GenerationSettings['sampling'];

const plain: Sampling = { ...likeliestTokens, temperature: 1, seed: 1 };

const chooserOf = (sampling: Partial<Sampling>, topLogProbabilities: number | null = null) =>
  createChoosers({ sampling: { ...plain, ...sampling }, topLogProbabilities });

/** A mask of these tokens. */
const only = (...ids: number[]) => {
  const words = new Uint32Array(4);
  for (const id of ids) words[id >> 5]! |= 1 << (id & 31);
  return () => words;
};

describe('the distribution that a token is drawn from', () => {
  it.each(reference.cases)('is that of transformers with $setting', ({ setting, probabilities }) => {
    const sampling = { ...plain, ...setting };
    const logits = Float32Array.from(reference.logits);
    createPenalties(sampling, reference.seen)?.apply(logits);
    const { ids, weights } = keepLikely(logits, sampling);
    const sum = weights.reduce((a, b) => a + b, 0);
    expect(Array.from(ids, String)).toEqual(Object.keys(probabilities));
    for (const [index, expected] of Object.values(probabilities).entries()) {
      expect(weights[index]! / sum).toBeCloseTo(expected as number, 6);
    }
  });

  it('keeps the likeliest token whatever is asked for', () => {
    const logits = Float32Array.of(1, 5, 3);
    expect(keepLikely(logits, { ...plain, topP: 1e-9, minP: 1, topK: 1 }).ids).toEqual(Int32Array.of(1));
    expect(keepLikely(logits, { ...plain, temperature: 1e-300 }).ids).toEqual(Int32Array.of(1));
  });

  it('keeps equal logits at the border of top-k, and the lower ids at that of top-p', () => {
    expect(keepLikely(Float32Array.of(0, 2, 2, 2), { ...plain, topK: 2 }).ids).toEqual(Int32Array.of(1, 2, 3));
    expect(keepLikely(Float32Array.of(1, 1, 1, 1), { ...plain, topP: 0.5 }).ids).toEqual(Int32Array.of(0, 1));
  });
});

describe('penalties', () => {
  it('lower what occurred, by presence and by count', () => {
    const penalties = createPenalties({ ...plain, presencePenalty: 0.5, frequencyPenalty: 0.25 }, [0])!;
    penalties.chose(1);
    penalties.chose(1);
    penalties.chose(2);
    const logits = Float32Array.of(4, 4, 4, 4);
    penalties.apply(logits);
    // The prompt's tokens are no part of the answer. 4 − 0.5 − 2 · 0.25; 4 − 0.5 − 0.25.
    expect([...logits]).toEqual([4, 3, 3.25, 4]);
  });

  it('divide logits above 0 by the repetition penalty and multiply others', () => {
    const penalties = createPenalties({ ...plain, repetitionPenalty: 2 }, [0, 0, 1])!;
    penalties.chose(2);
    const logits = Float32Array.of(4, -4, 3, 3);
    penalties.apply(logits);
    expect([...logits]).toEqual([2, -8, 1.5, 3]);
  });
});

describe('expBelowOne', () => {
  it('equals exp to a unit in the last place', () => {
    for (let x = 0; x >= -50; x -= 0.0137) {
      expect(Math.abs(expBelowOne(x) / exp(x) - 1)).toBeLessThanOrEqual(Number.EPSILON);
    }
    expect(expBelowOne(0)).toBe(1);
  });
});

describe('top-p', () => {
  it('keeps what a full sort keeps', () => {
    const random = createRandom(8);
    for (let round = 0; round < 300; round++) {
      const spread = 1 + (random() % 12);
      const logits = Float32Array.from({ length: 1 + (random() % 400) }, () => ((random() % 1000) / 1000) * spread);
      const topP = (1 + (random() % 998)) / 1000;
      const greatest = Math.max(...logits);
      const weights = Array.from(logits, (logit) => expBelowOne(logit - greatest));
      const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]! || a - b);
      const sum = weights.reduce((a, b) => a + b, 0);
      let reached = 0;
      const kept = order.filter((id, place) => {
        const isKept = place === 0 || reached < topP * sum * (1 - 1e-12);
        if (isKept) reached += weights[id]!;
        return isKept;
      });
      const { ids } = keepLikely(logits, { ...plain, topP });
      expect(Array.from(ids)).toEqual(kept.sort((a, b) => a - b));
    }
  });
});

describe('nthGreatest', () => {
  it('equals the sorted array', () => {
    const random = createRandom(5);
    for (let round = 0; round < 200; round++) {
      const values = Float32Array.from({ length: 1 + (random() % 60) }, () => (random() % 20) - 10);
      const n = 1 + (random() % values.length);
      expect(nthGreatest(values, n)).toBe(values.toSorted((a, b) => b - a)[n - 1]);
    }
  });
});

describe('a chooser', () => {
  it('takes the likeliest token at temperature 0, of equal ones the first', () => {
    const { choose } = chooserOf({ temperature: 0 })({ promptIds: [], sample: 0 });
    expect(choose(Float32Array.of(1, 3, 3, 2), 0)).toEqual({ id: 1, logProbability: null, top: [] });
  });

  it("tells the model's own probabilities, whatever the choice was made by", () => {
    const logits = Float32Array.from(reference.logits);
    const sampling = { temperature: 0.3, topK: 2, repetitionPenalty: 1.7, frequencyPenalty: 1, seed: 9 };
    const { choose } = chooserOf(sampling, 3)({ promptIds: reference.seen, sample: 0, mask: only(3, 17, 30) });
    for (let position = 0; position < 20; position++) {
      const { id, logProbability, top } = choose(logits.slice(), position);
      expect([3, 17, 30]).toContain(id);
      expect(logProbability).toBeCloseTo(reference.logProbabilities[id]!, 5);
      const sorted = [...reference.logProbabilities.entries()].sort((a, b) => b[1] - a[1]).slice(0, 3);
      expect(top.map((token) => token.id)).toEqual(sorted.map(([id]) => id));
      for (const [k, [, expected]] of sorted.entries()) expect(top[k]!.logProbability).toBeCloseTo(expected, 5);
    }
  });

  it('draws by seed, sample and position alone', () => {
    const logits = () => Float32Array.from(reference.logits);
    const draw = (seed: number, sample: number, positions: readonly number[]) => {
      const { choose } = chooserOf({ seed })({ promptIds: [], sample });
      return positions.map((position) => choose(logits(), position).id);
    };
    const all = draw(1, 0, [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(all.slice(4)).toEqual(draw(1, 0, [4, 5, 6, 7]));
    expect(all).not.toEqual(draw(1, 1, [0, 1, 2, 3, 4, 5, 6, 7]));
    expect(all).not.toEqual(draw(2, 0, [0, 1, 2, 3, 4, 5, 6, 7]));
    expect(all).toEqual(draw(1, 0, [0, 1, 2, 3, 4, 5, 6, 7]));
  });

  it('draws as often as the probabilities say', () => {
    // p = 1/2, 1/4, 1/8, 1/8 over 8,000 positions: chi-square with 3 degrees of freedom is below 16.3 at p = 0.001.
    const logits = Float32Array.of(Math.LN2 * 3, Math.LN2 * 2, Math.LN2, Math.LN2);
    const { choose } = chooserOf({ seed: 12 })({ promptIds: [], sample: 0 });
    const counts = [0, 0, 0, 0];
    for (let position = 0; position < 8_000; position++) counts[choose(logits, position).id]! += 1;
    const expected = [4_000, 2_000, 1_000, 1_000];
    const chiSquare = counts.reduce((sum, count, k) => sum + (count - expected[k]!) ** 2 / expected[k]!, 0);
    expect(chiSquare).toBeLessThan(16.3);
  });

  it.each([0, 1])('refuses to choose of no tokens at temperature %d', (temperature) => {
    const { choose } = chooserOf({ temperature })({ promptIds: [], sample: 0, mask: only() });
    expect(() => choose(Float32Array.of(1, 2), 0)).toThrow('no token may come next');
  });

  it('refuses numbers that are not finite', () => {
    const { choose } = chooserOf({ temperature: 0 })({ promptIds: [], sample: 0 });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => choose(Float32Array.of(1, bad, 0), 0)).toThrow('not finite');
    }
  });
});

describe('drawFrom', () => {
  it('reads the uniform number off the cumulative distribution', () => {
    const at = (uniform: number) => {
      const word = Math.floor(uniform * 2 ** 32);
      return drawFrom({ ids: Int32Array.of(7, 8, 9), weights: Float64Array.of(1, 2, 1) }, () => word);
    };
    expect([0, 0.2, 0.26, 0.7, 0.76, 0.9999999999].map(at)).toEqual([7, 7, 8, 8, 9, 9]);
  });
});
