import { readFileSync } from 'node:fs';
import { mul, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import {
  equalGroups,
  groupAdvantages,
  leaveOneOutAdvantages,
  separateAdvantages,
} from '../../../gpu-worker/losses/policy/advantages.js';
import { clippedPolicyLoss, type PolicyLossSettings } from '../../../gpu-worker/losses/policy/clipped-policy-loss.js';
import { type Aggregation, shareInRow, tokenWeights } from '../../../gpu-worker/losses/policy/token-weights.js';
import { openEngine } from '../engine/compare.js';
import { expectClose, floats } from '../nn/differentiate.js';

/** What TRL's trainers compute: reference/trl/policy-losses.py. */
const reference = JSON.parse(
  readFileSync(new URL('../reference/trl/policy-losses.reference.json', import.meta.url), 'utf8'),
) as {
  readonly mostTokens: number;
  readonly masked: number[];
  readonly batches: { now: number[][]; old: number[][]; ref: number[][]; advantages: number[] }[];
  readonly cases: Record<string, { loss: number; gradients: number[][][] }>;
  readonly groups: { size: number; rewards: (number | null)[][]; weights: number[]; kl: number[] };
  readonly advantages: Record<string, number[]>;
};

const usual: Omit<PolicyLossSettings, 'rows'> = { ratioOf: 'token', low: 0.2, high: 0.2, most: null, klWeight: 0 };

interface Case extends Partial<typeof usual> {
  readonly aggregation?: Aggregation;
  readonly masks?: boolean;
}

const cases: Record<string, Case> = {
  grpo: { aggregation: 'sequence' },
  'grpo, masked': { aggregation: 'sequence', masks: true },
  bnpo: { aggregation: 'batch' },
  'bnpo, masked': { aggregation: 'batch', masks: true },
  dapo: {},
  'dapo, masked': { masks: true },
  dr_grpo: { aggregation: 'constant' },
  'dr_grpo, masked': { aggregation: 'constant', masks: true },
  'clip-higher': { low: 0.1, high: 0.28 },
  'two-sided': { most: 1.1 },
  kl: { klWeight: 0.4 },
  gspo: { aggregation: 'sequence', ratioOf: 'sequenceMean', low: 0.05, high: 0.05 },
  rloo: { aggregation: 'sequence', ratioOf: 'sequence' },
};

/** The batches of the update as they are fed; two targets of weight 0 fill each up. */
function fedBatches({ aggregation = 'token', masks = false, ratioOf = 'token' }: Case) {
  const completions = reference.batches.flatMap(({ now }, batch) =>
    now.map((row, index) => ({
      length: row.length,
      counts: !(masks && reference.masked[batch] === index),
      batch,
    })),
  );
  const weights = tokenWeights(completions, aggregation, reference.mostTokens);
  return reference.batches.map(({ now, old, ref, advantages }, batch) => {
    const first = reference.batches.slice(0, batch).reduce((sum, each) => sum + each.now.length, 0);
    const perToken = (of: (row: number) => number) => now.flatMap((row, index) => row.map(() => of(index)));
    const filled = (values: number[]) => Float32Array.from([...values, 0, 0]);
    return {
      now: filled(now.flat()),
      written: filled(old.flat()),
      reference: filled(ref.flat()),
      advantages: filled(perToken((row) => advantages[row]!)),
      weights: filled(perToken((row) => weights[first + row]!)),
      rowOf: Int32Array.from([...perToken((row) => row), 0, 0]),
      inRow: filled(perToken((row) => shareInRow(ratioOf, now[row]!.length))),
    };
  });
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each(Object.entries(cases))('the loss of policy optimization, as TRL computes “%s”', (name, given) => {
  const expected = reference.cases[name]!;
  const settings = { ...usual, ...given, rows: 3 };
  const batches = fedBatches(given);
  const lossOf = (now: Tensor, fed: Readonly<Record<string, Tensor>>) =>
    clippedPolicyLoss(
      {
        logProbabilities: now,
        written: fed.written!,
        reference: fed.reference!,
        advantages: fed.advantages!,
        weights: fed.weights!,
        rowOf: fed.rowOf!,
        inRow: fed.inRow!,
      },
      settings,
    );

  it('is equal, and so is its gradient', () => {
    let loss = 0;
    for (const [batch, { now, rowOf, ...fed }] of batches.entries()) {
      const tensors = Object.fromEntries(Object.entries(fed).map(([key, values]) => [key, tensor(values)]));
      const { value, grads } = valueAndGrads((x: Tensor) =>
        lossOf(x, { ...tensors, rowOf: tensor(rowOf, [rowOf.length], 'int32') }),
      )([tensor(now)]);
      loss += floats(value)[0]!;
      expectClose(floats(grads[0]!), Float32Array.from([...expected.gradients[batch]!.flat(), 0, 0]), 1e-5, name);
    }
    expect(loss).toBeCloseTo(expected.loss, 5);
  });

  it('is equal in a compiled graph, too', async () => {
    const store = engine.createParameters([{ name: 'now', shape: [1], trainable: true, decay: false }]);
    const N = 'targets';
    const [float, int] = [{ shape: [N], dtype: 'float32' } as const, { shape: [N], dtype: 'int32' } as const];
    const inputs = { now: float, written: float, reference: float, advantages: float, weights: float, inRow: float };
    store.value('now').fill(1);
    const step = await engine.compileStep(store, { ...inputs, rowOf: int }, ({ now }, fed) => ({
      loss: lossOf(mul(fed.now!, now!), fed),
    }));
    let loss = 0;
    for (const fed of batches) {
      const sizes = { [N]: fed.now.length };
      loss += (await step.run(fed, { seed: 1, step: 1, scale: 1, sizes })).loss;
    }
    // The gradient of a factor of all log-probabilities is the sum of each one's times the log-probability.
    const byHand = batches.reduce((sum, { now }, batch) => {
      const gradients = expected.gradients[batch]!.flat();
      return sum + gradients.reduce((total, gradient, i) => total + gradient * now[i]!, 0);
    }, 0);
    expect(loss).toBeCloseTo(expected.loss, 5);
    expect(store.gradient('now')[0]).toBeCloseTo(byHand, 4);
    await step.release();
    store.release();
  });
});

describe('advantages', () => {
  const { size: G, weights, kl } = reference.groups;
  const rewards = reference.groups.rewards.map((values) => Float64Array.from(values, (value) => value ?? Number.NaN));
  /** Σ weight · value over the rewards that could be given. */
  const totals = Float64Array.from({ length: kl.length }, (_, row) => {
    const known = rewards.map((values, source) => weights[source]! * values[row]!).filter((v) => !Number.isNaN(v));
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0);
  });
  const closeTo = (actual: Float64Array, name: string) =>
    expectClose(Float32Array.from(actual), Float32Array.from(reference.advantages[name]!), 2e-6, name);

  it.each(['group', 'batch', 'none'] as const)('of GRPO with the scaling “%s” equal TRL’s', (scaling) => {
    closeTo(groupAdvantages(totals, G, scaling), scaling);
  });

  it('of rewards that are standardized one by one equal TRL’s', () => {
    const bySource = rewards.map((values, source) => ({ weight: weights[source]!, values }));
    closeTo(separateAdvantages(bySource, G), 'separate');
  });

  it('of RLOO equal TRL’s, also with the divergence in the reward', () => {
    closeTo(leaveOneOutAdvantages(totals, G, false), 'leaveOneOut');
    closeTo(leaveOneOutAdvantages(totals, G, true), 'leaveOneOutNormalized');
    const penalized = totals.map((total, row) => total - 0.05 * kl[row]!);
    closeTo(leaveOneOutAdvantages(penalized, G, false), 'leaveOneOutWithKl');
  });

  it('of two completions are half the difference, and the whole of it by the leave-one-out baseline', () => {
    const pair = Float64Array.of(3, 1);
    expect([...groupAdvantages(pair, 2, 'none')]).toEqual([1, -1]);
    expect([...leaveOneOutAdvantages(pair, 2, false)]).toEqual([2, -2]);
  });

  it('of groups with equal rewards are zero, and such groups are found', () => {
    const equal = Float64Array.of(2, 2, 1, 3, Number.NaN, 5);
    expect(equalGroups(equal, 2)).toEqual([true, false, true]);
    expect([...groupAdvantages(equal, 2, 'group')].slice(0, 2)).toEqual([0, 0]);
  });
});

describe('weights of tokens', () => {
  const two = [
    { length: 1, counts: true, batch: 0 },
    { length: 3, counts: true, batch: 0 },
  ];

  it('give each completion or each token the same say', () => {
    expect([...tokenWeights(two, 'sequence', 8)]).toEqual([1 / 2, 1 / 6]);
    expect([...tokenWeights(two, 'token', 8)]).toEqual([1 / 4, 1 / 4]);
    expect([...tokenWeights(two, 'constant', 8)]).toEqual([1 / 16, 1 / 16]);
  });

  it('are nothing where no completion counts', () => {
    const none = two.map((each) => ({ ...each, counts: false }));
    expect([...tokenWeights(none, 'token', 8)]).toEqual([0, 0]);
  });
});
