import { describe, expect, test } from 'vitest';
import { type MetricPoint, spansOf, stretchesOf } from '../../../src/protocol/metric-spans.js';

const point = (step: number, value: number, key = 'train/loss'): MetricPoint => ({
  key,
  step,
  seq: 10 + step,
  epoch: step / 10,
  value,
});

describe('stretches', () => {
  test('have the points of 64 steps of one metric, in the order of their steps', () => {
    const points = [point(64, 1), point(3, 2), point(0, 3), point(63, 4), point(3, 5, 'validation/loss')];
    expect(
      stretchesOf(points).map(({ key, span, points }) => ({ key, span, steps: points.map(({ step }) => step) })),
    ).toEqual([
      { key: 'train/loss', span: 1, steps: [64] },
      { key: 'train/loss', span: 0, steps: [0, 3, 63] },
      { key: 'validation/loss', span: 0, steps: [3] },
    ]);
  });

  test('have each step once', () => {
    expect(() => stretchesOf([point(7, 1), point(8, 1), point(7, 2)])).toThrow(
      'train/loss was recorded twice at step 7.',
    );
    expect(() => stretchesOf([point(7, 1), point(7, 1)])).toThrow('recorded twice');
    expect(stretchesOf([point(7, 1), point(7, 2, 'validation/loss')])).toHaveLength(2);
  });
});

test('summaries of 512 steps are made of those of 64', () => {
  const points = [point(520, 4), point(100, -1), point(101, Number.NaN), point(300, 9), point(400, -1), point(401, 9)];
  const spans = spansOf(stretchesOf(points));
  expect(spans.filter(({ width }) => width === 64).map(({ span }) => span)).toEqual([8, 1, 4, 6]);
  const wide = spans.filter(({ width }) => width === 512);
  expect(wide.map(({ span }) => span)).toEqual([1, 0]);
  const [, first] = wide;
  expect([...first!.steps].flatMap((bit, step) => (bit === '1' ? [step] : []))).toEqual([100, 101, 300, 400, 401]);
  expect(first!.steps).toHaveLength(512);
  expect(first).toMatchObject({
    first: { step: 100, value: -1 },
    last: { step: 401, value: 9 },
    // Of equal values the first.
    least: { step: 100 },
    greatest: { step: 300 },
    nonFinite: { step: 101, value: Number.NaN },
    lastSeq: 411,
  });
});

test('a stretch without finite values has no extremes', () => {
  const [narrow] = spansOf(stretchesOf([point(5, Number.NEGATIVE_INFINITY), point(4, Number.NaN)]));
  expect(narrow).toMatchObject({
    least: null,
    greatest: null,
    nonFinite: { step: 4, value: Number.NaN },
    first: { step: 4 },
    last: { step: 5 },
  });
});
