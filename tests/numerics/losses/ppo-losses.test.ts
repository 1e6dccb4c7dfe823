import { type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { clippedPolicyLoss } from '../../../gpu-worker/losses/policy/clipped-policy-loss.js';
import { adaptedWeight } from '../../../gpu-worker/losses/policy/kl-control.js';
import {
  explainedVariance,
  generalizedAdvantages,
  tokenRewards,
  whitened,
} from '../../../gpu-worker/losses/policy/token-advantages.js';
import { clippedValueShare, valueLoss } from '../../../gpu-worker/losses/policy/value-loss.js';
import { expectClose, floats } from '../nn/differentiate.js';
import { onlineReference } from './online-losses-reference.js';

const { ppo, control } = onlineReference;
const starts = [0];
for (const row of ppo.now) starts.push(starts.at(-1)! + row.length);
const tokens = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());
const written = tokens(ppo.old);
const reference = tokens(ppo.ref);
const values = tokens(ppo.values);

describe.each([
  ['usual', {}],
  ['k3', { estimator: 'k3', klWeight: 0.4 }],
  ['discounted', { discount: 0.9, lambda: 0.8 }],
  ['whitened', { whitens: true }],
] as const)('PPO’s tokens, as TRL computes “%s”', (name, given) => {
  const expected = ppo.advantages[name]!;
  const s = { estimator: 'k1', klWeight: 0.05, discount: 1, lambda: 0.95, whitens: false, ...given } as const;
  const plain = tokenRewards({ written, reference }, Float64Array.from(ppo.scores), Int32Array.from(starts), s);
  const rewards = s.whitens ? whitened(plain, false) : plain;
  const { advantages, returns } = generalizedAdvantages(rewards, values, Int32Array.from(starts), s);

  it('have the same rewards, returns and whitened advantages', () => {
    expectClose(Float32Array.from(rewards), tokens(expected.rewards), 2e-6, 'rewards');
    expectClose(Float32Array.from(returns), tokens(expected.returns), 2e-6, 'returns');
    expectClose(Float32Array.from(whitened(advantages, true)), tokens(expected.advantages), 5e-6, 'advantages');
  });
});

const N = written.length;
const ones = new Float32Array(N).fill(1 / N);

describe.each([
  ['usual', 0.2, null, ppo.losses.usual!],
  ['narrow', 0.05, null, ppo.losses.narrow!],
  ['dualClip', 0.2, ppo.dualClip.most, ppo.dualClip],
] as const)('the loss of PPO’s policy, by “%s”', (name, clip, most, expected) => {
  it('is equal, and so is its gradient', () => {
    const given = {
      written: tensor(written),
      reference: null,
      advantages: tensor(tokens(ppo.advantages.usual!.advantages)),
      weights: tensor(ones),
      rowOf: tensor(new Int32Array(N), [N], 'int32'),
      inRow: tensor(new Float32Array(N)),
    };
    const settings = { ratioOf: 'token', low: clip, high: clip, most, klWeight: 0, rows: 1 } as const;
    const { value, grads } = valueAndGrads((x: Tensor) =>
      clippedPolicyLoss({ logProbabilities: x, ...given }, settings),
    )([tensor(tokens(ppo.now))]);
    expect(floats(value)[0]).toBeCloseTo(expected.policyLoss, 5);
    expectClose(floats(grads[0]!), tokens(expected.policyGradients), 1e-5, name);
  });
});

describe.each([
  ['usual', 0.2],
  ['narrow', 0.05],
] as const)('the loss of values, as TRL computes “%s”', (name, clip) => {
  const expected = ppo.losses[name]!;
  const returns = tokens(ppo.advantages.usual!.returns);
  const now = tokens(ppo.valuesNow);

  it('is equal, and so are its gradient and the share that is clipped', () => {
    const given = { before: tensor(values), returns: tensor(returns), weights: tensor(ones) };
    const { value, grads } = valueAndGrads((x: Tensor) => valueLoss({ values: x, ...given }, clip))([tensor(now)]);
    expect(floats(value)[0]).toBeCloseTo(expected.valueLoss, 5);
    expectClose(floats(grads[0]!), tokens(expected.valueGradients), 1e-5, name);
    expect(clippedValueShare({ values: now, before: values, returns }, clip)).toBeCloseTo(expected.valueClipped, 6);
  });
});

describe('values', () => {
  it('that have not moved lose the half square of what they lack, with a clip and without', () => {
    const given = { before: tensor([1, 2]), returns: tensor([3, 2]), weights: tensor([0.5, 0.5]) };
    for (const clip of [null, 0.2]) {
      expect(floats(valueLoss({ values: tensor([1, 2]), ...given }, clip))[0]).toBeCloseTo(0.5 * 0.5 * 4, 6);
    }
  });

  it('explain all of the returns, or nothing', () => {
    const returns = Float64Array.of(1, 2, 3);
    expect(explainedVariance(Float32Array.of(1, 2, 3), returns)).toBe(1);
    expect(explainedVariance(Float32Array.of(2, 2, 2), returns)).toBe(0);
  });

  it('of 0 with γ = λ = 1 make every return the score', () => {
    const rewards = Float64Array.of(0, 0, 5, 0, -1);
    const { returns } = generalizedAdvantages(rewards, new Float32Array(5), Int32Array.of(0, 3, 5), {
      discount: 1,
      lambda: 1,
    });
    expect([...returns]).toEqual([5, 5, 5, -1, -1]);
  });
});

describe('the adaptive weight of the divergence', () => {
  it('follows its equation step by step', () => {
    let { weight } = control;
    for (const [index, [kl, completions]] of control.steps.entries()) {
      weight = adaptedWeight(weight, kl, completions, control);
      expect(weight).toBeCloseTo(control.weights[index]!, 12);
    }
  });
});
