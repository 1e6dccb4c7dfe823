import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bestOfNCurve } from '../../../../src/statistics/best-of-n/best-of-n-curve.js';

/** By tests/unit/statistics/best-of-n/reference.py: enumeration of all sets, and numpy's percentiles. */
interface Reference {
  readonly rewards: readonly (readonly number[])[];
  readonly gold: readonly (readonly number[])[];
  readonly meanReward: readonly number[];
  readonly meanGold: readonly number[];
  readonly standardError: readonly number[];
  readonly klBound: readonly number[];
}
const reference = JSON.parse(readFileSync(new URL('./curve.reference.json', import.meta.url), 'utf8')) as Reference;

const prompts = reference.rewards.map((rewards, i) => ({ rewards, values: { gold: reference.gold[i]! } }));

test('the curve equals the mean over prompts of all sets of k samples', () => {
  const curve = bestOfNCurve(prompts, ['gold'], { seed: 1 });
  expect(curve.map(({ k }) => k)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const [at, { reward, values, klBound }] of curve.entries()) {
    expect(reward.mean).toBeCloseTo(reference.meanReward[at]!, 12);
    expect(values.gold!.mean).toBeCloseTo(reference.meanGold[at]!, 12);
    expect(klBound).toBeCloseTo(reference.klBound[at]!, 12);
  }
});

test('the intervals are about as wide as the standard error over prompts says, and the seed decides them', () => {
  const curve = bestOfNCurve(prompts, ['gold'], { seed: 1, rounds: 4_000 });
  for (const [at, { reward }] of curve.entries()) {
    expect((reward.high! - reward.low!) / (2 * 1.96 * reference.standardError[at]!)).toBeCloseTo(1, 0.6);
    expect(reward.low).toBeLessThan(reward.mean);
    expect(reward.high).toBeGreaterThan(reward.mean);
  }
  expect(bestOfNCurve(prompts, [], { seed: 1, rounds: 4_000 })[3]!.reward).toEqual(curve[3]!.reward);
  expect(bestOfNCurve(prompts, [], { seed: 2, rounds: 4_000 })[3]!.reward).not.toEqual(curve[3]!.reward);
});

test('a prompt without a value takes no part in its means, and few prompts have no interval', () => {
  const some = prompts
    .slice(0, 3)
    .map((each, i) => (i === 1 ? { ...each, values: { gold: [1, 2, 3, 4, 5, Number.NaN] } } : each));
  const [first] = bestOfNCurve(some, ['gold'], { seed: 1 });
  expect(first!.reward).toMatchObject({ prompts: 3, low: null, high: null });
  expect(first!.values.gold!.prompts).toBe(2);
  const none = some.map((each) => ({ ...each, values: { gold: new Array<number>(6).fill(Number.NaN) } }));
  expect(bestOfNCurve(none, ['gold'], { seed: 1 })[0]!.values).toEqual({ gold: null });
});
