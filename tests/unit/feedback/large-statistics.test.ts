import { expect, test } from 'vitest';
import { likelyAnswers, type VotedAnswer } from '../../../src/feedback/results/statistics/likely.js';
import { type JudgedItem, posteriorsOf } from '../../../src/feedback/results/statistics/posteriors.js';
import type { FeedbackQuestion } from '../../../src/protocol/feedback.js';
import { measureAnnotators } from '../../../src/statistics/annotators/measure-annotators.js';

const classes = Array.from({ length: 500 }, (_, i) => `class ${i}`);

test('probabilities of more items and categories than fit are refused with their numbers, and the majority is not', () => {
  const question: FeedbackQuestion = { kind: 'labels', classes, several: false };
  const votes = Array.from({ length: 50_001 }, (_, i): VotedAnswer => {
    const own = { firstKey: null, secondKey: null, known: null, isGold: false };
    return { item: `item ${i}`, person: `person ${i % 7}`, category: classes[i % 500]!, ...own };
  });
  expect(() => likelyAnswers(question, votes, 'ONE_COIN')).toThrow(
    '50001 units with 500 categories have 25000500 probabilities; at most 25000000 are computed.',
  );
  expect(likelyAnswers(question, votes, 'MAJORITY').items).toHaveLength(50_001);
});

test('votes on more pairs than a model is fitted to are refused before they are made', () => {
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const content = {
    answers: keys.map((key) => ({ key, text: '', modelId: null, generationId: null, settings: null })),
  };
  const value = { kind: 'ranking' as const, ranks: keys.map((key) => [key]) };
  const answers = Array.from({ length: 100 }, (_, i) => ({ userId: `person ${i}`, value }));
  const items = Array.from({ length: 211 }, (_, i): JudgedItem => ({ id: `item ${i}`, content, known: null, answers }));
  expect(() => posteriorsOf({ kind: 'ranking', tiesAllowed: false }, items)).toThrow(
    '4009000 votes are too many for a model of how people err: it is fitted to at most 4000000.',
  );
});

test('people are measured in time that does not grow with the number of different answers', () => {
  // With an array of counts for each person and each item, this would be 80 billion numbers.
  const answers = Array.from({ length: 200_000 }, (_, i) => ({
    unit: `item ${i >> 1}`,
    annotator: `person ${i % 400}`,
    label: i < 2 ? 'same' : `span ${i}`,
  }));
  const found = measureAnnotators(answers);
  expect(found).toHaveLength(400);
  expect(found[0]!.agreement).toMatchObject({ share: 1 / 500, pairCount: 500, unitCount: 500 });
  expect(found[2]!.agreement).toMatchObject({ share: 0, pairCount: 500, unitCount: 500 });
});
