import { expect, test } from 'vitest';
import { schemaProblem } from '../../../src/problems/schema-problem.js';
import { PreparationStep } from '../../../src/protocol/preparation/recipe.js';

const augment = { kind: 'augmentText', column: 'text', methods: [{ kind: 'randomSwap' }], split: 'train', seed: 0 };

test.each([
  [{ amount: { kind: 'ofEachRow', copies: 65 } }, 'amount.copies', '“copies” must be at most 64.'],
  [{ amount: { kind: 'ofEachRow', share: 0.2 } }, 'amount.copies', '“copies” must be a number.'],
  [{ amount: { kind: 'ofShare', share: 2 } }, 'amount.share', '“share” must be at most 1.'],
  [{ amount: { kind: 'ofShare', share: 0 } }, 'amount.share', '“share” must be above 0.'],
  [{ methods: [] }, 'methods', '“methods” must have at least 1 entries.'],
  [{ seed: 0.5 }, 'seed', '“seed” must be a whole number.'],
])('%j is told in a sentence', (settings, path, message) => {
  const issues = PreparationStep.safeParse({ ...augment, ...settings }).error!.issues;
  const [told] = issues.map((issue) => schemaProblem(issue, ['recipe', '0', 'augmentText']));
  expect(told).toMatchObject({
    path: ['recipe', '0', 'augmentText', ...path.split('.')],
    code: 'INVALID_VALUE',
    message,
  });
});
