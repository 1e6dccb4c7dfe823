import { expect, test } from 'vitest';
import { checkContent } from '../../../../src/protocol/feedback/check-content.js';
import { checkQuestion } from '../../../../src/protocol/feedback/check-question.js';
import type { FeedbackItemContent, FeedbackQuestion } from '../../../../src/protocol/feedback.js';

const empty: FeedbackItemContent = { prompt: null, text: null, answers: [], row: null, group: 'g' };
const answer = (key: string, text = `text of ${key}`) => ({
  key,
  text,
  modelId: null,
  generationId: null,
  settings: null,
});
const codes = (found: readonly { readonly path: readonly string[]; readonly code: string }[]): string[] =>
  found.map(({ path, code }) => `${path.join('.')}: ${code}`);
const contentProblems = (question: FeedbackQuestion, content: Partial<FeedbackItemContent>): string[] =>
  codes(checkContent(question, { ...empty, ...content }));

test('a comparison is of two answers with keys of their own', () => {
  const question: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
  expect(contentProblems(question, { answers: [answer('a'), answer('b')] })).toEqual([]);
  expect(contentProblems(question, { answers: [answer('a')] })).toEqual(['answers: REQUIRED']);
  expect(contentProblems(question, { answers: [answer('a'), answer('a', 'b')] })).toEqual([
    'answers.1.key: INVALID_VALUE',
  ]);
  expect(contentProblems(question, { answers: [answer(':NEITHER'), answer('b')] })).toEqual([
    'answers.0.key: INVALID_VALUE',
  ]);
});

test('answers that are compared differ', () => {
  const same = [answer('a', 'Yes.'), answer('b', 'Yes.')];
  expect(contentProblems({ kind: 'pairwise', strengths: 1 }, { answers: same })).toEqual([
    'answers.1.text: INVALID_VALUE',
  ]);
  const ranking: FeedbackQuestion = { kind: 'ranking', tiesAllowed: false };
  expect(contentProblems(ranking, { answers: [answer('x'), ...same] })).toEqual(['answers.2.text: INVALID_VALUE']);
  expect(contentProblems(ranking, { answers: [answer('x'), answer('y'), answer('z', 'Yes.')] })).toEqual([]);
});

test('a question about one text needs exactly one, which is not empty', () => {
  for (const question of [
    { kind: 'thumbs', reasonRequired: false },
    { kind: 'rating', from: 1, to: 5, labels: [] },
    { kind: 'labels', classes: ['a', 'b'], several: false },
    { kind: 'spans', labels: ['a'] },
    { kind: 'correction', mayBeUnchanged: false },
  ] satisfies FeedbackQuestion[]) {
    expect(contentProblems(question, { text: 'text' })).toEqual([]);
    expect(contentProblems(question, { answers: [answer('a')] })).toEqual([]);
    expect(contentProblems(question, {})).toEqual(['text: REQUIRED']);
    expect(contentProblems(question, { text: '' })).toEqual(['text: REQUIRED']);
    expect(contentProblems(question, { answers: [answer('a', '')] })).toEqual(['answers.0.text: REQUIRED']);
    expect(contentProblems(question, { answers: [answer('a'), answer('b')] })).toEqual(['text: REQUIRED']);
    expect(contentProblems(question, { text: 'text', answers: [answer('a')] })).toEqual(['answers: INVALID_VALUE']);
  }
});

test('whoever writes an answer needs a prompt, whose messages have roles', () => {
  const question: FeedbackQuestion = { kind: 'demonstration', minCharacters: 1 };
  const messages = [{ role: ' ', content: 'Hello' }];
  expect(contentProblems(question, { prompt: { kind: 'text', text: 'Hello' } })).toEqual([]);
  expect(contentProblems(question, {})).toEqual(['prompt: REQUIRED']);
  expect(contentProblems(question, { prompt: { kind: 'messages', messages } })).toEqual([
    'prompt.messages.0.role: REQUIRED',
  ]);
});

test('texts that are too long are told with their place', () => {
  const long = 'x'.repeat(100_001);
  expect(contentProblems({ kind: 'pairwise', strengths: 1 }, { answers: [answer('a'), answer('b', long)] })).toEqual([
    'answers.1.text: TOO_LONG',
  ]);
});

test('a scale has at least two points, and a label for each or none', () => {
  const rating = (from: number, to: number, labels: string[] = []): FeedbackQuestion => ({
    kind: 'rating',
    from,
    to,
    labels,
  });
  expect(codes(checkQuestion(rating(1, 5)))).toEqual([]);
  expect(codes(checkQuestion(rating(1, 2, ['bad', 'good'])))).toEqual([]);
  expect(codes(checkQuestion(rating(1, 1)))).toEqual(['rating.to: INVALID_VALUE']);
  expect(codes(checkQuestion(rating(0, 101)))).toEqual(['rating.to: INVALID_VALUE']);
  expect(codes(checkQuestion(rating(1, 3, ['bad', 'good'])))).toEqual(['rating.labels: INVALID_VALUE']);
  expect(codes(checkQuestion(rating(1, 2, ['same', 'same'])))).toEqual(['rating.labels.1: INVALID_VALUE']);
});

test('classes are at least two, different and not empty', () => {
  const labels = (...classes: string[]): FeedbackQuestion => ({ kind: 'labels', classes, several: false });
  expect(codes(checkQuestion(labels('a', 'b')))).toEqual([]);
  expect(codes(checkQuestion(labels('a')))).toEqual(['labels.classes: INVALID_VALUE']);
  expect(codes(checkQuestion(labels('a', 'b', 'a', ' ')))).toEqual([
    'labels.classes.2: INVALID_VALUE',
    'labels.classes.3: REQUIRED',
  ]);
  expect(codes(checkQuestion({ kind: 'pairwise', strengths: 6 }))).toEqual(['pairwise.strengths: INVALID_VALUE']);
});
