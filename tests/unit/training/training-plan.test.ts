import { describe, expect, it } from 'vitest';
import { planTraining } from '../../../gpu-worker/training/training-plan.js';
import { totalSteps } from '../../../src/protocol/training-steps.js';
import { hyperparameters as common } from '../../support/specs.js';

const hyperparameters = { ...common, epochs: 3, batchSize: 4, gradientAccumulationSteps: 2 };
const lengths = new Int32Array(18).fill(5);

describe('planTraining', () => {
  const plan = planTraining(lengths, [16], hyperparameters);

  it('counts updates: 18 examples are 5 batches, 3 updates an epoch, 9 in all', () => {
    expect(plan).toMatchObject({ updatesPerEpoch: 3, totalSteps: 9 });
    expect(totalSteps(18, hyperparameters)).toBe(9);
    const [first, second, third] = plan.updatesOf(1);
    expect([first?.step, second?.step, third?.step]).toEqual([4, 5, 6]);
    expect([first?.batches.length, third?.batches.length]).toEqual([2, 1]);
    expect(third?.epochsSeen).toBe(2);
  });

  it('numbers batches through all epochs, so that no two share their dropout masks', () => {
    const ordinals = [0, 1, 2].flatMap((epoch) =>
      plan.updatesOf(epoch).flatMap(({ batches }) => batches.map(({ ordinal }) => ordinal)),
    );
    expect(ordinals).toEqual(Array.from({ length: 15 }, (_, index) => index));
  });

  it('sees every example once an epoch, in another order each', () => {
    const orders = [0, 1].map((epoch) =>
      plan.updatesOf(epoch).flatMap(({ batches }) => batches.flatMap(({ batch }) => [...batch.examples])),
    );
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    expect(orders[0]).not.toEqual(orders[1]);
  });
});
