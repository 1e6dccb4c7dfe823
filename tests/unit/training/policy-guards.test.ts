import { describe, expect, test } from 'vitest';
import {
  endsRun,
  GuardState,
  type HeldOutPolicy,
  noGuardState,
  observeHeldOut,
  observeUpdate,
} from '../../../gpu-worker/training/policy/guards.js';
import { repetitionOf } from '../../../gpu-worker/training/policy/policy-metrics.js';
import { promptOf } from '../../../gpu-worker/training/policy/prompt-of.js';

const guards = { klBudget: 5, lengthGrowth: 2, repetition: 0.5, stops: true } as const;
const start: HeldOutPolicy = {
  step: 0,
  kl: 0,
  length: 10,
  repetition: 0.1,
  reward: 1,
  control: [{ name: 'people', values: [1, 2, 3, 4] }],
};
/** Pairs of prompts of their own. */
const apart = (areRight: readonly boolean[]) => ({ areRight, groups: Int32Array.from(areRight.keys()) });
const codes = (state: ReturnType<typeof observeHeldOut>) => state.findings.map(({ code }) => code);
const observed = (...measured: readonly Partial<HeldOutPolicy>[]) =>
  [{}, ...measured].reduce(
    (state, each, step) => observeHeldOut(state, { ...start, step, ...each }, guards),
    noGuardState,
  );

