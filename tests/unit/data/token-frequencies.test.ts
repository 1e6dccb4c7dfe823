import { expect, test } from 'vitest';
import { logFrequencies } from '../../../gpu-worker/data/token-frequencies.js';

test('a token has the ln of its share of the words’ tokens, each counted once more than it occurs', () => {
  const ids = Int32Array.of(0, 3, 3, 4, 1, 0, 3, 1);
  const words = Int32Array.of(-1, 0, 0, 1, -1, -1, 0, -1);
  const given = logFrequencies({ ids, words }, 6);
  // Four tokens of words, and one of each of six.
  for (const [id, count] of [1, 1, 1, 4, 2, 1].entries()) expect(given[id]).toBeCloseTo(Math.log(count / 10), 6);
  expect(given).toHaveLength(6);
});
