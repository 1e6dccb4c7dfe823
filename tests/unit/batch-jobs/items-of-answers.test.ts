import { expect, test } from 'vitest';
import { itemsOfAnswers } from '../../../gpu-worker/batch-jobs/items-of-answers.js';
import type { FeedbackQuestion } from '../../../src/protocol/feedback.js';

const asked = { prompt: { kind: 'text', text: 'What is a cat?' } as const, row: null };
const answersOf = (...texts: readonly string[]) =>
  texts.map((text, i) => ({ text, modelId: null, generationId: null, settings: { place: i } }));
const pairwise: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
const make = (question: FeedbackQuestion, texts: readonly string[], pairs: number | null = null, seed = 1) =>
  itemsOfAnswers(question, asked, answersOf(...texts), pairs, [seed]);
const textsOf = (made: ReturnType<typeof make>) =>
  made.contents.map(({ answers }) => answers.map(({ text }) => text).sort());

test('a comparison gets every pair once, without pairs of equal answers, which are counted', () => {
  const made = make(pairwise, ['x', 'y', 'x', 'z']);
  expect(textsOf(made)).toEqual([
    ['x', 'y'],
    ['x', 'z'],
    ['x', 'y'],
    ['y', 'z'],
    ['x', 'z'],
  ]);
  expect(made.equalCount).toBe(1);
  expect(new Set(made.contents.map(({ group }) => group)).size).toBe(1);
});

test('some of the pairs are drawn, the same ones by the same seed, and none twice', () => {
  const texts = ['a', 'b', 'c', 'd', 'e'];
  const drawn = textsOf(make(pairwise, texts, 4));
  expect(new Set(drawn.map(String)).size).toBe(4);
  expect(textsOf(make(pairwise, texts, 4))).toEqual(drawn);
  expect(textsOf(make(pairwise, texts, 4, 2))).not.toEqual(drawn);
});

test('the first key goes to either answer about as often, so that it does not tell who wrote it', () => {
  const first = Array.from({ length: 400 }, (_, seed) => make(pairwise, ['x', 'y'], null, seed).contents[0]!.answers);
  expect(first.every(([one, two]) => one!.key === 'a' && two!.key === 'b')).toBe(true);
  const count = first.filter(([one]) => one!.text === 'x').length;
  // 200 ± 5 standard deviations of 10.
  expect(count).toBeGreaterThan(150);
  expect(count).toBeLessThan(250);
});

test('a ranking has all different answers, and needs two', () => {
  const ranking: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
  expect(textsOf(make(ranking, ['x', 'y', 'x', 'z']))).toEqual([['x', 'y', 'z']]);
  expect(make(ranking, ['x', 'x'])).toMatchObject({ contents: [], equalCount: 1 });
});

test('other questions have one item for each different answer; an empty one is left out', () => {
  const thumbs: FeedbackQuestion = { kind: 'thumbs', reasonRequired: false };
  const made = make(thumbs, ['x', '', 'y', 'x']);
  expect(textsOf(made)).toEqual([['x'], ['y']]);
  expect(made).toMatchObject({ equalCount: 1, isLeftOut: true });
  expect(made.contents[0]).toMatchObject({ prompt: asked.prompt, text: null, answers: [{ settings: { place: 0 } }] });
});
