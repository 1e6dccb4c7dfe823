import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/access/idempotency.js';
import { closestName, namesHint } from '../../../src/problems/closest-name.js';

test('the closest name ignores case, and is not far-fetched', () => {
  expect(closestName('Lable', ['text', 'label'])).toBe('label');
  expect(closestName('category', ['text', 'label'])).toBeNull();
});

// Two letters in five may differ, one in any name, and two that changed places count as one;
// of names that are equally near, the first is meant.
test.each([
  ['kittens', ['sitting', 'mitten'], 'mitten'],
  ['abcde', ['abcxy', 'abcdx'], 'abcdx'],
  ['abcde', ['abxyz'], null],
  ['ab', ['xb', 'ax'], 'xb'],
  ['a', ['b'], 'b'],
  ['', ['x', 'xy'], 'x'],
  ['label', [], null],
  ['tset', ['train', 'test'], 'test'],
  ['tset', ['tent', 'test'], 'test'],
  ['ba', ['ab'], 'ab'],
  ['abcd', ['badc'], null],
  ['größe', ['GRÖSSE', 'Groesse'], 'GRÖSSE'],
  [
    `${'layers.'.repeat(6)}weight`,
    [`${'layers.'.repeat(5)}weight`, `${'layers.'.repeat(6)}weigth`],
    `${'layers.'.repeat(6)}weigth`,
  ],
])('of %j, %j has as its closest %j', (wanted, names, closest) => {
  expect(closestName(wanted, names)).toBe(closest);
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

  test('takes whole numbers beyond 2^53 by their digits', () => {
    const digests = [2n ** 53n, 2n ** 53n + 1n].map((row) => digestOf({ row }));
    expect(new Set(digests).size).toBe(2);
  });

  test.each([
    [
      { name: 'Intents', projectSlug: 'default', split: { seed: 1, fractions: [0.8, 0.1, 0.1] }, description: null },
      '7e35ef0d987254af3bd08926d85933b40ea734e34bbc23895ebe19d86475db77',
    ],
    [
      {
        learningRate: 5e-5,
        classWeights: [1, 0.30000000000000004, 1e21],
        epochs: -0,
        notes: 'Größe „ﬁ“ 🏃\n',
        tags: [null, undefined],
        warmup: undefined,
      },
      '99d7c1fb3f2fe7b5350781c3aa29ad7118df5bc1d2dba207996a76462b3d18a8',
    ],
    [
      {
        expiresAt: new Date(Date.UTC(2025, 0, 2, 3, 4, 5, 678)),
        scopes: ['READ', 'TRAIN'],
        nested: { b: { d: [], c: {} }, a: true },
      },
      'e09a46b63cd27e7b867901148b0c77e0a88a39e30b4d81e610edd6efd24cd162',
    ],
    // No JSON, and refused later on: a digest is taken all the same.
    [{ epochs: Number.NaN }, '771e0fa0bcf12d8d06527f3c0dccba47de523734613d716504881c6e947a73c6'],
  ])('is the one that release 0.1 stored: %j', (input, digest) => {
    expect(digestOf(input)).toBe(digest);
  });
});
