import { expect, test } from 'vitest';
import { adapterShareOf, differenceOf } from '../../../gpu-worker/certificate/compare-outputs.js';

const output = (width: number, ...values: number[]) => ({
  name: 'logits',
  task: null,
  width,
  values: Float32Array.from(values),
});

test('a difference counts beside the largest number of its row', () => {
  const expected = output(2, 4, -8, 1, 2);
  expect(differenceOf(expected, output(2, 4, -8, 1, 2)).largest).toBe(0);
  // 1 beside 8 in the first row.
  expect(differenceOf(expected, output(2, 5, -8, 1, 2))).toEqual({
    largest: 1 / 8,
    row: 0,
    at: 0,
    expected: 4,
    found: 5,
  });
});

test('a row of small numbers counts beside the root mean square of all', () => {
  // √((3² + 4² + 0 + 0) / 4) = 2.5
  expect(differenceOf(output(2, 3, 4, 0, 0), output(2, 3, 4, 0.5, 0))).toMatchObject({ largest: 0.5 / 2.5, row: 1 });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is infinitely far from every number', (value) => {
  expect(differenceOf(output(1, 1, 2), output(1, 1, value))).toMatchObject({
    largest: Number.POSITIVE_INFINITY,
    row: 1,
    found: value,
  });
});

test('anything is infinitely far from nothing', () => {
  expect(differenceOf(output(1, 0), output(1, 1e-20)).largest).toBe(Number.POSITIVE_INFINITY);
});

test('the share of an adapter is 1 where it is merged, 0 where it is not, and half between', () => {
  const [base, trained] = [output(2, 1, 1), output(2, 2, 3)];
  const share = (...found: number[]) => adapterShareOf([base], [trained], [output(2, ...found)]).share;
  expect(share(2, 3)).toBe(1);
  expect(share(1, 1)).toBe(0);
  expect(share(1.5, 2)).toBe(0.5);
  // What is no part of the change does not count: (1, 2) and (2, −1) are at a right angle.
  expect(share(2 + 0.2, 3 - 0.1)).toBeCloseTo(1, 6);
});

test('an adapter that changes nothing has no share', () => {
  expect(adapterShareOf([output(1, 2)], [output(1, 2)], [output(1, 3)])).toEqual({ share: null, isLost: false });
});

test('rounding beyond three times the change hides it', () => {
  const [base, trained] = [output(1, 1), output(1, 1.01)];
  expect(adapterShareOf([base], [trained], [output(1, 0.99)]).isLost).toBe(false);
  expect(adapterShareOf([base], [trained], [output(1, 0.97)]).isLost).toBe(true);
});
