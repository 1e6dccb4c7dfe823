import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { itemsToRank } from '../../../src/feedback/results/feedback-results.reads.js';
import type { FeedbackResults } from '../../../src/feedback/results/feedback-results.service.js';
import { giveRows } from '../../../src/feedback/results/row-blocks.js';
import type { ComparedItem } from '../../../src/feedback/results/statistics/ranking.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../src/protocol/feedback.js';
import { indexAnswers } from '../../../src/statistics/answers.js';
import { fitDawidSkene } from '../../../src/statistics/consensus/dawid-skene.js';
import {
  insertFeedbackAnswers,
  insertFeedbackItems,
  insertFeedbackTask,
  judged,
  startResults,
  textItem,
} from '../../support/answered-tasks.js';
import type { TestApi } from '../../support/api.js';

/** Likely answers and rankings of tasks, of rows in the database. */

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../numerics/reference/${name}.reference.json`, import.meta.url), 'utf8'));

let api: TestApi;
let results: FeedbackResults;
let users: string[];
beforeAll(async () => {
  ({ api, results, users } = await startResults(20));
});
afterAll(() => api?.[Symbol.asyncDispose]());

const labelValue = (label: number): FeedbackValue => ({ kind: 'labels', labels: [`label ${label}`] });

interface CrowdlabCase {
  readonly name: string;
  readonly labels: number;
  readonly answers: readonly (readonly number[])[];
  readonly predicted: readonly (readonly number[])[];
  readonly consensus: readonly number[];
  readonly quality: readonly number[];
}

/** A task of labels with these answers, [items, people]; `gold` gives items a known label. */
async function labelTask(
  count: number,
  answers: CrowdlabCase['answers'],
  gold: ReadonlyMap<number, number> = new Map(),
) {
  const classes = Array.from({ length: count }, (_, label) => `label ${label}`);
  const question: FeedbackQuestion = { kind: 'labels', classes, several: false };
  const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
  const contents = answers.map((_, u) => ({
    content: textItem(`text ${u}`),
    ...(gold.has(u) ? { gold: labelValue(gold.get(u)!) } : {}),
  }));
  const items = await insertFeedbackItems(api.dataSource, taskId, contents);
  const given = answers.flatMap((row, u) =>
    row.flatMap((label, a) =>
      label < 0 ? [] : [{ item: items[u]!, user: users[a]!, value: labelValue(label), isGold: gold.has(u) }],
    ),
  );
  await insertFeedbackAnswers(api.dataSource, taskId, question, given);
  return { taskId, items };
}

/** Stores what a model says of items, as the job that makes them does. */
async function predict(
  items: readonly string[],
  predicted: readonly (readonly { readonly label: string; readonly probability: number }[])[],
): Promise<void> {
  const said = predicted.map((labels) => ({ modelId: randomUUID(), task: 'topic', labels, uncertainty: 0 }));
  await api.dataSource.query(
    `WITH given AS (
       UPDATE feedback_items i SET prediction = said.value
         FROM unnest($1::uuid[]) WITH ORDINALITY AS item(id, place)
         JOIN jsonb_array_elements($2::jsonb) WITH ORDINALITY AS said(value, place) USING (place)
        WHERE i.id = item.id RETURNING i.task_id)
     UPDATE feedback_tasks SET last_seq = last_seq + 1 WHERE id IN (SELECT task_id FROM given)`,
    [items, JSON.stringify(said)],
  );
}

describe('likely answers', () => {
  test.each(read('consensus').crowdlab as CrowdlabCase[])('$name: the values of cleanlab', async (each) => {
    const { taskId, items } = await labelTask(each.labels, each.answers);
    // Nobody has said anything yet of what the items were made of.
    await expect(results.likelyAnswers(taskId, 'CROWDLAB')).rejects.toThrow('no item with an answer has any');
    await predict(
      items,
      each.predicted.map((row) => row.map((probability, label) => ({ label: `label ${label}`, probability }))),
    );
    const found = await results.likelyAnswers(taskId, 'CROWDLAB');
    expect(found.items.map(({ item }) => item)).toEqual(items);
    for (const [u, { category, probability }] of found.items.entries()) {
      const greatest = Number(category!.slice('label '.length));
      if (greatest === each.consensus[u]) expect(probability).toBeCloseTo(each.quality[u]!, 9);
      else expect(probability).toBeGreaterThanOrEqual(each.quality[u]! - 1e-9);
    }
  });

  test('of people and a classifier leave out items of which it said nothing, and labels that nobody can choose', async () => {
    const { taskId, items } = await labelTask(2, [
      [0, 0],
      [1, 1],
      [0, 1],
      [0, 0],
    ]);
    const said = (zero: number, one: number, other: number) => [
      { label: 'label 0', probability: zero },
      { label: 'label 1', probability: one },
      { label: 'another', probability: other },
    ];
    await predict(items.slice(0, 3), [said(0.8, 0.1, 0.1), said(0.1, 0.9, 0), said(0.1, 0.4, 0.5)]);
    const found = await results.likelyAnswers(taskId, 'CROWDLAB');
    expect(found.items.map(({ item }) => item)).toEqual(items.slice(0, 3));
    // The people cancel each other out: the classifier, 0.2 to 0.8 of the labels that there are, decides.
    expect(found.items[2]).toMatchObject({ category: 'label 1', majority: null, answerCount: 2 });
    expect(found.items[2]!.probability).toBeGreaterThan(0.5);
  });

  test('gold and what was adjudicated teach who is right, and adjudicated items say what was decided', async () => {
    // Two people err together on every item but one; on gold items only the third is right.
    const answers = Array.from({ length: 30 }, (_, u) => [1 - (u % 2), 1 - (u % 2), u % 2]);
    const gold = new Map(Array.from({ length: 12 }, (_, u) => [u, u % 2]));
    const { taskId, items } = await labelTask(2, answers, gold);
    const found = await results.likelyAnswers(taskId, 'ONE_COIN');
    expect(found).toMatchObject({ method: 'ONE_COIN', converged: true });
    expect(found.items.map(({ item }) => item)).toEqual(items.slice(12));
    expect(found.items.map(({ category }) => category)).toEqual(items.slice(12).map((_, u) => `label ${u % 2}`));
    expect(found.items[0]).toMatchObject({
      majority: 'label 1',
      majorityShare: expect.closeTo(2 / 3, 12),
      answerCount: 3,
    });
    // The same as the model says of the same answers and known labels.
    const table = indexAnswers(
      answers.flatMap((row, u) => row.map((label, a) => ({ unit: `${u}`, annotator: `${a}`, label }))),
      [0, 1],
    );
    const known = new Map([...gold].map(([u, label]) => [`${u}`, label]));
    const { posteriors } = fitDawidSkene(table, { model: 'ONE_COIN', known });
    for (const [u, { probability }] of found.items.entries()) {
      expect(probability).toBeCloseTo(Math.max(...posteriors[u + 12]!), 12);
    }
    await api.dataSource.query('UPDATE feedback_items SET adjudicated = $2, adjudicated_at = now() WHERE id = $1', [
      items[12],
      JSON.stringify(labelValue(1)),
    ]);
    // As every decision does.
    await api.dataSource.query('UPDATE feedback_tasks SET last_seq = last_seq + 1 WHERE id = $1', [taskId]);
    const later = await results.likelyAnswers(taskId, 'ONE_COIN');
    expect(later.items[0]).toMatchObject({ category: 'label 1', probability: 1, isKnown: true });
    const majority = await results.likelyAnswers(taskId, 'MAJORITY');
    expect(majority.items[1]).toMatchObject({ category: 'label 0', probability: expect.closeTo(2 / 3, 12) });
  });

  test('people with few answers have one coin, those with more a matrix; other methods are refused where none is', async () => {
    const few = await labelTask(
      2,
      Array.from({ length: 10 }, (_, u) => [u % 2, u % 2]),
    );
    expect((await results.likelyAnswers(few.taskId, null)).method).toBe('ONE_COIN');
    const many = await labelTask(
      2,
      Array.from({ length: 20 }, (_, u) => [u % 2, u % 2]),
    );
    expect((await results.likelyAnswers(many.taskId, null)).method).toBe('CONFUSION');
    const spans: FeedbackQuestion = { kind: 'spans', labels: ['name'] };
    const taskId = await insertFeedbackTask(api.dataSource, api.projectId, spans);
    const [item] = await insertFeedbackItems(api.dataSource, taskId, [{ content: textItem('Ada') }]);
    const value: FeedbackValue = { kind: 'spans', spans: [{ start: 0, end: 3, label: 'name' }] };
    await insertFeedbackAnswers(api.dataSource, taskId, spans, [{ item: item!, user: users[0]!, value }]);
    expect(await results.likelyAnswers(taskId, null)).toMatchObject({
      method: 'MAJORITY',
      items: [{ category: '[[0,3,"name"]]', probability: 1 }],
    });
    await expect(results.likelyAnswers(taskId, 'ONE_COIN')).rejects.toThrow('Take MAJORITY');
  });
});

interface Compared {
  readonly a: string;
  readonly b: string;
  readonly outcome: 'A' | 'B' | 'TIE';
  readonly prompt: string;
}

const modelIds = new Map<string, string>();
const modelId = (name: string): string => {
  const id = modelIds.get(name) ?? randomUUID();
  modelIds.set(name, id);
  return id;
};

const rank = { of: 'MODELS', baseline: null, ties: 'HALF', styleControl: false, rounds: 100, seed: 1 } as const;

/** A task of pairs with these judgements, one item each. */
async function pairTask(comparisons: readonly Compared[]): Promise<string> {
  const question: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
  const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
  const items = await insertFeedbackItems(
    api.dataSource,
    taskId,
    comparisons.map(({ a, b, prompt }) => ({
      content: textItem(prompt, {
        text: null,
        answers: [judged('one', { modelId: modelId(a) }), judged('two', { modelId: modelId(b) })],
      }),
    })),
  );
  const valueOfOutcome = (outcome: Compared['outcome'], place: number): FeedbackValue =>
    outcome === 'TIE'
      ? { kind: 'pairwise', outcome: place % 2 === 0 ? 'bothGood' : 'neither', preferred: null, strength: null }
      : { kind: 'pairwise', outcome: 'preferred', preferred: outcome === 'A' ? 'one' : 'two', strength: 1 };
  await insertFeedbackAnswers(
    api.dataSource,
    taskId,
    question,
    comparisons.map(({ outcome }, i) => ({ item: items[i]!, user: users[i % 20]!, value: valueOfOutcome(outcome, i) })),
  );
  return taskId;
}

async function ratingsOf(taskId: string, more: object) {
  const found = await results.ranking(taskId, { ...rank, ...more });
  if (!('ratings' in found)) throw new Error('Nothing was compared.');
  const names = new Map([...modelIds].map(([name, id]) => [id, name]));
  return { ...found, byName: new Map(found.ratings.map((each) => [names.get(each.key)!, each])) };
}

describe('rankings', () => {
  const reference = read('rankings') as Record<
    'plain' | 'apart',
    { readonly comparisons: readonly Compared[]; readonly ratings: Readonly<Record<string, number>> }
  > & { readonly plain: { readonly davidson: { readonly ratings: Readonly<Record<string, number>> } } };

  test('has the ratings of scipy, also those of models that fall apart', async () => {
    for (const which of ['plain', 'apart'] as const) {
      const { comparisons, ratings } = reference[which];
      const taskId = await pairTask(comparisons);
      const found = await ratingsOf(taskId, { baseline: modelId('m1') });
      for (const [name, rating] of Object.entries(ratings)) {
        expect(Math.abs(found.byName.get(name)!.rating - rating)).toBeLessThan(0.01);
      }
      expect(found).toMatchObject({
        hasPrior: which === 'apart',
        comparisonCount: comparisons.length,
        leftOutCount: 0,
      });
      expect(found.components.length > 1).toBe(which === 'apart');
    }
    const taskId = await pairTask(reference.plain.comparisons);
    const davidson = await ratingsOf(taskId, { baseline: modelId('m1'), ties: 'DAVIDSON' });
    for (const [name, rating] of Object.entries(reference.plain.davidson.ratings)) {
      expect(Math.abs(davidson.byName.get(name)!.rating - rating)).toBeLessThan(0.01);
    }
    await expect(ratingsOf(taskId, { baseline: randomUUID() })).rejects.toThrow('was not compared');
  });

  test('ranks are comparisons of all pairs; settings are told apart whatever the order of their fields, seed and sample', async () => {
    const question: FeedbackQuestion = { kind: 'ranking', tiesAllowed: true };
    const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
    const model = modelId('m1');
    const cold = judged('x', { modelId: model, settings: { temperature: 0, topP: 1, seed: 3 }, text: 'short' });
    const warm = judged('y', {
      modelId: model,
      settings: { topP: 1, temperature: 1 },
      text: '# Title\n\n- **bold**\n- b',
    });
    const same = judged('z', { modelId: model, settings: { topP: 1, temperature: 0, seed: 4, sample: 1 } });
    const items = await insertFeedbackItems(
      api.dataSource,
      taskId,
      Array.from({ length: 12 }, (_, i) => ({
        content: textItem(`prompt ${i}`, { text: null, answers: i === 0 ? [cold, warm, same] : [cold, warm] }),
      })),
    );
    const ranks = (i: number): string[][] =>
      i === 0 ? [['x'], ['y', 'z']] : i < 9 ? [['x'], ['y']] : i < 11 ? [['y'], ['x']] : [['x', 'y']];
    const given = items.map((item, i) => ({
      item,
      user: users[0]!,
      value: { kind: 'ranking', ranks: ranks(i) } as const,
    }));
    await insertFeedbackAnswers(api.dataSource, taskId, question, given);
    const found = await results.ranking(taskId, { ...rank, of: 'ANSWER_SETTINGS', styleControl: true });
    if (!('ratings' in found)) throw new Error('Nothing was compared.');
    // Of the first item: x–y, z–y; x–z are the same settings. Then eight for cold, two for warm and a tie.
    expect(found).toMatchObject({
      comparisonCount: 13,
      leftOutCount: 1,
      promptCount: 12,
      components: [expect.any(Array)],
    });
    const [coldKey, warmKey] = found.ratings.map(({ key }) => key);
    expect(found.ratings).toMatchObject([
      { wins: 9, losses: 2, ties: 2 },
      { wins: 2, losses: 9, ties: 2 },
    ]);
    expect(found.competitors.find(({ key }) => key === coldKey)!.settings).toEqual({ temperature: 0, topP: 1 });
    // 200·log10 of the odds (9 + 1) : (2 + 1), either side of the mean.
    expect(found.ratings[0]!.rating).toBeCloseTo(1000 + 200 * Math.log10(10 / 3), 6);
    expect(found.style!.features.map(({ feature }) => feature)).toEqual([
      'CHARACTERS',
      'HEADINGS',
      'LIST_ITEMS',
      'BOLD',
    ]);
    expect(found.style!.models.map(({ model: key }) => key).sort()).toEqual([coldKey, warmKey].sort());
    const rate = await results.winRate(taskId, 'ANSWER_SETTINGS', coldKey!, warmKey!);
    // The first prompt has one win and one tie: 3/4.
    expect(rate).toMatchObject({ wins: 9, losses: 2, ties: 1, promptCount: 12, judgementCount: 13 });
    expect(rate.rate).toBeCloseTo((0.75 + 8 + 0.5) / 12, 12);
    await expect(results.winRate(taskId, 'ANSWER_SETTINGS', coldKey!, 'hot')).rejects.toMatchObject({
      problems: [{ path: ['against'], code: 'NOT_FOUND' }],
    });
    const none = await results.ranking(taskId, rank);
    expect(none).toEqual({ leftOutCount: 14, hint: expect.stringContaining('`of: ANSWER_SETTINGS`') });
  });

  test('the style of an answer is counted as Markdown', async () => {
    const question: FeedbackQuestion = { kind: 'pairwise', strengths: 1 };
    const taskId = await insertFeedbackTask(api.dataSource, api.projectId, question);
    const text = '# One\n\n- a **b** and **c**\n- d\n  1. e\n\n## Two\n#no heading\nx ** y';
    const content = textItem('p', { text: null, answers: [judged('a', { text }), judged('b', { text: 'plain' })] });
    const [item] = await insertFeedbackItems(api.dataSource, taskId, [{ content }]);
    const value: FeedbackValue = { kind: 'pairwise', outcome: 'neither', preferred: null, strength: null };
    await insertFeedbackAnswers(api.dataSource, taskId, question, [{ item: item!, user: users[0]!, value }]);
    const rows: ComparedItem[] = [];
    await giveRows(api.dataSource, itemsToRank(taskId, true), async (block) => void rows.push(...block));
    const [row] = rows;
    expect(row!.answers.map(({ style }) => style)).toEqual([
      [text.length, 2, 3, 2],
      [5, 0, 0, 0],
    ]);
  });
});
