import { z } from 'zod';
import { Finding } from '../../../src/protocol/findings.js';
import type { PolicyGuards } from '../../../src/protocol/methods/policy-optimization.js';
import { signTest } from '../../../src/statistics/sign-test.js';

/** What held-out prompts say of a policy at a time. */
export interface HeldOutPolicy {
  readonly step: number;
  /** Nats a completion. */
  readonly kl: number;
  readonly length: number;
  readonly repetition: number;
  /** The mean reward that is learned. */
  readonly reward: number;
  /** Rewards that are measured alone, prompt by prompt, NaN where one has none. */
  readonly control: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** What the policy makes of judged pairs, always the same ones; absent without such pairs. */
  readonly preferences?: MeasuredPairs | undefined;
}

/** Judged pairs as a policy sees them. */
export interface MeasuredPairs {
  /** [P] whether the better of the two answers is the likelier one a token. */
  readonly areRight: readonly boolean[];
  /** [P] equal numbers for pairs that depend on each other, such as those of one prompt (`pairGroups`). */
  readonly groups: Int32Array;
}

/** What guards remember, as a checkpoint keeps it. */
export const GuardState = z.object({
  /** Before the first update; null: not measured yet. */
  start: z.object({ length: z.number(), repetition: z.number() }).nullable(),
  /** For each control reward, the evaluation at which it was greatest. */
  best: z.array(
    z.object({
      name: z.string(),
      step: z.number().int(),
      reward: z.number(),
      /** Prompt by prompt; null where one has none. */
      values: z.array(z.number().nullable()),
    }),
  ),
  /** The evaluation at which most judged pairs were right; null without such pairs, and before they are measured. */
  bestPreferences: z
    .object({ step: z.number().int(), reward: z.number(), areRight: z.array(z.boolean()) })
    .nullable()
    .default(null),
  /** Each code once. */
  findings: z.array(Finding),
});
export type GuardState = z.infer<typeof GuardState>;

export const noGuardState: GuardState = { start: null, best: [], bestPreferences: null, findings: [] };

/** The greatest difference between trainer and generator that rounding explains. */
const mostRoundingGap = 1e-4;

/** A loss of judged pairs that is no less probable than this is taken for chance. */
const chance = 0.05;

/**
 * Takes an evaluation into account.
 *
 * A reward is gamed where it rose since the evaluation at which a control reward was greatest, and that fell by more
 * than two standard errors of the difference on the same prompts (Gao et al. 2022, arXiv:2210.10760, show the course).
 * So it is where, since the evaluation at which most judged pairs were right, more prompts lost pairs than won some, by
 * a sign test with one vote a prompt: pairs of one prompt rise and fall together, and are no proofs of their own. An
 * evaluation without any reward, as of empty completions alone, compares with none.
 */
export function observeHeldOut(state: GuardState, measured: HeldOutPolicy, guards: PolicyGuards): GuardState {
  const { step, kl, length, repetition, reward } = measured;
  const start = state.start ?? { length, repetition };
  const found: Finding[] = [];
  if (guards.klBudget !== null && kl > guards.klBudget) {
    found.push({ code: 'POLICY_FAR_FROM_REFERENCE', step, kl, budget: guards.klBudget });
  }
  if (guards.lengthGrowth !== null && length > guards.lengthGrowth * start.length) {
    found.push({ code: 'COMPLETIONS_GROW', step, length, startLength: start.length });
  }
  if (guards.repetition !== null && repetition > guards.repetition && repetition > start.repetition) {
    found.push({ code: 'COMPLETIONS_REPEAT', step, repetition, startRepetition: start.repetition });
  }
  const best = measured.control.flatMap(({ name, values }) => {
    const now = { name, step, reward, values: values.map((value) => (Number.isNaN(value) ? null : value)) };
    const before = state.best.find((each) => each.name === name);
    if (Number.isNaN(reward) || now.values.every((value) => value === null)) return before ?? [];
    if (before === undefined || meanOf(now.values) >= meanOf(before.values)) return now;
    const fall = pairedFall(before.values, now.values);
    if (reward > before.reward && fall.mean > 2 * fall.error) {
      found.push({
        code: 'REWARD_OVEROPTIMIZED',
        step,
        control: name,
        reward,
        rewardBefore: before.reward,
        controlValue: meanOf(now.values),
        controlBefore: meanOf(before.values),
        stepBefore: before.step,
      });
    }
    return before;
  });
  const { bestPreferences, unlearned } = observePreferences(state.bestPreferences, measured);
  return { start, best, bestPreferences, findings: joined(state.findings, [...found, ...unlearned]) };
}

