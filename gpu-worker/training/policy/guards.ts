import { z } from 'zod';
import { Finding } from '../../../src/protocol/findings.js';
import type { PolicyGuards } from '../../../src/protocol/methods/policy-optimization.js';

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
  /** Each code once. */
  findings: z.array(Finding),
});
export type GuardState = z.infer<typeof GuardState>;

export const noGuardState: GuardState = { start: null, best: [], findings: [] };

/** The greatest difference between trainer and generator that rounding explains. */
const mostRoundingGap = 1e-4;

/**
 * Takes an evaluation into account.
 *
 * A reward is gamed where it rose since the evaluation at which a control reward was greatest, and that fell by more
 * than two standard errors of the difference on the same prompts (Gao et al. 2022, arXiv:2210.10760, show the course).
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
  const best = measured.control.map(({ name, values }) => {
    const now = { name, step, reward, values: values.map((value) => (Number.isNaN(value) ? null : value)) };
    const before = state.best.find((each) => each.name === name);
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
  return { start, best, findings: joined(state.findings, found) };
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
