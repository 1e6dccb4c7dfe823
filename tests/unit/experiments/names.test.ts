import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/access/idempotency.js';
import { closestName, editDistance, namesHint } from '../../../src/problems/closest-name.js';

describe('editDistance', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['label', 'label', 0],
  ])('%s → %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('is a metric', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

test('the closest name ignores case, and is not far-fetched', () => {
  expect(closestName('Lable', ['text', 'label'])).toBe('label');
  expect(closestName('category', ['text', 'label'])).toBeNull();
});

test('a hint lists what there is', () => {
  expect(namesHint('x', [])).toBe('There are none.');
  expect(namesHint('nothing', ['a', 'b', 'c'], 2)).toBe('There are: a, b, and 1 more.');
});

describe('the digest of an input', () => {
  test('does not depend on the order of keys, nor on keys without a value', () => {
    expect(digestOf({ b: [1, { y: 2, x: 1 }], a: null })).toBe(digestOf({ b: [1, { x: 1, y: 2 }] }));
  });

  test('depends on all else', () => {
    const inputs = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: [1, 2] }, { a: [2, 1] }, { a: false }, { a: '' }, {}];
    expect(new Set(inputs.map(digestOf)).size).toBe(inputs.length);
  });
});
