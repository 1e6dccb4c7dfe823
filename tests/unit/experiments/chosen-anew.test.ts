import 'reflect-metadata';
import { expect, test } from 'vitest';
import { type ChosenHyperparameter, isChosenAnew, leftToChoose } from '../../../src/experiments/chosen-anew.js';
import { objectiveAsked } from '../../../src/experiments/methods/asked-of-method.js';

const nothing = {
  model: false,
  trainedParts: false,
  learns: false,
  objective: false,
  examples: false,
  batches: false,
};

test('of what was left to choose, another objective changes the learning rate alone', () => {
  const anew = leftToChoose(null).filter((name: ChosenHyperparameter) =>
    isChosenAnew(name, { ...nothing, objective: true }),
  );
  expect(anew).toEqual(['learningRate']);
  expect(leftToChoose(null).filter((name) => isChosenAnew(name, nothing))).toEqual([]);
});

test('the objective of an input is the one that it names, DPO where it names none, and none of other methods', () => {
  const asked = (objective?: object | null) =>
    objectiveAsked({ preferenceOptimization: { unlearnable: 'refuse', objective: objective ?? null } });
  expect(asked()).toBe('dpo');
  expect(asked({ orpo: {} })).toBe('orpo');
  expect(asked({ dpo: null, kto: { beta: 0.2 } })).toBe('kto');
  expect(objectiveAsked({ rewardModelling: {} as never })).toBeNull();
});
