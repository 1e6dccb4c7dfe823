import { expect, test } from 'vitest';
import { agreementOfTask } from '../../../src/feedback/results/statistics/agreement.js';

/** Three of four rankings of two answers are the same: p_a = 0.75, π = (0.875, 0.125), Σ π(1 − π) = 0.21875. */
const answers = [0, 1, 2, 3].flatMap((item) =>
  ['p', 'q'].map((person) => ({
    item: `item ${item}`,
    person,
    category: JSON.stringify(item === 3 && person === 'q' ? [['b'], ['a']] : [['a'], ['b']]),
    firstKey: null,
    length: null,
  })),
);

test.each([
  [true, 3],
  [false, 2],
])('chance has as many outcomes as a pair of a ranking can have: ties %s', (tiesAllowed, outcomes) => {
  const { raw, gwetAc1 } = agreementOfTask({
    question: { kind: 'ranking', tiesAllowed },
    answers,
    level: 'NOMINAL',
    weights: 'NONE',
    options: { rounds: 100, seed: 0 },
  });
  const byChance = 0.21875 / (outcomes - 1);
  expect(raw.value).toBeCloseTo(0.75, 12);
  expect(gwetAc1.value).toBeCloseTo((0.75 - byChance) / (1 - byChance), 12);
});
