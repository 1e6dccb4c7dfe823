import { subjectOf } from '../../protocol/feedback/check-content.js';
import type { FeedbackDatasetRules, LeftOutReason } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackQuestion, FeedbackSpan, FeedbackValue } from '../../protocol/feedback.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import { type Posteriors, unitId } from '../results/statistics/posteriors.js';
import {
  pairCategories,
  pairsOf,
  presence,
  rankDifference,
  setCategory,
  type Unit,
  unitsOf,
} from '../results/statistics/units.js';
import { type ChoosingPolicy, type Decision, decide, type Outcome } from './decide.js';
import type { PromptFacts } from './row-form.js';
import { tagsOfSpans, withoutOverlaps } from './tags-of-spans.js';

type Row = Readonly<Record<string, unknown>>;

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

/** The rows of an item, without those columns that all kinds have. */
export function rowsOfItem(by: RowRules, item: ItemToDecide): ItemRows {
  const { question, rules } = by;
  switch (question.kind) {
    case 'pairwise':
    case 'ranking':
      return rowsOfPairs(by, item);
    case 'rating':
      return rules.policy.kind === 'scale'
        ? rowOfScale(by, item, rules.policy.statistic)
        : rowsOfWhole(by, item, ({ category }) => ({ ...subject(by, item), rating: Number(category) }));
    case 'labels':
      return question.several ? rowOfSet(by, item) : rowsOfLabel(by, item);
    case 'spans':
      return rowOfSpans(by, item);
    case 'thumbs':
      return rowsOfWhole(by, item, ({ category }) => {
        const up = category === 'UP';
        return { ...answered(by, item, subjectOf(item.content)!), label: up, reason: reasonOf(item, up) };
      });
    case 'correction':
      return rowsOfCorrection(by, item);
    case 'demonstration':
      return rowsOfWhole(by, item, ({ category: text }) =>
        by.prompts.areConversations
          ? { messages: [...(promptOf(by, item) as object[]), assistant(text)] }
          : { prompt: promptOf(by, item), completion: text },
      );
    default:
      return question satisfies never;
  }
}

function decideUnit({ rules, posteriors }: RowRules, item: ItemToDecide, { key, categoryOf }: Unit): Decision {
  return decide(
    {
      votes: item.answers.flatMap(({ value }) => categoryOf(value) ?? []),
      adjudicated: item.adjudicated === null ? null : categoryOf(item.adjudicated),
      posterior: posteriors?.get(unitId(item.id, key)) ?? null,
    },
    rules.policy as ChoosingPolicy,
    rules,
  );
}

function rowsOfWhole(by: RowRules, item: ItemToDecide, rowOf: (outcome: Outcome) => Row | null): ItemRows {
  const decision = decideUnit(by, item, unitsOf(by.question, item.content)[0]!);
  if ('leftOut' in decision) return none([decision.leftOut]);
  return kept(item, decision, rowOf);
}

/** @param rowOf null: the outcome has nothing to learn */
function kept(item: ItemToDecide, { outcomes, agreement }: Kept, rowOf: (outcome: Outcome) => Row | null): ItemRows {
  const rows = outcomes.flatMap((outcome) => {
    const row = rowOf(outcome);
    return row === null ? [] : [{ ...row, ...facts(item, outcome, agreement) }];
  });
  return rows.length === 0 ? none(['NO_PREFERENCE']) : { rows, kept: 1, leftOut: [], overlappingSpans: 0 };
}

function none(leftOut: readonly LeftOutReason[]): ItemRows {
  return { rows: [], kept: 0, leftOut, overlappingSpans: 0 };
}

function facts({ answers }: ItemToDecide, { weight, probability }: Outcome, agreement: number | null): Row {
  return { weight, probability, agreement, answerCount: answers.length };
}

function rowsOfPairs(by: RowRules, item: ItemToDecide): ItemRows {
  const units = unitsOf(by.question, item.content);
  const parts = pairsOf(item.content.answers.length).map((pair, i): ItemRows => {
    const unit = units[i]!;
    const decision = decideUnit(by, item, unit);
    if ('leftOut' in decision) return none([decision.leftOut]);
    const rows = decision.outcomes.flatMap((outcome) =>
      pairRows(by, item, pair, unit, outcome).map((row) => ({ ...row, ...facts(item, outcome, decision.agreement) })),
    );
    return rows.length === 0 ? none(['NO_PREFERENCE']) : { rows, kept: 1, leftOut: [], overlappingSpans: 0 };
  });
  return {
    rows: parts.flatMap(({ rows }) => rows),
    kept: parts.reduce((sum, part) => sum + part.kept, 0),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
    overlappingSpans: 0,
  };
}

