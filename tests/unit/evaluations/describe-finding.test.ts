import { expect, test } from 'vitest';
import { describeFinding } from '../../../src/evaluations/describe-finding.js';

const duplicates = {
  code: 'DUPLICATES_ACROSS_SPLITS' as const,
  trainSplit: 'train',
  count: 80,
  conflictingCount: 0,
  examples: [],
};

test('duplicates are told from a split that the model learnt from itself', () => {
  expect(describeFinding({ ...duplicates, split: 'train' })).toEqual({
    severity: 'WARNING',
    message:
      '80 examples of the split “train” have texts that the model learnt from: scores on “train” are better than on new texts.',
    hint: 'Judge the model on a split that it did not learn from.',
  });
  expect(describeFinding({ ...duplicates, split: 'test' })).toMatchObject({
    message: expect.stringContaining('in the training split “train”, too'),
    hint: expect.stringContaining('keepTogether'),
  });
});
