import { describe, expect, test } from 'vitest';
import { columnsOf, type PromptFacts } from '../../../src/feedback/datasets/row-form.js';
import { rowsOfItem } from '../../../src/feedback/datasets/rows-of-item.js';
import type { ItemToDecide } from '../../../src/feedback/results/statistics/item-to-decide.js';
import { likelyAnswers } from '../../../src/feedback/results/statistics/likely.js';
import { namedPosteriors, posteriorsOf } from '../../../src/feedback/results/statistics/posteriors.js';
import type { FeedbackDatasetRules, FeedbackPolicy } from '../../../src/protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';
import { bothGood, itemContent, labels, neither, prefers } from '../../support/feedback-rows.js';

const majority: FeedbackPolicy = { kind: 'majority', ties: 'DROP' };
const allVotes: FeedbackPolicy = { kind: 'allVotes', repeated: false };
const adjudicated: FeedbackPolicy = { kind: 'adjudicated', undisputed: false };
const byPolicy = (policy: FeedbackPolicy, more: Partial<FeedbackDatasetRules> = {}): FeedbackDatasetRules => ({
  policy,
  leastAgreement: null,
  leastAnswers: 1,
  unpaired: false,
  correctionPairs: false,
  ...more,
});
const texts: PromptFacts = { any: true, all: true, areConversations: false };
const noPrompts: PromptFacts = { any: false, all: false, areConversations: false };

function item(content: ItemToDecide['content'], values: readonly FeedbackValue[], more: Partial<ItemToDecide> = {}) {
  const answers = values.map((value, i) => ({ userId: `person ${i}`, value }));
  return { id: 'i', content, adjudicated: null, answers, ...more } satisfies ItemToDecide;
}

const fitted = (question: FeedbackQuestion, items: Parameters<typeof posteriorsOf>[1]) =>
  namedPosteriors(question, posteriorsOf(question, items));

/** Rows with the columns that they are written with, and why there are none. */
function made(question: FeedbackQuestion, rules: FeedbackDatasetRules, asked: ItemToDecide, prompts = texts) {
  const posteriors =
    rules.policy.kind === 'posterior' ? fitted(question, [{ ...asked, known: asked.adjudicated }]) : null;
  const { rows, leftOut, overlappingSpans } = rowsOfItem({ question, rules, prompts, posteriors }, asked);
  const columns = columnsOf(question, rules, prompts).map(({ name }) => name);
  const own = columns.slice(0, columns.indexOf('agreement'));
  return {
    rows: rows.map((row) => Object.fromEntries([...own, 'agreement'].map((name) => [name, row[name]]))),
    leftOut,
    overlappingSpans,
  };
}

