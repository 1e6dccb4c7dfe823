import { expect, test } from 'vitest';
import { likelyAnswers, type VotedAnswer } from '../../../src/feedback/results/statistics/likely.js';
import { type JudgedItem, posteriorsOf } from '../../../src/feedback/results/statistics/posteriors.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';

/** Where one person says something of an item, and nobody else, nothing tells how people err. */

const question: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y'], several: false };
const said = (label: string): FeedbackValue => ({ kind: 'labels', labels: [label] });

const vote = (item: number, person: string, category: string, known: FeedbackValue | null = null): VotedAnswer => ({
  item: `item ${item}`,
  person,
  category,
  firstKey: null,
  secondKey: null,
  known,
  isGold: known !== null,
});

/** Of 40 items ann says x of all of hers, bob x of three in four: 35 x and 5 y. */
const single = Array.from({ length: 40 }, (_, i) =>
  vote(i, i % 2 ? 'ann' : 'bob', i % 2 === 0 && i % 8 === 0 ? 'y' : 'x'),
);

test('the likely answer is what was said, and no model overrules it, until half of the items have two answers', () => {
  const { method, items } = likelyAnswers(question, single, null);
  expect(method).toBe('MAJORITY');
  expect(items.map(({ category }) => category)).toEqual(single.map(({ category }) => category));
  // Dawid and Skene's model takes the seldom label for bob's errors.
  const modelled = likelyAnswers(question, single, 'ONE_COIN').items;
  expect(modelled.filter(({ category }) => category === 'y')).toEqual([]);

  const second = (count: number) =>
    single.slice(0, count).map(({ item, category }) => ({ ...vote(0, 'cleo', category), item }));
  expect(likelyAnswers(question, [...single, ...second(19)], null).method).toBe('MAJORITY');
  expect(likelyAnswers(question, [...single, ...second(20)], null).method).toBe('CONFUSION');
  // What is known of a few items is not enough either.
  const gold = [vote(50, 'ann', 'x', said('x')), vote(51, 'bob', 'x', said('y'))];
  expect(likelyAnswers(question, [...single, ...gold], null).method).toBe('MAJORITY');
});

test('posteriors are refused, with what to do, until an item has two answers or is known', () => {
  const items = single.map(
    ({ item, person, category }): JudgedItem => ({
      id: item,
      content: { answers: [] },
      known: null,
      answers: [{ userId: person, value: said(category) }],
    }),
  );
  expect(() => posteriorsOf(question, items)).toThrow(
    expect.objectContaining({
      path: ['policy', 'posterior'],
      code: 'INVALID_VALUE',
      hint: 'Take `majority`, ask at least two people about each item, or add gold items.',
    }),
  );
  const [first, ...others] = items;
  const twice = { ...first!, answers: [...first!.answers, { userId: 'cleo', value: said('x') }] };
  for (const one of [twice, { ...first!, known: said('x') }]) {
    expect(posteriorsOf(question, [one, ...others]).items).toHaveLength(40);
  }
  expect(posteriorsOf(question, []).items).toEqual([]);
});
