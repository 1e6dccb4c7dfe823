import { expect, test } from 'vitest';
import { z } from 'zod';
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

const Amount = z.union([
  z.object({ copies: z.number() }),
  z.object({ share: z.object({ of: z.enum(['row', 'label']) }) }),
]);
const Step = z.strictObject({
  unit: z.enum(['words', 'characters']),
  kind: z.literal('trim'),
  amount: Amount,
  change: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
});
const right = { unit: 'words', kind: 'trim', amount: { copies: 1 }, change: { kind: 'a' } };

const told = (input: object) =>
  Step.safeParse({ ...right, ...input }).error?.issues.map((issue) => {
    const { path, message } = schemaProblem(issue, ['recipe', '0']);
    return [path.join('.'), message];
  });

test('what a schema finds is said in words of the input, not in those of the schema', () => {
  expect(told({})).toBeUndefined();
  expect(told({ unit: 'tokens' })).toEqual([['recipe.0.unit', '“unit” must be one of “words”, “characters”.']]);
  expect(told({ kind: 'cut' })).toEqual([['recipe.0.kind', '“kind” must be “trim”.']]);
  // Of a union, the branch that the input comes nearest to.
  expect(told({ amount: { share: { of: 'rows' } } })).toEqual([
    ['recipe.0.amount.share.of', '“of” must be one of “row”, “label”.'],
  ]);
  expect(told({ amount: { copies: 'two' } })).toEqual([['recipe.0.amount.copies', '“copies” must be a number.']]);
  expect(told({ change: { kind: 'c' } })).toEqual([['recipe.0.change.kind', '“kind” is of no kind that is known.']]);
  expect(told({ uint: 1 })).toEqual([['recipe.0', '“0” has no “uint”.']]);
});

test('of very many values a message names the first', () => {
  const many = z.enum(Array.from({ length: 30 }, (_, i) => `v${i}`));
  const [issue] = many.safeParse('other').error!.issues;
  expect(schemaProblem(issue!, ['region']).message).toMatch(/^“region” must be one of “v0”, .*“v19”, …\.$/);
});
