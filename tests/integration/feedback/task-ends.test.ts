import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnnotationRoom, down, openAnnotationRoom, up } from '../../support/annotated-tasks.js';
import { addFeedbackItems, claimItem, createFeedbackTask } from '../../support/feedback.js';

/** When a task has asked enough: of an item, in answers, and by how much people agree. */

let ann: AnnotationRoom['ann'];
let answer: AnnotationRoom['answer'];
let api: AnnotationRoom['api'];
let bob: AnnotationRoom['bob'];
let cleo: AnnotationRoom['cleo'];
let facts: AnnotationRoom['facts'];
let taskOf: AnnotationRoom['taskOf'];

let room: AnnotationRoom;
beforeAll(async () => {
  room = await openAnnotationRoom();
  ({ ann, answer, api, bob, cleo, facts, taskOf } = room);
});
afterAll(() => room?.[Symbol.asyncDispose]());

describe('a task', () => {
  test('asks once more where people differ, until it is sure or has asked enough', async () => {
    const task = await taskOf(1, { overlap: { atLeast: 2, atMost: 3 } });
    await answer(task, ann, up);
    await answer(task, bob, down);
    expect(await facts(task)).toMatchObject({ status: 'OPEN', counts: { settled: 0 } });
    await answer(task, cleo, up);
    expect(await facts(task)).toMatchObject({
      status: 'CLOSED',
      closedReason: 'ITEMS_SETTLED',
      counts: { answers: 3 },
    });
  });

  test('closes with as many answers as it was to get, and not before', async () => {
    const task = await taskOf(5, { ends: { itemsSettled: true, answers: 2 } });
    await answer(task, ann);
    expect(await facts(task)).toMatchObject({ status: 'OPEN' });
    await answer(task, bob);
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'ANSWERS_REACHED' });
    expect(await claimItem(api, task, ann)).toMatchObject({ claim: null, nothing: 'CLOSED' });
  });

  test('asks first again about what people differ most about, if that is its order', async () => {
    const input = {
      order: 'DISAGREEMENT',
      overlap: { atLeast: 2, atMost: 3, sureAt: 0.9 },
      ends: { itemsSettled: false },
    };
    const task = await taskOf(3, input);
    for (const said of [up, up, up]) await answer(task, ann, said);
    // Items without answers that differ come in the order in which they were given.
    expect((await answer(task, bob, up)).text).toBe('text 1');
    expect((await answer(task, bob, down)).text).toBe('text 2');
    expect((await answer(task, cleo, up)).text).toBe('text 2');
  });

  test('closes once people agree', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.8, units: 3 } };
    const task = await taskOf(4, { overlap: { atLeast: 2 }, ends });
    // Two items UP and one DOWN, each said by both: alpha is 1 with the third.
    for (const value of [up, up, down]) {
      expect((await facts(task)).status).toBe('OPEN');
      await answer(task, ann, value);
      await answer(task, bob, value);
    }
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
  });

  test('compares what is better of pairs, not the keys that their answers have', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.8, units: 3 } };
    const question = { pairwise: {} };
    const task = await createFeedbackTask(api, {
      name: 'keys',
      question,
      overlap: { atLeast: 2 },
      ends,
      randomShare: 0,
    });
    const items = [1, 2, 3, 4].map((i) => ({
      answers: [
        { key: `x${i}`, text: 'one' },
        { key: `y${i}`, text: 'two' },
      ],
    }));
    await addFeedbackItems(api, task, items);
    // Of three items the first answer is better: nothing differs, so that there is no alpha. It is 1 with the fourth.
    for (const preferred of ['x1', 'x2', 'x3', 'y4']) {
      expect((await facts(task)).status).toBe('OPEN');
      await answer(task, ann, { pairwise: { preferred } });
      await answer(task, bob, { pairwise: { preferred } });
    }
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
  });

  test('compares pairs of a ranking, as its agreement does', async () => {
    const ends = { itemsSettled: false, agreement: { alpha: 0.38, units: 2 } };
    const question = { ranking: {} };
    const task = await createFeedbackTask(api, {
      name: 'ranks',
      question,
      overlap: { atLeast: 2 },
      ends,
      randomShare: 0,
    });
    const answers = ['a', 'b', 'c'].map((key) => ({ key, text: key }));
    await addFeedbackItems(api, task, [{ answers }, { answers: [...answers] }, { answers }]);
    const ranking = (order: string) => ({ ranking: { ranks: [...order].map((key) => [key]) } });
    // Whole rankings differ in both items (alpha 0); of six pairs four are judged alike: 1 − 11 · 4 / 72.
    await answer(task, ann, ranking('abc'));
    await answer(task, bob, ranking('acb'));
    await answer(task, ann, ranking('cba'));
    expect(await facts(task)).toMatchObject({ status: 'OPEN' });
    await answer(task, bob, ranking('bca'));
    expect(await facts(task)).toMatchObject({ status: 'CLOSED', closedReason: 'AGREEMENT_REACHED' });
    const { node } = await api.request<{ node: { agreement: { alpha: { value: number } } } }>(
      'query ($id: ID!) { node(id: $id) { ... on FeedbackTask { agreement(rounds: 100) { alpha { value } } } } }',
      { id: task },
    );
    expect(node.agreement.alpha.value).toBeCloseTo(1 - 44 / 72, 12);
  });
});
