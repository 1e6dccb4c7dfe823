import type { FeedbackDatasetRules, LeftOutReason } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion, ModelJudgement } from '../../protocol/feedback.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import type { Posteriors } from '../results/statistics/posteriors.js';
import type { Unit } from '../results/statistics/units.js';
import { type ChoosingPolicy, type Decision, decide, type Outcome } from './decide.js';
import type { PromptFacts } from './row-form.js';

export type Row = Readonly<Record<string, unknown>>;

/** What an item becomes. */
export interface ItemRows {
  readonly rows: readonly Row[];
  /** Of how many units there are rows. */
  readonly kept: number;
  /** Why units are in no row. */
  readonly leftOut: readonly LeftOutReason[];
  readonly overlappingSpans: number;
}

/** By what the items of a task become rows. */
export interface RowRules {
  readonly question: FeedbackQuestion;
  readonly rules: FeedbackDatasetRules;
  readonly prompts: PromptFacts;
  /** Of the policy that asks for them; else null. */
  readonly posteriors: Posteriors | null;
}

interface Kept {
  readonly outcomes: readonly Outcome[];
  readonly agreement: number | null;
}

export function decideUnit({ rules, posteriors }: RowRules, item: ItemToDecide, { place, categoryOf }: Unit): Decision {
  const judgement = judgementOf({ rules }, item);
  if (judgement !== null) {
    const { preferred, probability } = judgement;
    const category = categoryOf({ kind: 'pairwise', outcome: 'preferred', preferred, strength: null })!;
    return { outcomes: [{ category, weight: 1, probability }], agreement: null };
  }
  return decide(
    {
      votes: item.answers.flatMap(({ value }) => categoryOf(value) ?? []),
      adjudicated: item.adjudicated === null ? null : categoryOf(item.adjudicated),
      posterior: posteriors?.of(item.id, place) ?? null,
    },
    rules.policy as ChoosingPolicy,
    rules,
  );
}

/** What a reward model said of an item that no person said anything of; null where that is not to count. */
export function judgementOf(
  { rules }: Pick<RowRules, 'rules'>,
  { answers, adjudicated, modelJudgement = null }: ItemToDecide,
): ModelJudgement | null {
  return rules.modelJudgements === true && answers.length === 0 && adjudicated === null ? modelJudgement : null;
}

/** @param rowOf null: the outcome has nothing to learn */
export function kept(
  item: ItemToDecide,
  { outcomes, agreement }: Kept,
  rowOf: (outcome: Outcome) => Row | null,
): ItemRows {
  const rows = outcomes.flatMap((outcome) => {
    const row = rowOf(outcome);
    return row === null ? [] : [{ ...row, ...facts(item, outcome, agreement) }];
  });
  return rows.length === 0 ? none(['NO_PREFERENCE']) : { rows, kept: 1, leftOut: [], overlappingSpans: 0 };
}

export function none(leftOut: readonly LeftOutReason[]): ItemRows {
  return { rows: [], kept: 0, leftOut, overlappingSpans: 0 };
}

export function facts({ answers }: ItemToDecide, { weight, probability }: Outcome, agreement: number | null): Row {
  return { weight, probability, agreement, answerCount: answers.length };
}

/** The smaller of two, as far as there are any. */
export function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** A prompt and an answer to it: both texts, or both messages. */
export function answered(
  by: RowRules,
  item: ItemToDecide,
  text: string,
): Readonly<Record<'prompt' | 'completion', unknown>> {
  return { prompt: promptOf(by, item), completion: by.prompts.areConversations ? [assistant(text)] : text };
}

export function promptOf(
  { prompts }: RowRules,
  { content: { prompt } }: ItemToDecide,
): string | readonly object[] | null {
  if (prompt === null) return null;
  if (prompt.kind === 'messages') return prompt.messages;
  return prompts.areConversations ? [{ role: 'user', content: prompt.text }] : prompt.text;
}

export function assistant(content: string): object {
  return { role: 'assistant', content };
}
