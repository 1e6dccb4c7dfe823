import { expect, test } from 'vitest';
import { type ComputedColumn, valuesOf } from '../../../gpu-worker/batch-jobs/predicted-values.js';
import type { TextPrediction } from '../../../src/protocol/job.js';

const column = (content: ComputedColumn['content'], task: string | null, output: number | null = null) =>
  ({ name: content, content, task, output }) as ComputedColumn;
const columns = [
  column('label', 'topic'),
  column('probability', 'topic'),
  column('allLabels', 'topic'),
  column('labels', 'tags'),
  column('labelProbabilities', 'tags'),
  column('allDecisions', 'tags'),
  column('number', 'size', 0),
  column('number', 'size', 1),
  column('spans', 'names'),
  column('truncated', null),
  column('error', null),
];
const labels = [
  { label: 'b', probability: 0.75 },
  { label: 'a', probability: 0.25 },
];
const decisions = [
  { label: 'y', probability: 0.9, threshold: 0.5, isPredicted: true },
  { label: 'x', probability: 0.4, threshold: 0.3, isPredicted: true },
  { label: 'z', probability: 0.4, threshold: 0.5, isPredicted: false },
];
const predictionOf = (width: number): TextPrediction => ({
  tokenCount: 3,
  truncated: true,
  tasks: [
    { kind: 'classification', task: 'topic', labels },
    { kind: 'multiLabel', task: 'tags', labels: decisions },
    {
      kind: 'regression',
      task: 'size',
      values: [
        { name: 'width', value: width },
        { name: 'height', value: 2 },
      ],
    },
    {
      kind: 'tokenClassification',
      task: 'names',
      words: [],
      spans: [{ start: 0, end: 3, label: 'PER', probability: 0.8 }],
    },
  ],
});

test('each column gets its part of the prediction', () => {
  const { values, error } = valuesOf(columns, { text: 'Ada met', error: null }, predictionOf(1.5));
  expect(error).toBeNull();
  expect(values).toEqual([
    'b',
    0.75,
    labels,
    ['y', 'x'],
    [0.9, 0.4],
    decisions,
    1.5,
    2,
    [{ start: 0, end: 3, text: 'Ada', label: 'PER', probability: 0.8 }],
    true,
    null,
  ]);
});

test('a row without a prediction has its error alone', () => {
  expect(valuesOf(columns, { text: '', error: 'EMPTY_TEXT' }, null)).toEqual({
    values: [...Array(10).fill(null), 'EMPTY_TEXT'],
    error: 'EMPTY_TEXT',
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a number that is %s is an error: JSON has no such number',
  (width) => {
    expect(valuesOf(columns, { text: 'Ada met', error: null }, predictionOf(width))).toEqual({
      values: [...Array(10).fill(null), 'NON_FINITE'],
      error: 'NON_FINITE',
    });
  },
);
