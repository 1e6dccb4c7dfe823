import { expect, test } from 'vitest';
import { resultColumns } from '../../../src/protocol/batch-prediction.js';
import type { ModelHead } from '../../../src/protocol/heads.js';

const heads: ModelHead[] = [
  { kind: 'classification', task: 'topic', labels: ['a', 'b'] },
  { kind: 'multiLabel', task: 'tags', labels: ['a', 'b'], thresholds: [0.5, 0.5] },
  { kind: 'regression', task: 'stars', outputs: ['stars'], means: [0], scales: [1] },
  { kind: 'regression', task: 'size', outputs: ['width', 'height'], means: [0, 0], scales: [1, 1] },
  { kind: 'tokenClassification', task: 'names', labels: ['B-PER', 'O'], scheme: 'iob2' },
];
const plain = { taken: [], withSplit: false, withProbabilities: false };

test('each head adds its columns, in the order of the heads; the row as a whole adds two', () => {
  expect(resultColumns(heads, plain).map(({ name, content, task, output }) => [name, content, task, output])).toEqual([
    ['predicted_topic', 'label', 'topic', null],
    ['predicted_topic_probability', 'probability', 'topic', null],
    ['predicted_tags', 'labels', 'tags', null],
    ['predicted_tags_probability', 'labelProbabilities', 'tags', null],
    ['predicted_stars', 'number', 'stars', 0],
    ['predicted_size_width', 'number', 'size', 0],
    ['predicted_size_height', 'number', 'size', 1],
    ['predicted_names', 'spans', 'names', null],
    ['prediction_truncated', 'truncated', null, null],
    ['prediction_error', 'error', null, null],
  ]);
});

test('probabilities of all labels, and the split, are added where they are wanted', () => {
  const wanted = { taken: [], withSplit: true, withProbabilities: true };
  const added = resultColumns(heads, wanted).filter(
    ({ name }) => !resultColumns(heads, plain).some((each) => each.name === name),
  );
  expect(added.map(({ name, content }) => [name, content])).toEqual([
    ['split', 'split'],
    ['predicted_topic_probabilities', 'allLabels'],
    ['predicted_tags_probabilities', 'allDecisions'],
  ]);
});

test('no name is that of another column, whatever the case of its letters', () => {
  const taken = ['Split', 'PREDICTED_topic', 'predicted_topic_2', 'prediction_error'];
  const names = resultColumns([heads[0]!], { ...plain, taken, withSplit: true }).map(({ name }) => name);
  expect(names).toEqual([
    'split_2',
    'predicted_topic_3',
    'predicted_topic_probability',
    'prediction_truncated',
    'prediction_error_2',
  ]);
  // A task may be called as what another one adds.
  const clash: ModelHead[] = ['x', 'x_probability'].map((task) => ({ ...heads[0]!, task }) as ModelHead);
  const all = resultColumns(clash, plain).map(({ name }) => name);
  expect(all).toEqual([
    'predicted_x',
    'predicted_x_probability',
    'predicted_x_probability_2',
    'predicted_x_probability_probability',
    'prediction_truncated',
    'prediction_error',
  ]);
});
