import { expect, test } from 'vitest';
import { families, familyReference, gradientReference, summarize } from './reference.js';

test.each(families)('%s: summaries of the stored gradients are those that Python made', (family) => {
  const expected = familyReference(family).firstToken.gradients;
  const gradients = gradientReference(family);
  const own = summarize(expected, (name) => gradients.get(name)!);
  for (const [name, { norm, projections }] of Object.entries(expected)) {
    expect(Math.abs(own[name]!.norm - norm)).toBeLessThanOrEqual(1e-6 * norm);
    // Drawn vectors are float32 on both sides, sums float64: what remains is the order of summation.
    for (const [i, product] of projections.entries()) {
      expect(Math.abs(own[name]!.projections[i]! - product)).toBeLessThanOrEqual(1e-6 * norm);
    }
  }
});
