import { describe, expect, test } from 'vitest';
import { checkValue } from '../../../../src/protocol/feedback/check-value.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../../src/protocol/feedback.js';

const answer = (key: string) => ({ key, text: `text of ${key}`, modelId: null, generationId: null, settings: null });
const pair = { text: null, answers: [answer('a'), answer('b')] };
const three = { text: null, answers: [answer('a'), answer('b'), answer('c')] };
const smile = { text: 'I 😀 you', answers: [] };

/** `path: CODE` of each problem. */
function problemsOf(question: FeedbackQuestion, content: typeof pair | typeof smile, value: FeedbackValue): string[] {
  return checkValue(question, content, value).map(({ path, code }) => `${path.join('.')}: ${code}`);
}

describe('an answer about a pair', () => {
  const question: FeedbackQuestion = { kind: 'pairwise', strengths: 3 };
  const preferred = (key: string | null, strength: number | null): FeedbackValue => ({
    kind: 'pairwise',
    outcome: 'preferred',
    preferred: key,
    strength,
  });

  test('names one of the two answers, and how much better it is', () => {
    expect(problemsOf(question, pair, preferred('b', 3))).toEqual([]);
    expect(problemsOf(question, pair, preferred('c', 4))).toEqual([
      'pairwise.preferred: INVALID_VALUE',
      'pairwise.strength: INVALID_VALUE',
    ]);
    expect(problemsOf(question, pair, preferred(null, null))).toEqual([
      'pairwise.preferred: REQUIRED',
      'pairwise.strength: REQUIRED',
    ]);
  });

  test('needs no strength where there is only one', () => {
    expect(problemsOf({ kind: 'pairwise', strengths: 1 }, pair, preferred('a', null))).toEqual([]);
    expect(problemsOf({ kind: 'pairwise', strengths: 1 }, pair, preferred('a', 2))).toEqual([
      'pairwise.strength: INVALID_VALUE',
    ]);
  });

  test('prefers none where both are good, or neither', () => {
    for (const outcome of ['bothGood', 'neither'] as const) {
      const value: FeedbackValue = { kind: 'pairwise', outcome, preferred: null, strength: null };
      expect(problemsOf(question, pair, value)).toEqual([]);
      expect(problemsOf(question, pair, { ...value, preferred: 'a', strength: 1 })).toEqual([
        'pairwise.preferred: INVALID_VALUE',
        'pairwise.strength: INVALID_VALUE',
      ]);
    }
  });
});

describe('a ranking', () => {
  const ranking = (ranks: string[][]): FeedbackValue => ({ kind: 'ranking', ranks });

  test('has every answer once', () => {
    const question: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
    expect(problemsOf(question, three, ranking([['c'], ['a', 'b']]))).toEqual([]);
    expect(problemsOf(question, three, ranking([['c'], ['a', 'a']]))).toEqual([
      'ranking.ranks: INVALID_VALUE',
      'ranking.ranks: REQUIRED',
    ]);
    expect(problemsOf(question, three, ranking([['a'], [], ['b', 'd']]))).toEqual([
      'ranking.ranks.1: REQUIRED',
      'ranking.ranks.2.1: INVALID_VALUE',
      'ranking.ranks: REQUIRED',
    ]);
  });

  test('of more answers than there are is refused at once, as one problem', () => {
    const question: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
    const many = Array.from({ length: 200_000 }, (_, i) => `answer ${i}`);
    expect(problemsOf(question, three, ranking([many]))).toEqual(['ranking.ranks: TOO_LONG']);
    expect(problemsOf(question, three, ranking(many.map((key) => [key])))).toEqual(['ranking.ranks: TOO_LONG']);
    expect(problemsOf(question, three, ranking([['a'], ['b'], ['c'], []]))).toEqual(['ranking.ranks: TOO_LONG']);
  });

  test('has ties only where the task allows them', () => {
    const question: FeedbackQuestion = { kind: 'ranking', tiesAllowed: false };
    expect(problemsOf(question, three, ranking([['c'], ['a', 'b']]))).toEqual(['ranking.ranks.1: INVALID_VALUE']);
    expect(problemsOf(question, three, ranking([['c'], ['b'], ['a']]))).toEqual([]);
  });
});

test('a rating is a whole number of the scale', () => {
  const question: FeedbackQuestion = { kind: 'rating', from: -1, to: 1, labels: [] };
  const wrong = [-2, 2, 0.5, Number.NaN];
  expect([-1, 0, 1].flatMap((rating) => problemsOf(question, smile, { kind: 'rating', rating }))).toEqual([]);
  for (const rating of wrong) {
    expect(problemsOf(question, smile, { kind: 'rating', rating })).toEqual(['rating.rating: INVALID_VALUE']);
  }
});

