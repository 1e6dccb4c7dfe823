import { subjectOf } from '../../protocol/feedback/check-content.js';
import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import { presence, setCategory, type Unit, unitsOf } from '../results/statistics/units.js';
import type { Outcome } from './decide.js';
import {
  answered,
  assistant,
  decideUnit,
  type ItemRows,
  kept,
  least,
  none,
  promptOf,
  type Row,
  type RowRules,
} from './item-rows.js';
import { rowOfSpans } from './row-of-spans.js';
import { rowsOfPairs } from './rows-of-pairs.js';

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

function rowsOfWhole(by: RowRules, item: ItemToDecide, rowOf: (outcome: Outcome) => Row | null): ItemRows {
  const decision = decideUnit(by, item, unitsOf(by.question, item.content)[0]!);
  if ('leftOut' in decision) return none([decision.leftOut]);
  return kept(item, decision, rowOf);
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
  const posterior = by.posteriors?.of(item.id, 0) ?? null;
  return rowsOfWhole(by, item, ({ category: label }) => {
    const row = { ...subject(by, item), label };
    return by.posteriors === null
      ? row
      : { ...row, labelProbabilities: posterior === null ? { [label]: 1 } : Object.fromEntries(posterior) };
  });
}

/** Of several labels each is decided by itself, and an item is left out where one of them can not be. */
function rowOfSet(by: RowRules, item: ItemToDecide): ItemRows {
  const { policy } = by.rules;
  const rowOf = (labels: readonly string[], more: Row = {}) => ({ ...subject(by, item), labels, ...more });
  if (policy.kind === 'allVotes') {
    const whole: Unit = {
      key: '',
      place: 0,
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
    const known = by.posteriors?.of(item.id, unit.place)?.get(presence.present);
    probabilities[unit.key] = decision.outcomes[0]!.probability === null ? (isPresent ? 1 : 0) : known!;
  }
  const more = by.posteriors === null ? {} : { labelProbabilities: probabilities };
  return kept(item, { agreement, outcomes: [{ category: '', weight: 1, probability }] }, () => rowOf(labels, more));
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