function pairRows(
  by: RowRules,
  item: ItemToDecide,
  pair: readonly [number, number],
  unit: Unit,
  { category, probability }: Outcome,
): readonly Row[] {
  const [first, second] = pair.map((place) => item.content.answers[place]!);
  const isPreferred = category === pairCategories.first || category === pairCategories.second;
  const [chosen, rejected] = category === pairCategories.second ? [second!, first!] : [first!, second!];
  const strength = isPreferred ? strengthOf(item, unit, category, [chosen.key, rejected.key]) : null;
  if (by.rules.unpaired) {
    const outcome = isPreferred ? 'PREFERRED' : category;
    const [firstIsGood, secondIsGood] = isPreferred
      ? [true, false]
      : Array(2).fill(category === pairCategories.bothGood);
    return [
      { ...answered(by, item, chosen.text), label: firstIsGood, outcome, strength },
      { ...answered(by, item, rejected.text), label: secondIsGood, outcome, strength },
    ];
  }
  if (!isPreferred) return [];
  const { completion: better, ...prompt } = answered(by, item, chosen.text);
  const { completion: worse } = answered(by, item, rejected.text);
  const posterior = probability === null ? null : by.posteriors!.get(unitId(item.id, unit.key))!;
  return [
    { ...prompt, chosen: better, rejected: worse, strength, chosenProbability: chosenProbability(posterior, category) },
  ];
}

/** P(chosen ≻ rejected), given that one is better; of what was adjudicated 1. */
function chosenProbability(posterior: ReadonlyMap<string, number> | null, category: string): number {
  if (posterior === null) return 1;
  const better = posterior.get(category)!;
  return better / (posterior.get(pairCategories.first)! + posterior.get(pairCategories.second)!);
}

/**
 * How much better the chosen answer is by those who say so: the mean of their strengths, or of the ranks between the
 * two. Null where nobody said.
 */
function strengthOf(
  { answers, adjudicated }: ItemToDecide,
  { categoryOf }: Unit,
  category: string,
  [chosen, rejected]: readonly [string, string],
): number | null {
  const said = answers.map(({ value }) => value).filter((value) => categoryOf(value) === category);
  const counted = said.length > 0 || adjudicated === null ? said : [adjudicated];
  const strengths = counted.flatMap((value) => {
    if (value.kind === 'pairwise') return value.strength ?? [];
    return Math.abs(rankDifference(value, chosen, rejected)!);
  });
  return strengths.length === 0 ? null : strengths.reduce((sum, each) => sum + each, 0) / strengths.length;
}