describe('pairs', () => {
  const question: FeedbackQuestion = { kind: 'pairwise', strengths: 3 };
  const content = itemContent({ prompt: 'why?', answers: ['first', 'second'] });

  test('become the chosen and the rejected answer, with the mean strength of those who agree', () => {
    const { rows } = made(
      question,
      byPolicy(majority),
      item(content, [prefers('b', 3), prefers('a', 1), prefers('b', 2)]),
    );
    expect(rows).toEqual([{ prompt: 'why?', chosen: 'second', rejected: 'first', strength: 2.5, agreement: 2 / 3 }]);
  });

  test('that a reward model judged in place of people are rows where that is asked for, with how sure it was', () => {
    const modelJudgement = { modelId: 'm', preferred: 'b', gap: 0.5, probability: 0.7 };
    const asked = item(content, [], { modelJudgement });
    expect(made(question, byPolicy(majority), asked)).toMatchObject({ rows: [], leftOut: ['TOO_FEW_ANSWERS'] });
    const withModels = { modelJudgements: true };
    expect(made(question, byPolicy(majority, { ...withModels, leastAnswers: 2 }), asked).rows).toEqual([
      { prompt: 'why?', chosen: 'second', rejected: 'first', strength: null, agreement: null },
    ]);
    const by = { policy: { kind: 'posterior', atLeast: 0.9 }, leastAgreement: null, leastAnswers: 1 } as const;
    const rules = { ...by, unpaired: false, correctionPairs: false, ...withModels };
    const { rows } = rowsOfItem({ question, rules, prompts: texts, posteriors: null }, asked);
    expect(rows).toMatchObject([{ chosen: 'second', chosenProbability: 0.7, probability: 0.7, answerCount: 0 }]);
    const unpaired = made(question, byPolicy(majority, { ...withModels, unpaired: true }), asked).rows;
    expect(unpaired.map(({ completion, label }) => [completion, label])).toEqual([
      ['second', true],
      ['first', false],
    ]);
    // What a person says, or decides, stands above it.
    expect(
      made(question, byPolicy(majority, withModels), item(content, [prefers('a')], { modelJudgement })).rows,
    ).toEqual([expect.objectContaining({ chosen: 'first' })]);
    const decided = item(content, [], { modelJudgement, adjudicated: prefers('a') });
    expect(made(question, byPolicy(majority, withModels), decided).rows).toMatchObject([{ chosen: 'first' }]);
  });

  test('that are tied are left out, or kept in both directions with half the weight', () => {
    const tied = item(content, [prefers('a'), prefers('b')]);
    expect(made(question, byPolicy(majority), tied)).toMatchObject({ rows: [], leftOut: ['TIED'] });
    const { rows } = made(question, byPolicy({ kind: 'majority', ties: 'KEEP_ALL' }), tied);
    expect(rows.map(({ chosen, weight }) => [chosen, weight])).toEqual([
      ['first', 0.5],
      ['second', 0.5],
    ]);
  });

  test('by all votes have a row for each direction, weighted by its share; ties have none', () => {
    const asked = item(content, [prefers('b'), prefers('a'), prefers('b'), bothGood]);
    const { rows } = made(question, byPolicy(allVotes), asked);
    expect(rows.map(({ chosen, weight }) => [chosen, weight])).toEqual([
      ['first', 0.25],
      ['second', 0.5],
    ]);
    const each = made(question, byPolicy({ kind: 'allVotes', repeated: true }), asked).rows;
    expect(each.map(({ chosen }) => chosen)).toEqual(['first', 'second', 'second']);
    expect(each[0]).not.toHaveProperty('weight');
  });

  test('by the posterior have P(a ≻ b) as a soft label, and fall below its threshold', () => {
    const asked = item(content, [prefers('a'), prefers('a'), prefers('b')]);
    const probabilities = fitted(question, [{ ...asked, known: null }]).of('i', 0)!;
    const [first, second] = [probabilities.get('FIRST')!, probabilities.get('SECOND')!];
    const { rows } = made(question, byPolicy({ kind: 'posterior', atLeast: 0.3 }), asked);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.chosenProbability).toBeCloseTo(Math.max(first, second) / (first + second), 12);
    expect(rows[0]!.chosenProbability as number).toBeGreaterThan(0.5);
    const sure = byPolicy({ kind: 'posterior', atLeast: 1 });
    expect(made(question, sure, item(content, [prefers('a'), prefers('b')])).leftOut).toEqual(['NOT_SURE_ENOUGH']);
    const any = byPolicy({ kind: 'posterior', atLeast: 0 });
    for (const tied of [
      [prefers('a'), prefers('b')],
      [prefers('b'), prefers('a'), prefers('a'), prefers('b')],
    ]) {
      expect(made(question, any, item(content, tied))).toMatchObject({ rows: [], leftOut: ['TIED'] });
    }
  });

  test('without a preference are left out, or two judged answers', () => {
    expect(made(question, byPolicy(majority), item(content, [neither])).leftOut).toEqual(['NO_PREFERENCE']);
    const unpaired = byPolicy(majority, { unpaired: true });
    const of = (value: FeedbackValue) =>
      made(question, unpaired, item(content, [value])).rows.map(({ completion, label, outcome }) => [
        completion,
        label,
        outcome,
      ]);
    expect(of(neither)).toEqual([
      ['first', false, 'NEITHER'],
      ['second', false, 'NEITHER'],
    ]);
    expect(of(bothGood)).toEqual([
      ['first', true, 'BOTH_GOOD'],
      ['second', true, 'BOTH_GOOD'],
    ]);
    expect(of(prefers('b'))).toEqual([
      ['second', true, 'PREFERRED'],
      ['first', false, 'PREFERRED'],
    ]);
  });

  test('are as they were adjudicated, under every policy but all votes', () => {
    const asked = item(content, [prefers('a'), prefers('a')], { adjudicated: prefers('b', 3) });
    expect(made(question, byPolicy(majority), asked).rows).toMatchObject([
      { chosen: 'second', strength: 3, agreement: 0 },
    ]);
    expect(made(question, byPolicy(adjudicated), asked).rows).toMatchObject([{ chosen: 'second' }]);
    expect(made(question, byPolicy({ kind: 'posterior', atLeast: 0.9 }), asked).rows).toMatchObject([
      { chosen: 'second', chosenProbability: 1 },
    ]);
    expect(made(question, byPolicy(allVotes), asked).rows).toMatchObject([{ chosen: 'first', weight: 1 }]);
    const open = item(content, [prefers('a')]);
    expect(made(question, byPolicy(adjudicated), open).leftOut).toEqual(['NOT_ADJUDICATED']);
    const undisputed = byPolicy({ kind: 'adjudicated', undisputed: true });
    expect(made(question, undisputed, open).rows).toMatchObject([{ chosen: 'first', agreement: 1 }]);
    expect(made(question, undisputed, item(content, [prefers('a'), prefers('b')])).leftOut).toEqual([
      'NOT_ADJUDICATED',
    ]);
  });

  test('with too few answers, or too little agreement, are left out', () => {
    const asked = item(content, [prefers('a'), prefers('a'), prefers('b')]);
    expect(made(question, byPolicy(majority, { leastAnswers: 4 }), asked).leftOut).toEqual(['TOO_FEW_ANSWERS']);
    expect(made(question, byPolicy(majority, { leastAgreement: 0.7 }), asked).leftOut).toEqual([
      'TOO_LITTLE_AGREEMENT',
    ]);
    expect(made(question, byPolicy(majority, { leastAgreement: 0.66 }), asked).leftOut).toEqual([]);
  });

  test('to a conversation are messages', () => {
    const turns = [{ role: 'user', content: 'why?' }];
    const asked = item(itemContent({ prompt: turns, answers: ['first', 'second'] }), [prefers('a')]);
    expect(made(question, byPolicy(majority), asked, { ...texts, areConversations: true }).rows).toMatchObject([
      { prompt: turns, chosen: [{ role: 'assistant', content: 'first' }] },
    ]);
  });
});

