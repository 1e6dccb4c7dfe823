import { reshape, type Tensor, tensor1d, tensor2d, valueAndGrads } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { comparisonLoss, verdictLoss } from '../../../gpu-worker/losses/comparison.js';
import { openEngine, solve } from '../engine/compare.js';
import { expectClose, floats } from '../nn/differentiate.js';
import { draw, numbers } from '../reference/numbers.js';
import reference from '../reference/trl/reward.reference.json' with { type: 'json' };

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

/** The rewards and margins of reference/trl/reward.py. */
const B = 20;
const stream = numbers(31);
const [chosen, rejected] = [draw(stream, B, 12), draw(stream, B, 12)];
const margins = draw(stream, B, 1, 0.5);
const rewards = Float32Array.from({ length: 2 * B }, (_, i) => (i % 2 === 0 ? chosen : rejected)[i >> 1]!);
const every = (value: number) => new Float32Array(B).fill(value);

interface Given {
  readonly margins: Float32Array;
  readonly shares: Float32Array;
  readonly centring: number;
}

function eager({ margins, shares, centring }: Given) {
  const loss = (given: Tensor) =>
    comparisonLoss(
      given,
      { weights: tensor1d(every(1 / B)), margins: tensor1d(margins), shares: tensor1d(shares) },
      centring,
    );
  const { value, grads } = valueAndGrads(loss)([tensor2d(rewards, [B, 2])]);
  return { loss: floats(value)[0]!, gradient: floats(grads[0]!) };
}

/** The same by one compiled step. */
async function compiled({ margins, shares, centring }: Given) {
  const shape = [B] as const;
  const { loss, gradients } = await solve(engine, {
    parameters: [{ spec: { name: 'rewards', shape: [B, 2], trainable: true, decay: false }, values: rewards }],
    inputs: Object.fromEntries(
      ['weights', 'margins', 'shares'].map((name) => [name, { shape: [...shape], dtype: 'float32' as const }]),
    ),
    feeds: { weights: every(1 / B), margins, shares },
    loss: ({ rewards: given }, inputs) => ({
      loss: comparisonLoss(
        given!,
        inputs as { readonly weights: Tensor; readonly margins: Tensor; readonly shares: Tensor },
        centring,
      ),
    }),
  });
  return { loss, gradient: gradients.get('rewards')! };
}

describe('the loss of compared rewards', () => {
  const none = { margins: every(0), shares: every(1), centring: 0 };

  test.each([
    ['plain', reference.losses.plain, none],
    ['with margins', reference.losses.withMargins, { ...none, margins }],
    ['with margins and centring', reference.losses.centred, { ...none, margins, centring: 0.01 }],
  ] as const)('equals TRL’s, and so does its gradient: %s', async (_, expected, given) => {
    for (const found of [eager(given), await compiled(given)]) {
      expect(Math.abs(found.loss - expected.loss) / expected.loss).toBeLessThan(1e-6);
      expectClose(found.gradient, expected.gradient, 1e-5, 'gradient');
    }
  });

  test('of a share of one half is that of either order, and is least where both rewards are equal', () => {
    const half = { ...none, shares: every(0.5) };
    const { gradient } = eager(half);
    // −½ log σ(d) − ½ log σ(−d) has the derivative σ(d) − ½.
    for (let pair = 0; pair < B; pair++) {
      const d = rewards[2 * pair]! - rewards[2 * pair + 1]!;
      expect(gradient[2 * pair]! * B).toBeCloseTo(1 / (1 + Math.exp(-d)) - 0.5, 5);
      expect(gradient[2 * pair + 1]).toBeCloseTo(-gradient[2 * pair]!, 6);
    }
  });

  test('stays finite where rewards are far apart', () => {
    const far = tensor2d([500, -500, -500, 500], [2, 2]);
    const all = { weights: tensor1d([0.5, 0.5]), margins: tensor1d([0, 0]), shares: tensor1d([1, 1]) };
    expect(floats(comparisonLoss(far, all, 0))[0]).toBeCloseTo(500, 3);
  });
});

test('the loss of thumbs is the binary cross-entropy of rewards as logits', () => {
  const given = tensor1d([0, 2, -1]);
  const loss = (r: Tensor) => verdictLoss(reshape(r, [3]), tensor1d([1, 1, 0]), tensor1d([1, 0, 1]), 0.1);
  const { value, grads } = valueAndGrads(loss)([given]);
  // ln 2 + ln(1 + e²) + 0.1 · (0 + 4); the third answer weighs nothing.
  expect(floats(value)[0]).toBeCloseTo(Math.LN2 + Math.log(1 + Math.exp(2)) + 0.4, 5);
  const gradient = floats(grads[0]!);
  expect(gradient[0]).toBeCloseTo(-0.5, 6);
  expect(gradient[1]).toBeCloseTo(1 / (1 + Math.exp(-2)) + 0.4, 5);
  expect(gradient[2]).toBeCloseTo(0, 7);
});