function observePreferences(
  before: GuardState['bestPreferences'],
  { step, reward, preferences }: HeldOutPolicy,
): { readonly bestPreferences: GuardState['bestPreferences']; readonly unlearned: readonly Finding[] } {
  if (preferences === undefined || Number.isNaN(reward)) return { bestPreferences: before, unlearned: [] };
  const { areRight } = preferences;
  const now = { step, reward, areRight: [...areRight] };
  const pairs = areRight.length;
  const rightIn = (all: readonly boolean[]) => all.filter((is) => is).length;
  if (before === null || rightIn(areRight) >= rightIn(before.areRight)) {
    return { bestPreferences: now, unlearned: [] };
  }
  const { lost, won } = votesOf(before.areRight, preferences);
  if (reward <= before.reward || (signTest(won, lost) ?? 1) >= chance) {
    return { bestPreferences: before, unlearned: [] };
  }
  const unlearned = {
    code: 'PREFERENCES_UNLEARNED',
    step,
    reward,
    rewardBefore: before.reward,
    accuracy: rightIn(areRight) / pairs,
    accuracyBefore: rightIn(before.areRight) / pairs,
    pairs,
    lost,
    won,
    stepBefore: before.step,
  } as const;
  return { bestPreferences: before, unlearned: [unlearned] };
}

/** Groups that lost more pairs than they won, and the other way round. */
function votesOf(before: readonly boolean[], { areRight, groups }: MeasuredPairs): { lost: number; won: number } {
  const balances = new Map<number, number>();
  for (const [pair, group] of groups.entries()) {
    balances.set(group, (balances.get(group) ?? 0) + Number(areRight[pair]) - Number(before[pair]));
  }
  const all = [...balances.values()];
  return { lost: all.filter((balance) => balance < 0).length, won: all.filter((balance) => balance > 0).length };
}

/** Takes an update's own figures into account: the greatest difference of ln π, and its divergence where known. */
export function observeUpdate(
  state: GuardState,
  { step, gap, kl }: { readonly step: number; readonly gap: number; readonly kl: number | null },
  { klBudget }: PolicyGuards,
): GuardState {
  const found: Finding[] = [];
  if (gap > mostRoundingGap) found.push({ code: 'GENERATOR_DIFFERS', step, difference: gap });
  if (klBudget !== null && kl !== null && kl > klBudget) {
    found.push({ code: 'POLICY_FAR_FROM_REFERENCE', step, kl, budget: klBudget });
  }
  return { ...state, findings: joined(state.findings, found) };
}

/** Whether a finding ends the run: not so one that tells of the platform's own rounding. */
export function endsRun({ findings }: GuardState, { stops }: PolicyGuards): Finding | null {
  if (!stops) return null;
  return findings.find(({ code }) => code !== 'GENERATOR_DIFFERS') ?? null;
}

/** The first finding of each code stays. */
function joined(findings: readonly Finding[], found: readonly Finding[]): Finding[] {
  const codes = new Set(findings.map(({ code }) => code));
  return [...findings, ...found.filter(({ code }, index) => isFirst(found, code, index) && !codes.has(code))];
}

function isFirst(found: readonly Finding[], code: Finding['code'], index: number): boolean {
  return found.findIndex((each) => each.code === code) === index;
}

function meanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
}

/** By how much values fell on the same prompts, and the standard error of that, which one prompt does not tell. */
function pairedFall(before: readonly (number | null)[], now: readonly (number | null)[]) {
  const falls = before.flatMap((value, i) => (value === null || now[i] == null ? [] : [value - now[i]!]));
  const mean = meanOf(falls);
  if (falls.length < 2) return { mean, error: Number.POSITIVE_INFINITY };
  const squares = falls.reduce((sum, fall) => sum + (fall - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (falls.length - 1) / falls.length) };
}
