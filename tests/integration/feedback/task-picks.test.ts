import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnnotationRoom, openAnnotationRoom, up } from '../../support/annotated-tasks.js';
import {
  addFeedbackItems,
  claimItem,
  createFeedbackTask,
  mutate,
  submitFeedback,
  trySubmit,
} from '../../support/feedback.js';

/** What a task gives out, to whom, and how probable that was. */

let ann: AnnotationRoom['ann'];
let answer: AnnotationRoom['answer'];
let api: AnnotationRoom['api'];
let bob: AnnotationRoom['bob'];
let facts: AnnotationRoom['facts'];
let taskOf: AnnotationRoom['taskOf'];

let room: AnnotationRoom;
beforeAll(async () => {
  room = await openAnnotationRoom();
  ({ ann, answer, api, bob, facts, taskOf } = room);
});
afterAll(() => room?.[Symbol.asyncDispose]());

describe('a task', () => {
  test('mixes in items of gold, to which answers count toward nothing', async () => {
    const task = await taskOf(0, { goldShare: 0.5, seed: 1 });
    await addFeedbackItems(api, task, [
      { text: 'text 1' },
      { text: 'text 2' },
      ...[1, 2, 3].map((i) => ({ text: `gold ${i}`, gold: up })),
    ]);
    const texts: (string | null)[] = [];
    while ((await facts(task)).status === 'OPEN') texts.push((await answer(task, ann)).text);
    const gold = texts.filter((text) => text!.startsWith('gold')).length;
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.filter((text) => text!.startsWith('text'))).toEqual(['text 1', 'text 2']);
    expect((await facts(task)).counts).toMatchObject({ items: 2, gold: 3, answers: 2, goldAnswers: gold, settled: 2 });
  });

  test('mixes in nothing for whom nothing else is left', async () => {
    const task = await taskOf(1, { goldShare: 0.5, ends: { itemsSettled: false } });
    const gold = Array.from({ length: 60 }, (_, i) => ({ text: `gold ${i}`, gold: up }));
    await addFeedbackItems(api, task, gold);
    // Half of the picks are of gold: the text is not reached once in 10^18 times.
    while ((await answer(task, ann)).text !== 'text 1');
    for (let i = 0; i < 20; i++) expect(await claimItem(api, task, ann)).toMatchObject({ nothing: 'NOTHING_LEFT' });
  });

  test('gives an item a second time, on swapped sides, if it asks for repetitions', async () => {
    const question = { pairwise: {} };
    const task = await createFeedbackTask(api, { name: 'again', question, repeatShare: 0.5, randomShare: 0 });
    const answers = [{ text: 'one' }, { text: 'two' }];
    await addFeedbackItems(
      api,
      task,
      Array.from({ length: 40 }, (_, i) => ({ prompt: { text: `${i}` }, answers })),
    );
    const shown = new Map<string, string[][]>();
    for (let i = 0; i < 40; i++) {
      const claim = (await claimItem(api, task, ann)).claim!;
      const prompt = claim.item.prompt!.text!;
      const keys = claim.item.answers.map(({ key }) => key);
      shown.set(prompt, [...(shown.get(prompt) ?? []), keys]);
      await submitFeedback(api, claim.id, { pairwise: { outcome: 'BOTH_GOOD' } }, undefined, ann);
    }
    const twice = [...shown.values()].filter((orders) => orders.length > 1);
    expect(twice.length).toBeGreaterThan(0);
    for (const [first, second, ...more] of twice) {
      expect(second).toEqual([...first!].reverse());
      expect(more).toEqual([]);
    }
    expect((await facts(task)).counts).toMatchObject({ repeats: twice.length, answers: 40 - twice.length });
    // Of 40 pairs nearly all orders would be equal if the sides were not drawn: this fails once in 10^8 seeds.
    expect(new Set([...shown.values()].map(([first]) => first!.join())).size).toBe(2);
  });

  test('lets only those take part whom it names', async () => {
    const { viewer } = (await api.send<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }', {}, ann))
      .body.data!;
    const task = await taskOf(1, { participants: [viewer.user.id] });
    const refused = await mutate(api, 'claimFeedbackItem', 'ClaimedFeedbackItem { nothing }', { taskId: task }, bob);
    expect(refused.problems).toMatchObject([{ path: ['taskId'], code: 'FORBIDDEN' }]);
    const held = (await claimItem(api, task, ann)).claim!;
    expect(held.item.text).toBe('text 1');
    const other = (await api.send<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }', {}, bob)).body;
    const update = { taskId: task, participants: [other.data!.viewer.user.id] };
    await mutate(api, 'updateFeedbackTask', 'FeedbackTask { id }', update);
    expect((await trySubmit(api, held.id, up, undefined, ann)).problems).toMatchObject([
      { path: ['claimId'], code: 'FORBIDDEN' },
    ]);
    expect((await facts(task)).counts).toMatchObject({ answers: 0 });
  });

  test('gives out nothing while it is paused, and takes answers to what is held', async () => {
    const task = await taskOf(2, { paused: true });
    const claim = () => mutate(api, 'claimFeedbackItem', 'ClaimedFeedbackItem { nothing }', { taskId: task }, ann);
    expect((await claim()).problems).toMatchObject([{ code: 'CONFLICT' }]);
    await mutate(api, 'resumeFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    const held = (await claimItem(api, task, ann)).claim!;
    await mutate(api, 'pauseFeedbackTask', 'FeedbackTask { status }', { taskId: task });
    expect((await claim()).problems).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await submitFeedback(api, held.id, up, undefined, ann)).toMatchObject({ late: false });
  });

  test('stores how probable each pick was', async () => {
    const picks = async (input: Record<string, unknown>) => {
      const task = await taskOf(4, { overlap: { atLeast: 9 }, ...input });
      for (let i = 0; i < 4; i++) await answer(task, ann);
      const { node } = await api.request<{
        node: { answers: { nodes: { picked: string; propensity: number }[] } };
      }>('query ($id: ID!) { node(id: $id) { ... on FeedbackTask { answers { nodes { picked propensity } } } } }', {
        id: task,
      });
      return node.answers.nodes;
    };
    // ε/n of n that are left, and 1 − ε more for the first of them.
    for (const [place, { picked, propensity }] of (await picks({ randomShare: 0.5 })).entries()) {
      const n = 4 - place;
      const options = picked === 'ORDER' ? [0.5 / n + 0.5] : [0.5 / n, 0.5 / n + 0.5];
      expect(options.some((each) => Math.abs(each - propensity) < 1e-9)).toBe(true);
    }
    expect((await picks({ randomShare: 0 })).map(({ propensity }) => propensity)).toEqual([1, 1, 1, 1]);
    expect((await picks({ order: 'RANDOM' })).map(({ propensity }) => propensity)).toEqual([1 / 4, 1 / 3, 1 / 2, 1]);
  });
});