test('labels are those of the task: one, or any number of different ones', () => {
  const classes = ['ham', 'spam'];
  const one: FeedbackQuestion = { kind: 'labels', classes, several: false };
  const any: FeedbackQuestion = { kind: 'labels', classes, several: true };
  const labels = (...given: string[]): FeedbackValue => ({ kind: 'labels', labels: given });
  expect(problemsOf(one, smile, labels('spam'))).toEqual([]);
  expect(problemsOf(one, smile, labels())).toEqual(['labels.labels: INVALID_VALUE']);
  expect(problemsOf(one, smile, labels('ham', 'spam'))).toEqual(['labels.labels: INVALID_VALUE']);
  expect(problemsOf(any, smile, labels())).toEqual([]);
  expect(problemsOf(any, smile, labels('spam', 'spam'))).toEqual(['labels.labels.1: INVALID_VALUE']);
  expect(problemsOf(any, smile, labels('Spam'))).toEqual(['labels.labels.0: UNKNOWN_LABEL']);
});

test('spans lie within the text, and split no character', () => {
  const question: FeedbackQuestion = { kind: 'spans', labels: ['EMOJI'] };
  const span = (start: number, end: number, label = 'EMOJI') => ({ start, end, label });
  const spans = (...given: ReturnType<typeof span>[]): FeedbackValue => ({ kind: 'spans', spans: given });
  // “I 😀 you” has 8 UTF-16 code units; the face is those at 2 and 3.
  expect(problemsOf(question, smile, spans(span(2, 4), span(0, 8)))).toEqual([]);
  expect(problemsOf(question, smile, spans(span(2, 3)))).toEqual(['spans.spans.0: INVALID_VALUE']);
  expect(problemsOf(question, smile, spans(span(0, 9)))).toEqual(['spans.spans.0: INVALID_VALUE']);
  expect(problemsOf(question, smile, spans(span(4, 4)))).toEqual(['spans.spans.0: INVALID_VALUE']);
  expect(problemsOf(question, smile, spans(span(2, 4), span(2, 4)))).toEqual(['spans.spans.1: INVALID_VALUE']);
  expect(problemsOf(question, smile, spans(span(2, 4, 'FACE')))).toEqual(['spans.spans.0.label: UNKNOWN_LABEL']);
});

test('texts and reasons are there, and a correction corrects something', () => {
  const correction: FeedbackQuestion = { kind: 'correction', mayBeUnchanged: false };
  const demonstration: FeedbackQuestion = { kind: 'demonstration', minCharacters: 5 };
  const thumbs: FeedbackQuestion = { kind: 'thumbs', reasonRequired: true };
  const same: FeedbackValue = { kind: 'correction', text: smile.text };
  expect(problemsOf(correction, smile, same)).toEqual(['correction.text: INVALID_VALUE']);
  expect(problemsOf({ ...correction, mayBeUnchanged: true }, smile, same)).toEqual([]);
  expect(problemsOf(correction, smile, { kind: 'correction', text: ' ' })).toEqual(['correction.text: REQUIRED']);
  expect(problemsOf(demonstration, smile, { kind: 'demonstration', text: ' four ' })).toEqual([
    'demonstration.text: INVALID_VALUE',
  ]);
  expect(problemsOf(demonstration, smile, { kind: 'demonstration', text: 'fives' })).toEqual([]);
  expect(problemsOf(thumbs, smile, { kind: 'thumbs', up: true, reason: null })).toEqual(['thumbs.reason: REQUIRED']);
  expect(problemsOf(thumbs, smile, { kind: 'thumbs', up: true, reason: 'short' })).toEqual([]);
});

test('an answer of another kind than the question is refused', () => {
  const values: FeedbackValue[] = [
    { kind: 'ranking', ranks: [['a'], ['b']] },
    { kind: 'rating', rating: 1 },
    { kind: 'labels', labels: ['a'] },
    { kind: 'spans', spans: [] },
    { kind: 'correction', text: 'b' },
    { kind: 'demonstration', text: 'b' },
    { kind: 'thumbs', up: true, reason: null },
  ];
  for (const value of values) {
    expect(problemsOf({ kind: 'pairwise', strengths: 1 }, pair, value)).toEqual([`${value.kind}: INVALID_VALUE`]);
  }
});