describe('guards of a policy', () => {
  test('say nothing of one that stays as it was', () => {
    expect(codes(observed({}, {}))).toEqual([]);
    expect(endsRun(observed({}), guards)).toBeNull();
  });

  test('compare lengths and repetition with those before the first update', () => {
    expect(codes(observed({ length: 20 }))).toEqual([]);
    expect(observed({ length: 15 }, { length: 21 }).findings).toEqual([
      { code: 'COMPLETIONS_GROW', step: 2, length: 21, startLength: 10 },
    ]);
    expect(codes(observed({ repetition: 0.6 }))).toEqual(['COMPLETIONS_REPEAT']);
  });

  test('tell of a reward that rises while a control falls beyond chance', () => {
    const lower = { reward: 2, control: [{ name: 'people', values: [0, 1, 2, 3] }] };
    expect(observed(lower).findings).toEqual([
      {
        code: 'REWARD_OVEROPTIMIZED',
        step: 1,
        control: 'people',
        reward: 2,
        rewardBefore: 1,
        controlValue: 1.5,
        controlBefore: 2.5,
        stepBefore: 0,
      },
    ]);
    // The same fall without a rise, or one that differs from prompt to prompt as much as it falls.
    expect(codes(observed({ ...lower, reward: 1 }))).toEqual([]);
    const uneven = [{ name: 'people', values: [5, 0, 3, 0] }];
    expect(codes(observed({ reward: 2, control: uneven }))).toEqual([]);
  });

  test('compare a control with the evaluation at which it was greatest', () => {
    const higher = [{ name: 'people', values: [2, 3, 4, 5] }];
    const state = observed({ reward: 2, control: higher }, { reward: 3 });
    expect(state.findings).toMatchObject([{ code: 'REWARD_OVEROPTIMIZED', stepBefore: 1, rewardBefore: 2 }]);
  });

  test('leave out prompts whose control could not be given', () => {
    const some = [{ name: 'people', values: [Number.NaN, 1, 2, 3] }];
    expect(codes(observed({ reward: 2, control: some }))).toEqual(['REWARD_OVEROPTIMIZED']);
  });

  test('compare with no evaluation that has no reward, such as one of empty completions', () => {
    const none = { reward: Number.NaN, control: [{ name: 'people', values: Array(4).fill(Number.NaN) }] };
    // The mean of no values is no 0, which would be above those of penalties.
    const penalties = [{ name: 'people', values: [-1, -2, -3, -4] }];
    const state = observed({ control: penalties }, none, {
      reward: 2,
      control: [{ name: 'people', values: [-7, -8, -9, -10] }],
    });
    expect(state.findings).toMatchObject([{ code: 'REWARD_OVEROPTIMIZED', controlBefore: 2.5, stepBefore: 0 }]);
    expect(
      GuardState.parse(JSON.parse(JSON.stringify(observed({ ...none, preferences: apart([true]) })))),
    ).toMatchObject({
      best: [{ step: 0 }],
      bestPreferences: null,
    });
  });

  test('take no fall on a single prompt for more than chance', () => {
    const single = [{ name: 'people', values: [0, Number.NaN, Number.NaN, Number.NaN] }];
    expect(codes(observed({ reward: 2, control: single }))).toEqual([]);
  });

  describe('of judged pairs', () => {
    const pairs = (right: number) => apart(Array.from({ length: 20 }, (_, pair) => pair < right));

    test('tell of pairs that are lost while the reward rises', () => {
      expect(observed({ preferences: pairs(16) }, { reward: 2, preferences: pairs(8) }).findings).toEqual([
        {
          code: 'PREFERENCES_UNLEARNED',
          step: 2,
          reward: 2,
          rewardBefore: 1,
          accuracy: 0.4,
          accuracyBefore: 0.8,
          pairs: 20,
          lost: 8,
          won: 0,
          stepBefore: 1,
        },
      ]);
      // Without a rise of the reward there is nothing that is gamed.
      expect(codes(observed({ preferences: pairs(16) }, { preferences: pairs(8) }))).toEqual([]);
    });

    test('take no loss for more than chance that a sign test does not', () => {
      // All five are lost: p = 2 / 2⁵ = 0.0625. Six: 2 / 2⁶ = 0.03125.
      expect(codes(observed({ preferences: pairs(16) }, { reward: 2, preferences: pairs(11) }))).toEqual([]);
      expect(codes(observed({ preferences: pairs(16) }, { reward: 2, preferences: pairs(10) }))).toHaveLength(1);
      // Eight are lost and three won: p = 2 · (1 + 11 + 55 + 165) / 2¹¹ = 0.227.
      const mixed = apart(pairs(16).areRight.map((_, pair) => pair >= 8 && pair < 19));
      expect(codes(observed({ preferences: pairs(16) }, { reward: 2, preferences: mixed }))).toEqual([]);
    });

    test('have one vote a prompt, however many pairs it has', () => {
      const of = (prompts: number, right: (prompt: number, place: number) => boolean) => {
        const groups = Int32Array.from({ length: 8 * prompts }, (_, pair) => Math.floor(pair / 8));
        return { groups, areRight: Array.from(groups, (prompt, pair) => right(prompt, pair % 8)) };
      };
      const found = (before: HeldOutPolicy['preferences'], now: HeldOutPolicy['preferences']) =>
        observed({ preferences: before }, { reward: 2, preferences: now }).findings;
      // Sixteen pairs of two prompts are lost: p = 2 / 2² = 0.5, not 2 / 2¹⁶.
      const all = of(20, () => true);
      expect(
        found(
          all,
          of(20, (prompt) => prompt > 1),
        ),
      ).toEqual([]);
      // Of six prompts one pair each, of a seventh as many are lost as won: 2 / 2⁶ = 0.03125.
      const before = of(20, (prompt, place) => prompt !== 6 || place < 4);
      const now = of(20, (prompt, place) => (prompt === 6 ? place >= 4 : prompt > 6 || place > 0));
      expect(found(before, now)).toMatchObject([{ code: 'PREFERENCES_UNLEARNED', pairs: 160, lost: 6, won: 0 }]);
    });

    test('compare with the evaluation at which most were right', () => {
      const state = observed(
        { preferences: pairs(10) },
        { preferences: pairs(18), reward: 2 },
        { preferences: pairs(9), reward: 3 },
      );
      expect(state.findings).toMatchObject([{ stepBefore: 2, rewardBefore: 2, lost: 9, won: 0 }]);
      expect(endsRun(state, guards)?.code).toBe('PREFERENCES_UNLEARNED');
    });

    test('stay in a checkpoint, and are none in one of a former release', () => {
      const state = observed({ preferences: pairs(3) });
      expect(GuardState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
      const { bestPreferences: _, ...former } = noGuardState;
      expect(GuardState.parse(former)).toEqual(noGuardState);
    });
  });

  test('tell each thing once, and end the run by what is wrong with the policy alone', () => {
    const once = observeUpdate(noGuardState, { step: 3, gap: 0, kl: 6 }, guards);
    const twice = observeUpdate(once, { step: 4, gap: 0, kl: 7 }, guards);
    expect(twice.findings).toEqual([{ code: 'POLICY_FAR_FROM_REFERENCE', step: 3, kl: 6, budget: 5 }]);
    expect(endsRun(twice, guards)?.code).toBe('POLICY_FAR_FROM_REFERENCE');
    expect(endsRun(twice, { ...guards, stops: false })).toBeNull();
    const rounding = observeUpdate(noGuardState, { step: 1, gap: 2e-4, kl: null }, guards);
    expect(rounding.findings).toEqual([{ code: 'GENERATOR_DIFFERS', step: 1, difference: 2e-4 }]);
    expect(endsRun(rounding, guards)).toBeNull();
  });
});

test('repetition is the share of trigrams that came before', () => {
  expect(repetitionOf(Int32Array.of(1, 2))).toBe(0);
  expect(repetitionOf(Int32Array.of(1, 2, 3, 4))).toBe(0);
  // 111, 111, 111: one of three is new.
  expect(repetitionOf(Int32Array.of(1, 1, 1, 1, 1))).toBeCloseTo(2 / 3, 12);
});

describe('a cell as a prompt', () => {
  test('is a text, or what the user says where there is a chat template', () => {
    expect(promptOf('why?', 'be brief', false)).toEqual({ kind: 'text', text: 'why?' });
    expect(promptOf('why?', 'be brief', true)).toEqual({
      kind: 'messages',
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'why?' },
      ],
    });
  });

  test('leaves out the answer that a list of turns ends with', () => {
    const turns = [
      { role: 'user', content: 'why?' },
      { role: 'assistant', content: 'so' },
    ];
    const cell = JSON.stringify(turns);
    expect(promptOf(cell, null, true)).toEqual({ kind: 'messages', messages: [turns[0]] });
    expect(promptOf(cell, null, false)).toBeNull();
    expect(promptOf(JSON.stringify([turns[1]]), null, true)).toBeNull();
    expect(promptOf('[1] see below', null, false)).toEqual({ kind: 'text', text: '[1] see below' });
  });

  test('reads turns in the forms that preferences have, and none that can not be read', () => {
    const asked = { kind: 'messages', messages: [{ role: 'user', content: 'why?' }] };
    const shareGpt = [
      { from: 'human', value: 'why?' },
      { from: 'gpt', value: 'so' },
    ];
    expect(promptOf(JSON.stringify(shareGpt), null, true)).toEqual(asked);
    expect(promptOf(JSON.stringify({ messages: asked.messages }), null, true)).toEqual(asked);
    expect(promptOf(JSON.stringify([{ role: 'alien', content: 'why?' }]), null, true)).toBeNull();
    expect(promptOf('[]', null, false)).toEqual({ kind: 'text', text: '[]' });
  });
});
