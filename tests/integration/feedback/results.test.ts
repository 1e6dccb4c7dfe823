import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedbackResults } from '../../../src/feedback/results/feedback-results.service.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';
import {
  insertFeedbackAnswers,
  insertFeedbackItems,
  insertFeedbackTask,
  judged,
  startResults,
  textItem,
} from '../../support/answered-tasks.js';
import type { TestApi } from '../../support/api.js';

/** What the answers of tasks say, of rows in the database, beside values that Python's libraries have for the same. */

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../numerics/reference/${name}.reference.json`, import.meta.url), 'utf8'));

let api: TestApi;
let results: FeedbackResults;
let users: string[];
beforeAll(async () => {
  ({ api, results, users } = await startResults(8));
});
afterAll(() => api?.[Symbol.asyncDispose]());

const options = { rounds: 100, seed: 1, level: null, weights: null };

/** A task whose items have these answers, [items, people], −1 where a person gave none. */
async function taskOf(
  question: FeedbackQuestion,
  answers: readonly (readonly number[])[],
  asValue: (label: number) => FeedbackValue,
): Promise<{ taskId: string; items: string[] }> {
  const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
  const items = await insertFeedbackItems(
    api.dataSource,
    taskId,
    answers.map((_, u) => ({ content: textItem(`text ${u}`) })),
  );
  const given = answers.flatMap((row, u) =>
    row.flatMap((label, a) => (label < 0 ? [] : [{ item: items[u]!, user: users[a]!, value: asValue(label) }])),
  );
  await insertFeedbackAnswers(api.dataSource, taskId, question, given);
  return { taskId, items };
}

const classes = (count: number) => Array.from({ length: count }, (_, label) => `label ${label}`);
const labelsOf = (count: number): FeedbackQuestion => ({ kind: 'labels', classes: classes(count), several: false });
const labelValue = (label: number): FeedbackValue => ({ kind: 'labels', labels: [`label ${label}`] });

interface AgreementCase {
  readonly name: string;
  readonly labels: number;
  readonly scale: readonly number[];
  readonly answers: readonly (readonly number[])[];
  readonly alpha: { readonly nominal: number; readonly ordinal: number; readonly interval: number };
  readonly ac1: { readonly given: number };
  readonly fleiss?: number;
  readonly cohen: { readonly none: number; readonly linear: number; readonly quadratic: number };
}

describe('agreement', () => {
  test.each(read('agreement').cases as AgreementCase[])('$name: values of Python', async (each) => {
    const { taskId } = await taskOf(labelsOf(each.labels), each.answers, labelValue);
    const found = await results.agreement(taskId, options);
    expect(found.level).toBe('NOMINAL');
    expect(found.alpha.value).toBeCloseTo(each.alpha.nominal, 12);
    expect(found.gwetAc1.value).toBeCloseTo(each.ac1.given, 12);
    if (each.fleiss === undefined) expect(found.fleissKappa.reason).toBe('UNEQUAL_NUMBERS');
    else expect(found.fleissKappa.value).toBeCloseTo(each.fleiss, 12);
    const shared = each.answers.map((row) => row.filter((label) => label >= 0)).filter(({ length }) => length > 1);
    expect(found.alpha).toMatchObject({ units: shared.length, answers: shared.flat().length });

    const scale: FeedbackQuestion = { kind: 'rating', from: 1, to: each.labels, labels: [] };
    const rated = await taskOf(scale, each.answers, (label) => ({ kind: 'rating', rating: label + 1 }));
    const ordinal = await results.agreement(rated.taskId, { ...options, level: 'ORDINAL' });
    expect(ordinal.alpha.value).toBeCloseTo(each.alpha.ordinal, 12);

    // Alpha of intervals is the same whatever unit numbers have.
    const tenths = each.scale.map((number) => Math.round(number * 10));
    const wide: FeedbackQuestion = { kind: 'rating', from: 0, to: tenths.at(-1)!, labels: [] };
    const measured = await taskOf(wide, each.answers, (label) => ({ kind: 'rating', rating: tenths[label]! }));
    const interval = await results.agreement(measured.taskId, options);
    expect(interval).toMatchObject({ level: 'INTERVAL' });
    expect(interval.alpha.value).toBeCloseTo(each.alpha.interval, 12);

    const [two] = [each.answers.map((row) => row.slice(0, 2))];
    const pair = await taskOf(scale, two, (label) => ({ kind: 'rating', rating: label + 1 }));
    for (const weights of ['NONE', 'LINEAR', 'QUADRATIC'] as const) {
      const { cohenKappa } = await results.agreement(pair.taskId, { ...options, weights });
      expect(cohenKappa.value).toBeCloseTo(each.cohen[weights.toLowerCase() as 'none'], 12);
    }
    if (each.answers[0]!.length > 2) expect(found.cohenKappa.reason).toBe('NOT_TWO_ANNOTATORS');
  });

  test('a pair is coded by its answers, whatever their keys are and wherever they stood', async () => {
    const question: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
    const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
    const items = await insertFeedbackItems(
      api.dataSource,
      taskId,
      Array.from({ length: 12 }, (_, i) => ({
        content: textItem(`prompt ${i}`, { text: null, answers: [judged(`x${i}`), judged(`y${i}`)] }),
      })),
    );
    const preferred = (key: string): FeedbackValue => ({
      kind: 'pairwise',
      outcome: 'preferred',
      preferred: key,
      strength: 1,
    });
    // Two people prefer the same one, the first of ten items and the second of two.
    const given = items.flatMap((item, i) => {
      const key = i < 10 ? `x${i}` : `y${i}`;
      return [
        { item, user: users[0]!, value: preferred(key), shown: [`x${i}`, `y${i}`] },
        { item, user: users[1]!, value: preferred(key), shown: [`y${i}`, `x${i}`] },
      ];
    });
    await insertFeedbackAnswers(api.dataSource, taskId, question, given);
    const found = await results.agreement(taskId, options);
    expect(found).toMatchObject({ raw: { value: 1 }, alpha: { value: 1 }, cohenKappa: { value: 1 } });
    // Each preferred ten of her twelve sides: the first 10 times left, the second 2 times.
    const people = await results.people(taskId);
    expect(Object.fromEntries(people.map(({ annotator, left }) => [annotator, left.count]))).toEqual({
      [users[0]!]: 10,
      [users[1]!]: 2,
    });
    const likely = await results.likelyAnswers(taskId, null);
    expect(likely.items.map(({ category }) => category)).toEqual(items.map((_, i) => (i < 10 ? `x${i}` : `y${i}`)));
  });

  test('ranks are compared pair by pair, spans by characters, texts not at all', async () => {
    const ranking: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
    const ranked = await insertFeedbackTask(api.dataSource, api.projectId, ranking);
    const content = textItem('prompt', { text: null, answers: ['a', 'b', 'c'].map((key) => judged(key)) });
    const [item] = await insertFeedbackItems(api.dataSource, ranked, [{ content }]);
    await insertFeedbackAnswers(api.dataSource, ranked, ranking, [
      { item: item!, user: users[0]!, value: { kind: 'ranking', ranks: [['a'], ['b'], ['c']] } },
      { item: item!, user: users[1]!, value: { kind: 'ranking', ranks: [['a'], ['c'], ['b']] } },
    ]);
    // Of a–b, a–c and b–c, the last differs: D_o = 2 of n = 6 answers, five “first” and one “second”.
    const ofRanks = await results.agreement(ranked, options);
    expect(ofRanks.raw.value).toBeCloseTo(2 / 3, 12);
    expect(ofRanks.alpha.value).toBeCloseTo(1 - (5 * 2) / (36 - 26), 12);
    expect(ofRanks).toMatchObject({
      raw: { units: 1, answers: 2, missing: 'FEW_UNITS' },
      fleissKappa: { reason: 'NOT_DEFINED' },
    });

    const spans: FeedbackQuestion = { kind: 'spans', labels: ['name'] };
    const marked = await insertFeedbackTask(api.dataSource, api.projectId, spans);
    // Ten UTF-16 code units: the last two are one character.
    const [text] = await insertFeedbackItems(api.dataSource, marked, [{ content: textItem('Ada met 😀') }]);
    const span = (end: number): FeedbackValue => ({ kind: 'spans', spans: [{ start: 0, end, label: 'name' }] });
    await insertFeedbackAnswers(api.dataSource, marked, spans, [
      { item: text!, user: users[0]!, value: span(3) },
      { item: text!, user: users[1]!, value: span(4) },
    ]);
    const ofSpans = await results.agreement(marked, options);
    expect(ofSpans.raw.value).toBe(0);
    // Of 20 answers to 10 code units, 7 are “name” and one unit of ten differs.
    expect(ofSpans.alpha.value).toBeCloseTo(1 - (19 * 2) / (400 - 49 - 169), 12);

    const texts: FeedbackQuestion = { kind: 'correction', mayBeUnchanged: false };
    const written = await taskOf(texts, [[0, 1]], (label) => ({ kind: 'correction', text: `better ${label}` }));
    const ofTexts = await results.agreement(written.taskId, options);
    expect(ofTexts).toMatchObject({ raw: { value: null, reason: 'NOT_DEFINED' }, alpha: { reason: 'NOT_DEFINED' } });
    expect(await results.people(written.taskId)).toMatchObject([
      { answerCount: 1, agreement: { share: null }, medianLatencyMs: 10_000 },
      { answerCount: 1 },
    ]);
  });

  test('each of several labels has a value of its own', async () => {
    const question: FeedbackQuestion = { kind: 'labels', classes: ['x', 'y', 'z'], several: true };
    const sets = [[], ['x'], ['y', 'x']];
    const { taskId } = await taskOf(
      question,
      [
        [0, 0],
        [1, 2],
        [2, 2],
        [1, 1],
      ],
      (which) => ({ kind: 'labels', labels: sets[which]! }),
    );
    const found = await results.agreement(taskId, options);
    expect(found.labels.map(({ label, raw, alpha }) => [label, raw.value, alpha.value ?? alpha.reason])).toEqual([
      ['x', 1, 1],
      ['y', 0.75, expect.closeTo(1 - (7 * 2) / (2 * 3 * 5), 12)],
      ['z', 1, 'ALL_ANSWERS_EQUAL'],
    ]);
    expect(found.raw.value).toBeCloseTo((1 + 0.75 + 1) / 3, 12);
    expect(found.alpha.value).toBeCloseTo((1 + 1 - 14 / 30) / 2, 12);
  });

  test('what is asked wrongly is refused', async () => {
    const { taskId } = await taskOf(labelsOf(2), [[0, 1]], labelValue);
    await expect(results.agreement(taskId, { ...options, rounds: 5 })).rejects.toThrow('from 100 to 2000');
    await expect(results.agreement(taskId, { ...options, level: 'ORDINAL' })).rejects.toThrow('ORDINAL is for ratings');
    await expect(
      results.ranking(taskId, {
        of: 'MODELS',
        baseline: null,
        ties: 'HALF',
        styleControl: false,
        rounds: null,
        seed: 0,
      }),
    ).rejects.toThrow('PAIRWISE and RANKING');
    await api.dataSource.query('UPDATE feedback_tasks SET answer_count = 200001 WHERE id = $1', [taskId]);
    await expect(results.agreement(taskId, options)).rejects.toThrow('The task has 200001 answers');
  });
});

test('answers tell of people: gold, the same item again, sides, time and haste', async () => {
  const question: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
  const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
  const preferred = (key: string): FeedbackValue => ({
    kind: 'pairwise',
    outcome: 'preferred',
    preferred: key,
    strength: 1,
  });
  // 20 words an item: 2 seconds to skim.
  const answers = [judged('a', { text: 'one two three four five '.repeat(2) }), judged('b', { text: 'x '.repeat(10) })];
  const items = await insertFeedbackItems(
    api.dataSource,
    taskId,
    Array.from({ length: 12 }, (_, i) => ({
      content: textItem(`prompt ${i}`, { text: null, answers }),
      ...(i < 4 ? { gold: preferred('a') } : {}),
    })),
  );
  const given = items.flatMap((item, i) => [
    // The first person always takes the left one, in a second; a is on the left of three gold items of four.
    {
      item,
      user: users[0]!,
      value: preferred(i === 3 ? 'b' : 'a'),
      shown: i === 3 ? ['b', 'a'] : ['a', 'b'],
      isGold: i < 4,
      seconds: 1,
    },
    {
      item,
      user: users[1]!,
      value: preferred(i % 2 === 0 ? 'a' : 'b'),
      shown: ['a', 'b'],
      isGold: i < 4,
      seconds: 10 + i,
    },
  ]);
  const again = [
    { item: items[4]!, user: users[1]!, value: preferred('a'), shown: ['b', 'a'], repetition: 1, seconds: 10 },
    { item: items[5]!, user: users[1]!, value: preferred('a'), shown: ['b', 'a'], repetition: 1, seconds: 10 },
  ];
  await insertFeedbackAnswers(api.dataSource, taskId, question, [...given, ...again]);
  const [second, first] = await results.people(taskId);
  expect(first).toMatchObject({
    annotator: users[0],
    answerCount: 12,
    gold: { right: 3, wrong: 1, mean: 4 / 6 },
    left: { count: 12, of: 12 },
    selfConsistency: { of: 0 },
    medianLatencyMs: 1000,
    // Of eight items that are not gold, they agree on four.
    agreement: { share: 0.5, unitCount: 8 },
  });
  expect(first!.flags.map(({ kind }) => kind)).toEqual(['FASTER_THAN_READING', 'CONSTANT_SIDE']);
  expect(second).toMatchObject({
    annotator: users[1],
    answerCount: 14,
    gold: { right: 2, wrong: 2 },
    // Six of the first twelve, and neither of the last two, where a stood on the right.
    left: { count: 6, of: 14 },
    selfConsistency: { count: 1, of: 2 },
    flags: [],
  });
});