function rowOfScale(by: RowRules, item: ItemToDecide, statistic: 'MEAN' | 'MEDIAN'): ItemRows {
  const { leastAnswers, leastAgreement } = by.rules;
  const { adjudicated } = item;
  const ratings = item.answers
    .flatMap(({ value }) => (value.kind === 'rating' ? value.rating : []))
    .sort((a, b) => a - b);
  const most = Math.max(...ratings.map((rating) => ratings.filter((each) => each === rating).length));
  const agreement = ratings.length === 0 ? null : most / ratings.length;
  const rowOf = (rating: number) =>
    kept(item, { agreement, outcomes: [{ category: '', weight: 1, probability: null }] }, () => ({
      ...subject(by, item),
      rating,
    }));
  if (adjudicated?.kind === 'rating') return rowOf(adjudicated.rating);
  if (ratings.length < leastAnswers) return none(['TOO_FEW_ANSWERS']);
  if (leastAgreement !== null && agreement! < leastAgreement) return none(['TOO_LITTLE_AGREEMENT']);
  return rowOf(statistic === 'MEAN' ? ratings.reduce((sum, each) => sum + each, 0) / ratings.length : middle(ratings));
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function rowsOfLabel(by: RowRules, item: ItemToDecide): ItemRows {
  const posterior = by.posteriors?.get(unitId(item.id, ''));
  return rowsOfWhole(by, item, ({ category: label }) => {
    const row = { ...subject(by, item), label };
    return by.posteriors === null
      ? row
      : { ...row, labelProbabilities: posterior === undefined ? { [label]: 1 } : Object.fromEntries(posterior) };
  });
}

/** Of several labels each is decided by itself, and an item is left out where one of them can not be. */
function rowOfSet(by: RowRules, item: ItemToDecide): ItemRows {
  const { policy } = by.rules;
  const rowOf = (labels: readonly string[], more: Row = {}) => ({ ...subject(by, item), labels, ...more });
  if (policy.kind === 'allVotes') {
    const whole: Unit = {
      key: '',
      family: 'set',
      categoryOf: (value) => (value.kind === 'labels' ? setCategory(value) : null),
    };
    const decision = decideUnit(by, item, whole);
    if ('leftOut' in decision) return none([decision.leftOut]);
    return kept(item, decision, ({ category }) => rowOf(JSON.parse(category) as string[]));
  }
  const labels: string[] = [];
  const probabilities: Record<string, number> = {};
  let [agreement, probability]: [number | null, number | null] = [null, null];
  for (const unit of unitsOf(by.question, item.content)) {
    const decision = decideUnit(by, item, unit);
    if ('leftOut' in decision) return none([decision.leftOut]);
    const isPresent = decision.outcomes.some(({ category }) => category === presence.present);
    if (isPresent) labels.push(unit.key);
    agreement = least(agreement, decision.agreement);
    probability = least(probability, decision.outcomes[0]!.probability);
    const known = by.posteriors?.get(unitId(item.id, unit.key))?.get(presence.present);
    probabilities[unit.key] = decision.outcomes[0]!.probability === null ? (isPresent ? 1 : 0) : known!;
  }
  const more = by.posteriors === null ? {} : { labelProbabilities: probabilities };
  return kept(item, { agreement, outcomes: [{ category: '', weight: 1, probability }] }, () => rowOf(labels, more));
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Each span that anybody marked is decided by itself, under the majority: it is one if more than half marked it. */
function rowOfSpans(by: RowRules, item: ItemToDecide): ItemRows {
  const { policy } = by.rules;
  const text = subjectOf(item.content)!;
  const rowOf = (spans: readonly FeedbackSpan[]) => ({ ...tagsOfSpans(text, spans), text, spans });
  if (policy.kind !== 'majority' || item.adjudicated !== null) {
    const decision = decideUnit(by, item, unitsOf(by.question, item.content)[0]!);
    if ('leftOut' in decision) return none([decision.leftOut]);
    let overlappingSpans = 0;
    const made = kept(item, decision, ({ category }) => {
      const all = (JSON.parse(category) as [number, number, string][]).map(([start, end, label]) => ({
        start,
        end,
        label,
        votes: 1,
      }));
      const spans = withoutOverlaps(all);
      overlappingSpans += all.length - spans.length;
      return rowOf(spans.map(withoutVotes));
    });
    return { ...made, overlappingSpans };
  }
  const spans: (FeedbackSpan & { readonly votes: number })[] = [];
  let agreement: number | null = item.answers.length === 0 ? null : 1;
  const marked = new Map<string, FeedbackSpan>();
  for (const { value } of item.answers) {
    if (value.kind !== 'spans') continue;
    for (const span of value.spans) marked.set(JSON.stringify([span.start, span.end, span.label]), span);
  }
  if (item.answers.length < by.rules.leastAnswers) return none(['TOO_FEW_ANSWERS']);
  for (const [key, span] of [...marked].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const unit: Unit = { key, family: 'span', categoryOf: (value) => presenceOf(value, span) };
    const decision = decideUnit(by, item, unit);
    if ('leftOut' in decision) return none([decision.leftOut]);
    agreement = least(agreement, decision.agreement);
    const votes = item.answers.filter(({ value }) => presenceOf(value, span) === presence.present).length;
    if (decision.outcomes.some(({ category }) => category === presence.present)) spans.push({ ...span, votes });
  }
  const apart = withoutOverlaps(spans);
  const made = kept(item, { agreement, outcomes: [{ category: '', weight: 1, probability: null }] }, () =>
    rowOf(apart.map(withoutVotes)),
  );
  return { ...made, overlappingSpans: spans.length - apart.length };
}

function withoutVotes({ start, end, label }: FeedbackSpan): FeedbackSpan {
  return { start, end, label };
}

function presenceOf(value: FeedbackValue, { start, end, label }: FeedbackSpan): string | null {
  if (value.kind !== 'spans') return null;
  const isThere = value.spans.some((each) => each.start === start && each.end === end && each.label === label);
  return isThere ? presence.present : presence.absent;
}

function rowsOfCorrection(by: RowRules, item: ItemToDecide): ItemRows {
  const original = subjectOf(item.content)!;
  if (!by.rules.correctionPairs) {
    const prompt = by.prompts.any ? { prompt: promptOf(by, item) } : {};
    return rowsOfWhole(by, item, ({ category: output }) => ({ input: original, output, ...prompt }));
  }
  return rowsOfWhole(by, item, ({ category: corrected }) => {
    if (corrected === original) return null;
    const { completion: rejected, ...prompt } = answered(by, item, original);
    return { ...prompt, chosen: answered(by, item, corrected).completion, rejected };
  });
}

/** What people who judged so gave as their reasons, each once. */
function reasonOf({ answers, adjudicated }: ItemToDecide, up: boolean): string | null {
  const values = [...answers.map(({ value }) => value), ...(adjudicated === null ? [] : [adjudicated])];
  const reasons = values.flatMap((value) => (value.kind === 'thumbs' && value.up === up ? (value.reason ?? []) : []));
  return reasons.length === 0 ? null : [...new Set(reasons)].join('\n');
}

/** The text that a question is about, and the prompt that it answers, if there is one. */
function subject(by: RowRules, item: ItemToDecide): Row {
  return { text: subjectOf(item.content)!, ...(by.prompts.any ? { prompt: promptOf(by, item) } : {}) };
}

/** A prompt and an answer to it: both texts, or both messages. */
function answered(by: RowRules, item: ItemToDecide, text: string): Readonly<Record<'prompt' | 'completion', unknown>> {
  return { prompt: promptOf(by, item), completion: by.prompts.areConversations ? [assistant(text)] : text };
}

function promptOf({ prompts }: RowRules, { content: { prompt } }: ItemToDecide): string | readonly object[] | null {
  if (prompt === null) return null;
  if (prompt.kind === 'messages') return prompt.messages;
  return prompts.areConversations ? [{ role: 'user', content: prompt.text }] : prompt.text;
}

function assistant(content: string): object {
  return { role: 'assistant', content };
}
