import { describe, expect, test } from 'vitest';
import { categoryCount, categoryOf } from '../../../../src/protocol/feedback/categories.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../../src/protocol/feedback.js';

describe('categories', () => {
  const categories = (question: Parameters<typeof categoryOf>[0], values: FeedbackValue[]) =>
    values.map((value) => categoryOf(question, value)?.category ?? null);

  test('of a pair are its keys and two more, with the strength beside', () => {
    const question = { kind: 'pairwise', strengths: 3 } as const;
    const value: FeedbackValue = { kind: 'pairwise', outcome: 'preferred', preferred: 'b', strength: 2 };
    expect(categoryOf(question, value)).toEqual({ category: 'b', point: null, strength: 2 });
    const none = { kind: 'pairwise', preferred: null, strength: null } as const;
    expect(
      categories(question, [
        { ...none, outcome: 'bothGood' },
        { ...none, outcome: 'neither' },
      ]),
    ).toEqual([':BOTH_GOOD', ':NEITHER']);
    expect(categoryCount(question, { answers: [] })).toBe(4);
  });

  test('do not depend on the order in which labels, ties and spans were given', () => {
    const several: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y'], several: true };
    const [first, second] = categories(several, [
      { kind: 'labels', labels: ['y', 'x'] },
      { kind: 'labels', labels: ['x', 'y'] },
    ]);
    expect(first).toBe(second);
    const ranking = { kind: 'ranking', tiesAllowed: true } as const;
    const [tied, sameTie, otherOrder] = categories(ranking, [
      { kind: 'ranking', ranks: [['c'], ['b', 'a']] },
      { kind: 'ranking', ranks: [['c'], ['a', 'b']] },
      { kind: 'ranking', ranks: [['a', 'b'], ['c']] },
    ]);
    expect(tied).toBe(sameTie);
    expect(tied).not.toBe(otherOrder);
    const spans: FeedbackQuestion = { kind: 'spans', labels: ['A', 'B'] };
    const [here, there] = [
      { start: 0, end: 1, label: 'A' },
      { start: 0, end: 1, label: 'B' },
    ];
    const [one, other] = categories(spans, [
      { kind: 'spans', spans: [here!, there!] },
      { kind: 'spans', spans: [there!, here!] },
    ]);
    expect(one).toBe(other);
  });

  test('of a set of labels are not those of one label with the name of a set', () => {
    const several: FeedbackQuestion = { kind: 'labels', classes: ['x', '["x"]'], several: true };
    const [x, named] = categories(several, [
      { kind: 'labels', labels: ['x'] },
      { kind: 'labels', labels: ['["x"]'] },
    ]);
    expect(x).not.toBe(named);
  });

  test('are counted: orders with ties are ordered Bell numbers', () => {
    const answers = ['a', 'b', 'c'].map((key) => ({
      key,
      text: '',
      modelId: null,
      generationId: null,
      settings: null,
    }));
    expect(categoryCount({ kind: 'ranking', tiesAllowed: false }, { answers })).toBe(6);
    expect(categoryCount({ kind: 'ranking', tiesAllowed: true }, { answers })).toBe(13);
    expect(categoryCount({ kind: 'rating', from: 1, to: 5, labels: [] }, { answers: [] })).toBe(5);
    expect(categoryCount({ kind: 'labels', classes: ['a', 'b', 'c'], several: true }, { answers: [] })).toBe(8);
    expect(categoryCount({ kind: 'demonstration', minCharacters: 1 }, { answers: [] })).toBe(null);
  });
});
