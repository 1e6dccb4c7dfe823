import { expect, test } from 'vitest';
import { resolveLabels } from '../../../src/experiments/heads/labels.js';

const problemsWith = (
  train: readonly string[],
  validation: readonly string[] = train.slice(0, 1),
  refusesUnknown = false,
) => {
  const inSplit = (split: string) => (label: string) => ({ split, label, count: 1 });
  const labels = { mood: [...train.map(inSplit('train')), ...validation.map(inSplit('validation'))] };
  const splits = { train: 'train', validation: 'validation', refusesUnknown };
  return resolveLabels('mood', { labelled: {}, labels, splitsWithLists: {} }, splits, 'classification', ['column'])
    .problems;
};

test.each<[string, string[]]>([
  ['words that objects of JavaScript know', ['__proto__', 'constructor', 'toString']],
  ['signs, and nothing', ['', ',', '🙂', '\'"\\']],
  ['500 characters', ['x'.repeat(500), 'y'.repeat(500)]],
])('labels may be %s', (_, labels) => {
  expect(problemsWith(labels)).toEqual([]);
});

// The database can not store what they would be part of.
test('no label has a NUL', () => {
  expect(problemsWith(['a', 'b\0c'])).toMatchObject([
    { path: ['column'], code: 'INVALID_VALUE', message: expect.stringContaining('“b␀c”') },
  ]);
});

test('of long labels the beginning is told', () => {
  const long = 'x'.repeat(10_000);
  const [tooLong, unknown] = problemsWith(['a', 'b', long], [`y${long}`]);
  expect(tooLong).toMatchObject({
    code: 'TOO_LONG',
    message: expect.stringContaining(`10000 characters, “${'x'.repeat(40)}…”`),
  });
  expect(unknown).toMatchObject({ code: 'UNKNOWN_LABEL', message: expect.stringContaining(`“y${'x'.repeat(39)}…”`) });
});

test('labels that training lacks are a problem on request, or if there are no others', () => {
  expect(problemsWith(['a', 'b'], ['a', 'c'])).toEqual([]);
  expect(problemsWith(['a', 'b'], ['a', 'c'], true)).toMatchObject([
    { code: 'UNKNOWN_LABEL', message: expect.stringContaining('has labels that “train” does not have: “c”') },
  ]);
  expect(problemsWith(['a', 'b'], ['c', 'd'])).toMatchObject([
    { code: 'UNKNOWN_LABEL', message: expect.stringContaining('has only labels that “train” does not have: “c”, “d”') },
  ]);
});

test.each<[string, string[], string]>([
  [
    'numbers',
    Array.from({ length: 1001 }, (_, i) => String(i / 8)),
    'head: { regression: { targetColumns: ["mood"] } }',
  ],
  ['texts', Array.from({ length: 1001 }, (_, i) => `text ${i}`), 'Texts and identifiers are not labels.'],
])('of more labels than a head may have, %s are told what they are', (_, labels, hint) => {
  expect(problemsWith(labels)).toMatchObject([{ code: 'TOO_MANY_LABELS', hint: expect.stringContaining(hint) }]);
});

test.each<[string, string[], string[], string]>([
  ['numbers', ['1.5', '1.5', '2', '2'], ['3.25'], 'head: { regression: { targetColumns: ["mood"] } }'],
  ['different values', ['id 1', 'id 2', 'id 3'], ['id 4'], 'nearly all different, as texts and identifiers are'],
  ['classes', ['sad', 'sad', 'glad', 'glad'], ['calm'], 'stratify the splits by this column'],
])('labels that training lacks: what to do about %s', (_, train, validation, hint) => {
  expect(problemsWith(train, validation)).toMatchObject([
    { code: 'UNKNOWN_LABEL', hint: expect.stringContaining(hint) },
  ]);
});