test('a ranking is decided pair by pair, and is as strong as ranks are apart', () => {
  const question: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
  const content = itemContent({ prompt: 'p', answers: ['A', 'B', 'C'] });
  const ranks = (...each: string[][]): FeedbackValue => ({ kind: 'ranking', ranks: each });
  const asked = item(content, [ranks(['c'], ['a'], ['b']), ranks(['c'], ['a', 'b']), ranks(['a'], ['c'], ['b'])]);
  const { rows, leftOut } = made(question, byPolicy(majority), asked);
  expect(rows.map(({ chosen, rejected, strength, agreement }) => [chosen, rejected, strength, agreement])).toEqual([
    ['A', 'B', 1.5, 2 / 3],
    ['C', 'A', 1, 2 / 3],
    ['C', 'B', 4 / 3, 1],
  ]);
  expect(leftOut).toEqual([]);
});

describe('labels', () => {
  const one: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y', 'z'], several: false };
  const several: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y', 'z'], several: true };
  const content = itemContent({ text: 'T' });

  test('by the posterior have the probabilities of all classes', () => {
    const asked = item(content, [labels('x'), labels('x'), labels('y')]);
    const { rows } = made(one, byPolicy({ kind: 'posterior', atLeast: 0 }), asked, noPrompts);
    expect(rows).toMatchObject([{ text: 'T', label: 'x' }]);
    const probabilities = rows[0]!.labelProbabilities as Record<string, number>;
    expect(Object.keys(probabilities)).toEqual(['x', 'y', 'z']);
    expect(rows[0]!.probability).toBe(probabilities.x);
    expect(Object.values(probabilities).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  });

  test('of which there may be several are decided one by one', () => {
    const asked = item(content, [labels('x', 'y'), labels('x'), labels('x', 'y', 'z')]);
    expect(made(several, byPolicy(majority), asked, noPrompts).rows).toEqual([
      { text: 'T', labels: ['x', 'y'], agreement: 2 / 3 },
    ]);
    const tied = item(content, [labels('x', 'y'), labels('x')]);
    expect(made(several, byPolicy(majority), tied, noPrompts).leftOut).toEqual(['TIED']);
    const kept = made(several, byPolicy({ kind: 'majority', ties: 'KEEP_ALL' }), tied, noPrompts);
    expect(kept.rows).toMatchObject([{ labels: ['x', 'y'], agreement: 0.5 }]);
    const votes = made(several, byPolicy(allVotes), tied, noPrompts).rows;
    expect(votes.map((row) => [row.labels, row.weight])).toEqual([
      [['x', 'y'], 0.5],
      [['x'], 0.5],
    ]);
  });
});

test('ratings are the mean, the median, or the most frequent point', () => {
  const question: FeedbackQuestion = { kind: 'rating', from: 1, to: 5, labels: [] };
  const asked = item(
    itemContent({ text: 'T' }),
    [1, 1, 4, 5].map((rating) => ({ kind: 'rating', rating })),
  );
  const rating = (policy: FeedbackPolicy) => made(question, byPolicy(policy), asked, noPrompts).rows[0]!;
  expect(rating({ kind: 'scale', statistic: 'MEAN' })).toEqual({ text: 'T', rating: 2.75, agreement: 0.5 });
  expect(rating({ kind: 'scale', statistic: 'MEDIAN' })).toMatchObject({ rating: 2.5 });
  expect(rating(majority)).toMatchObject({ rating: 1 });
});

describe('spans', () => {
  const question: FeedbackQuestion = { kind: 'spans', labels: ['P', 'L'] };
  const content = itemContent({ text: 'Ada met Bo in Rome.' });
  const span = (start: number, end: number, label: string) => ({ start, end, label });
  const marked = (...spans: ReturnType<typeof span>[]): FeedbackValue => ({ kind: 'spans', spans });

  test('that more than half marked are tagged, by words that do not depend on them', () => {
    const asked = item(content, [
      marked(span(0, 3, 'P'), span(14, 18, 'L')),
      marked(span(0, 3, 'P'), span(8, 10, 'P')),
      marked(span(0, 3, 'P'), span(14, 18, 'L')),
    ]);
    expect(made(question, byPolicy(majority), asked, noPrompts).rows).toEqual([
      {
        text: 'Ada met Bo in Rome.',
        tokens: ['Ada', 'met', 'Bo', 'in', 'Rome', '.'],
        tags: ['B-P', 'O', 'O', 'O', 'B-L', 'O'],
        spans: [span(0, 3, 'P'), span(14, 18, 'L')],
        agreement: 2 / 3,
      },
    ]);
  });

  test.each(['DROP', 'KEEP_ALL'] as const)('that half marked are none, where ties are %s', (ties) => {
    const asked = item(content, [marked(span(0, 3, 'P'), span(14, 18, 'L')), marked(span(0, 3, 'P'))]);
    const policy: FeedbackPolicy = { kind: 'majority', ties };
    expect(made(question, byPolicy(policy), asked, noPrompts)).toMatchObject({
      rows: [{ tags: ['B-P', 'O', 'O', 'O', 'O', 'O'], spans: [span(0, 3, 'P')], agreement: 0.5 }],
      leftOut: [],
    });
    const sure = byPolicy(policy, { leastAgreement: 0.6 });
    expect(made(question, sure, asked, noPrompts).leftOut).toEqual(['TOO_LITTLE_AGREEMENT']);
  });

  test('of which nobody marked one are a row of words outside', () => {
    const { rows } = made(question, byPolicy(majority), item(content, [marked(), marked()]), noPrompts);
    expect(rows).toMatchObject([{ tags: ['O', 'O', 'O', 'O', 'O', 'O'], agreement: 1 }]);
  });

  test('that overlap are one, and the others are counted', () => {
    const asked = item(content, [marked(span(0, 7, 'P'), span(0, 3, 'P'))]);
    const { rows, overlappingSpans } = made(question, byPolicy(majority), asked, noPrompts);
    expect(rows).toMatchObject([{ tags: ['B-P', 'I-P', 'O', 'O', 'O', 'O'] }]);
    expect(overlappingSpans).toBe(1);
  });
});

test('corrections are texts and better texts, or pairs; an unchanged text is no pair', () => {
  const question: FeedbackQuestion = { kind: 'correction', mayBeUnchanged: true };
  const asked = (text: string) => item(itemContent({ text: 'teh' }), [{ kind: 'correction', text }]);
  expect(made(question, byPolicy(allVotes), asked('the'), noPrompts).rows).toMatchObject([
    { input: 'teh', output: 'the' },
  ]);
  const pairs = byPolicy(allVotes, { correctionPairs: true });
  expect(made(question, pairs, asked('the'), noPrompts).rows).toMatchObject([{ chosen: 'the', rejected: 'teh' }]);
  expect(made(question, pairs, asked('teh'), noPrompts).leftOut).toEqual(['NO_PREFERENCE']);
});

test('demonstrations answer the prompt, in a conversation as its last message', () => {
  const question: FeedbackQuestion = { kind: 'demonstration', minCharacters: 1 };
  const value: FeedbackValue = { kind: 'demonstration', text: 'so' };
  const written = (prompt: string | { role: string; content: string }[], prompts: PromptFacts) =>
    made(question, byPolicy(allVotes), item(itemContent({ prompt }), [value]), prompts).rows[0];
  expect(written('why?', texts)).toMatchObject({ prompt: 'why?', completion: 'so' });
  const messages = [
    { role: 'user', content: 'why?' },
    { role: 'assistant', content: 'so' },
  ];
  const chat = { ...texts, areConversations: true };
  expect(written([messages[0]!], chat)).toMatchObject({ messages });
  expect(written('why?', chat)).toMatchObject({ messages });
});

test('thumbs are judged answers, with the reasons of those who agree', () => {
  const question: FeedbackQuestion = { kind: 'thumbs', reasonRequired: false };
  const thumb = (up: boolean, reason: string | null): FeedbackValue => ({ kind: 'thumbs', up, reason });
  const asked = item(itemContent({ prompt: 'p', answers: ['A'] }), [
    thumb(false, 'rude'),
    thumb(true, 'short'),
    thumb(false, 'wrong'),
  ]);
  expect(made(question, byPolicy(majority), asked).rows).toEqual([
    { prompt: 'p', completion: 'A', label: false, reason: 'rude\nwrong', agreement: 2 / 3 },
  ]);
});

test('posteriors are those of the likely answers, and gold teaches them how people err', () => {
  const question: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y', 'z'], several: false };
  const said = [
    ['x', 'x', 'y'],
    ['x', 'y', 'y'],
    ['z', 'z', 'x'],
    ['y', 'z', 'y'],
  ];
  const known = [null, labels('y'), null, null];
  const items = said.map((names, i) => ({
    id: `item ${i}`,
    content: itemContent({ text: `T${i}` }),
    known: known[i]!,
    answers: names.map((name, person) => ({ userId: `person ${person}`, value: labels(name) })),
  }));
  const found = fitted(question, items);
  const votes = items.flatMap(({ id, answers, known: decided }) =>
    answers.map(({ userId, value }) => ({
      item: id,
      person: userId,
      category: (value as { labels: string[] }).labels[0]!,
      firstKey: null,
      secondKey: null,
      known: decided,
      isGold: decided !== null,
    })),
  );
  const likely = likelyAnswers(question, votes, null).items;
  expect(likely).toHaveLength(3);
  for (const { item: id, category, probability } of likely) {
    expect(found.of(id, 0)!.get(category!)).toBeCloseTo(probability, 12);
  }
  const untaught = fitted(
    question,
    items.map((each) => ({ ...each, known: null })),
  );
  expect(untaught.of('item 3', 0)!.get('y')).not.toBeCloseTo(found.of('item 3', 0)!.get('y')!, 6);
});
