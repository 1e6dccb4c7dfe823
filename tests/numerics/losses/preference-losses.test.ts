import { add, div, mean, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ktoLosses } from '../../../gpu-worker/losses/preference/kto.js';
import { type PairObjective, pairLosses } from '../../../gpu-worker/losses/preference/pair-losses.js';
import type { PairSums } from '../../../gpu-worker/losses/preference/pair-sums.js';
import { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { expectClose, floats } from '../nn/differentiate.js';
import reference from '../reference/trl/preference-losses.reference.json' with { type: 'json' };

const pairs = reference.lengths.length;
const [chosenTokens, rejectedTokens] = [0, 1].map((side) => reference.lengths.map((both) => both[side]!)) as [
  number[],
  number[],
];

/** Sums of the answers' tokens; `tailWeight` is that of those beyond the shorter answer's length. */
function sumsOf(rows: number[][], tailWeight: number): { readonly chosen: Tensor; readonly rejected: Tensor } {
  const sums = rows.map((row, index) => {
    const shared = Math.min(...reference.lengths[index % pairs]!);
    return row.reduce((sum, value, token) => sum + value * (token < shared ? 1 : tailWeight), 0);
  });
  return { chosen: tensor(sums.slice(0, pairs)), rejected: tensor(sums.slice(pairs)) };
}

/** Whether a case has soft labels and strengths; by how much mismatched answers are likelier than by the reference. */
type Given = { readonly isGraded?: boolean; readonly shift?: number } & object;

/** Losses of the objective as functions of the two sums. */
function lossesOf(objective: PreferenceObjective, given: Given) {
  const tailWeight = objective.kind === 'dpo' ? objective.tailWeight : 1;
  const sums = sumsOf(reference.tokens, tailWeight);
  const ofReference = sumsOf(reference.reference, tailWeight);
  if (objective.kind === 'kto') {
    // Every third of the 48 answers is bad.
    const isGood = Array.from({ length: 2 * pairs }, (_, row) => (row % 3 === 2 ? 0 : 1));
    const baseline = tensor(Math.max(0, given.shift!));
    const side = (answer: Tensor, index: number) =>
      ktoLosses(objective, {
        answer,
        reference: index === 0 ? ofReference.chosen : ofReference.rejected,
        isGood: tensor(isGood.slice(index * pairs, (index + 1) * pairs)),
        baseline,
      });
    const losses = (chosen: Tensor, rejected: Tensor) => [side(chosen, 0), side(rejected, 1)];
    return { sums, losses };
  }
  const graded = given.isGraded === true;
  const losses = (chosen: Tensor, rejected: Tensor) => [
    pairLosses(objective as PairObjective, {
      chosen,
      rejected,
      referenceChosen: ofReference.chosen,
      referenceRejected: ofReference.rejected,
      chosenTokens: tensor(chosenTokens),
      rejectedTokens: tensor(rejectedTokens),
      certainty: tensor(graded ? reference.certainty : reference.certainty.map(() => 1)),
      strength: tensor(graded ? reference.strength : reference.strength.map(() => 0)),
    }),
  ];
  return { sums, losses };
}

test.each(Object.entries(reference.cases))("%s has TRL's losses and gradients", (_name, given) => {
  const objective = PreferenceObjective.parse(given.objective);
  const { sums, losses } = lossesOf(objective, given as Given);
  const total = (chosen: Tensor, rejected: Tensor) => {
    const parts = losses(chosen, rejected);
    return div(
      parts.reduce((sum, part) => add(sum, mean(part)), tensor(0) as Tensor),
      parts.length,
    );
  };
  const { value, grads } = valueAndGrads(total)([sums.chosen, sums.rejected]);
  expectClose(floats(value), [given.loss], 1e-5, 'loss');
  const scaled = (gradient: Tensor) =>
    floats(gradient).map((each) => each * pairs * losses(sums.chosen, sums.rejected).length);
  expectClose(scaled(grads[0]!), given.chosen, 1e-5, 'of the chosen', 1e-6);
  expectClose(scaled(grads[1]!), given.rejected, 1e-5, 'of the rejected', 1e-6);
  if ('losses' in given) expectClose(floats(losses(sums.chosen, sums.rejected)[0]!), given.losses!, 1e-5, 'losses');
});

/** One pair whose log-ratios are as given. */
function pairOf(ofChosen: number, ofRejected: number): PairSums {
  return {
    chosen: tensor([ofChosen - 3]),
    rejected: tensor([ofRejected - 4]),
    referenceChosen: tensor([-3]),
    referenceRejected: tensor([-4]),
    chosenTokens: tensor([3]),
    rejectedTokens: tensor([2]),
    certainty: tensor([1]),
    strength: tensor([0]),
  };
}

const dpo = {
  kind: 'dpo',
  loss: 'sigmoid',
  beta: 0.1,
  labelSmoothing: 0,
  sftWeight: 0,
  tailWeight: 1,
  strengthMargin: 0,
} as const;

describe('by hand', () => {
  const lossOf = (objective: PairObjective, sums: PairSums) => floats(pairLosses(objective, sums))[0]!;

  test('a model that is its reference loses ln 2 by DPO, however labels are smoothed', () => {
    for (const labelSmoothing of [0, 0.2]) {
      expect(lossOf({ ...dpo, labelSmoothing }, pairOf(0, 0))).toBeCloseTo(Math.log(2), 6);
    }
  });

  test('DPO of a huge gap stays finite and linear', () => {
    expect(lossOf(dpo, pairOf(-2000, 2000))).toBeCloseTo(400, 3);
  });

  test('IPO is zero where the gap a token is 1/(2β)', () => {
    expect(lossOf({ ...dpo, loss: 'ipo' }, pairOf(15, 0))).toBeCloseTo(0, 6);
  });

  test('robust DPO is cross-entropy beyond certainty, which can be negative', () => {
    // ε = 0.1, z = 20: [0.9 · 0 − 0.1 · 20] / 0.8 = −2.5.
    expect(lossOf({ ...dpo, loss: 'robust', labelSmoothing: 0.1 }, pairOf(200, 0))).toBeCloseTo(-2.5, 4);
  });

  test('ORPO of equal answers is β ln 2, and of a certain one finite', () => {
    const equal = { ...pairOf(0, 0), chosen: tensor([-3]), rejected: tensor([-2]) };
    expect(lossOf({ kind: 'orpo', beta: 0.1, learnsPrompts: false }, equal)).toBeCloseTo(0.1 * Math.log(2), 6);
    const certain = { ...equal, chosen: tensor([0]) };
    expect(lossOf({ kind: 'orpo', beta: 1, learnsPrompts: false }, certain)).toBeCloseTo(0, 5);
  });

  test('answers of a model that is its reference lose half their weight by KTO', () => {
    const losses = ktoLosses(
      { kind: 'kto', loss: 'kto', beta: 0.1, desirableWeight: 1.5, undesirableWeight: 0.5 },
      { answer: tensor([-7, -9]), reference: tensor([-7, -9]), isGood: tensor([1, 0]), baseline: tensor(0) },
    );
    expect(Array.from(floats(losses))).toEqual([0.75, 0.25]);
  });
});
