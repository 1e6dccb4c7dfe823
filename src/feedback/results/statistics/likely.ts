import { categoryOf } from '../../../protocol/feedback/categories.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../protocol/feedback.js';
import { type AnswerTable, indexAnswers, places } from '../../../statistics/answers.js';
import { type Crowdlab, type CrowdlabReason, crowdlab } from '../../../statistics/consensus/crowdlab.js';
import { type DawidSkeneModel, dawidSkeneModelFor, fitDawidSkene } from '../../../statistics/consensus/dawid-skene.js';
import { majorityVotes } from '../../../statistics/consensus/majority-vote.js';
import { StatisticsError } from '../../../statistics/statistics-error.js';
import { choicesOf, commonCategory, firstAnswer, secondAnswer } from './choices.js';
import { requireRoom } from './refused.js';

/** A person's first answer to an item, also to one of gold. */
export interface VotedAnswer {
  readonly item: string;
  readonly person: string;
  readonly category: string;
  /** Of a pair, the keys of the item's two answers; else null. */
  readonly firstKey: string | null;
  readonly secondKey: string | null;
  /** Of an item of gold the right value, of one that was adjudicated what was decided. */
  readonly known: FeedbackValue | null;
  readonly isGold: boolean;
}

/** What a classifier said of an item. */
export interface PredictedItem {
  readonly item: string;
  /** JSON: a list of labels and probabilities, as `ItemPrediction` has them. */
  readonly labels: string;
}

/** How the likeliest answers are found. */
export type LikelyMethod = 'MAJORITY' | 'ONE_COIN' | 'CONFUSION' | 'CROWDLAB';

export interface LikelyAnswer {
  readonly item: string;
  /** The likeliest category; null where several have as many votes, and nothing else decides. */
  readonly category: string | null;
  /** Of it; of a majority the share of votes. */
  readonly probability: number;
  /** Whether it was adjudicated, so that answers decide nothing. */
  readonly isKnown: boolean;
  /** What most people said, null where several have as many votes, and the share of votes. */
  readonly majority: string | null;
  readonly majorityShare: number;
  readonly answerCount: number;
}

export interface LikelyAnswers {
  readonly method: LikelyMethod;
  /** In the order of items, gold items left out. */
  readonly items: readonly LikelyAnswer[];
  /** Whether the method came to an end. */
  readonly converged: boolean;
}

/** With more entries, matrices of errors would take more memory than they tell. */
const mostMatrixEntries = 4_000_000;

/**
 * The likeliest answer of each item. Without a method: the majority where fewer than half of the items have two
 * answers; of kinds whose categories mean the same for every item, Dawid and Skene's model with one coin where the
 * median person gave fewer than 20 answers, or matrices would be too large, and with matrices otherwise; of ranks, sets
 * of labels and spans the majority of whole answers.
 *
 * CROWDLAB is for items of which a classifier said something; others are left out.
 *
 * @param predicted what a classifier said of items, for CROWDLAB
 * @throws StatisticsError the method is none for this kind, or of these numbers of people and categories
 * @throws RefusedError there are too many items and categories for what is not a majority
 */
export function likelyAnswers(
  question: FeedbackQuestion,
  answers: readonly VotedAnswer[],
  method: LikelyMethod | null,
  predicted: readonly PredictedItem[] = [],
): LikelyAnswers {
  const choices = choicesOf(question);
  const shares = method === 'CROWDLAB' && choices !== null ? sharesOf(choices, predicted) : null;
  const table = indexAnswers(
    answers.flatMap(({ item, person, category, firstKey }) =>
      shares === null || shares.has(item)
        ? [{ unit: item, annotator: person, label: commonCategory(category, firstKey) }]
        : [],
    ),
    choices ?? undefined,
  );
  const items = itemsOf(question, answers);
  const chosen = method ?? defaultMethod(table, choices !== null);
  if (choices === null && chosen !== 'MAJORITY') {
    const message = 'categories of this kind differ from item to item. Take MAJORITY.';
    throw new StatisticsError('UNKNOWN_NAME', 'method', message);
  }
  if (chosen !== 'MAJORITY') {
    const size = { units: table.units.length, categories: table.labels.length, votes: table.labelOf.length };
    requireRoom(size, ['method'], 'Take MAJORITY, or split the items among several tasks.');
  }
  const { converged, best } = judge(table, chosen, items, shares);
  const votes = majorityVotes(table);
  const found = table.units.flatMap((unit, u): LikelyAnswer[] => {
    const item = items.get(unit)!;
    if (item.isGold) return [];
    const { label, share, answerCount } = votes[u]!;
    const { category, probability } = item.known === null ? best(u) : { category: item.known, probability: 1 };
    const ownName = (name: string | null) => (name === null ? null : ownCategory(name, item));
    return [
      {
        item: unit,
        category: ownName(category),
        probability,
        isKnown: item.known !== null,
        majority: ownName(label as string | null),
        majorityShare: share,
        answerCount,
      },
    ];
  });
  return { method: chosen, items: found, converged };
}

interface Item extends Pick<VotedAnswer, 'firstKey' | 'secondKey' | 'isGold'> {
  /** As a category that means the same for all items. */
  readonly known: string | null;
}

interface Judged {
  readonly converged: boolean;
  readonly best: (unit: number) => { readonly category: string | null; readonly probability: number };
}

function judge(
  table: AnswerTable,
  method: LikelyMethod,
  items: ReadonlyMap<string, Item>,
  shares: ReadonlyMap<string, ArrayLike<number>> | null,
): Judged {
  if (method === 'CROWDLAB' && table.units.length === 0) throw noPredictions;
  if (table.units.length === 0) return { converged: true, best: () => ({ category: null, probability: 0 }) };
  switch (method) {
    case 'MAJORITY': {
      const votes = majorityVotes(table);
      const best = (u: number) => ({ category: votes[u]!.label as string | null, probability: votes[u]!.share });
      return { converged: true, best };
    }
    case 'ONE_COIN':
    case 'CONFUSION': {
      if (method === 'CONFUSION') refuseLarge(table);
      const known = new Map([...items].flatMap(([unit, { known: label }]) => (label === null ? [] : [[unit, label]])));
      const { posteriors, converged } = fitDawidSkene(table, { model: method, known });
      return { converged, best: (u) => greatest(table, posteriors[u]!) };
    }
    case 'CROWDLAB': {
      const { units } = requireCrowdlab(table, shares!);
      return { converged: true, best: (u) => greatest(table, units[u]!.probabilities) };
    }
    default:
      return method satisfies never;
  }
}

const noPredictions = new StatisticsError(
  'UNKNOWN_NAME',
  'method',
  'CROWDLAB needs the probabilities of a classifier, and no item with an answer has any. Items from `predictions` have.',
);

/** The consensus of people and a classifier. Throws StatisticsError where there is none. */
export function requireCrowdlab(table: AnswerTable, shares: ReadonlyMap<string, ArrayLike<number>>): Crowdlab {
  const found = crowdlab(
    table,
    table.units.map((unit) => shares.get(unit)!),
  );
  if (!('reason' in found)) return found;
  const why = {
    NO_UNIT_WITH_TWO_ANSWERS: 'it compares people, and no item has two answers',
    FEWER_THAN_TWO_LABELS: 'there are fewer than two labels',
  } as const satisfies Readonly<Record<CrowdlabReason, string>>;
  throw new StatisticsError('UNKNOWN_NAME', 'method', `CROWDLAB has no result: ${why[found.reason]}.`);
}

/**
 * A classifier's probabilities of the labels that people can choose, by item; the sum of each item's is 1. What it said
 * of other labels is left out, and items of which it said nothing else.
 */
export function sharesOf(
  choices: readonly string[],
  predicted: readonly PredictedItem[],
): ReadonlyMap<string, Float64Array> {
  const labelPlaces = places(choices);
  const shares = new Map<string, Float64Array>();
  for (const { item, labels } of predicted) {
    const row = new Float64Array(choices.length);
    let sum = 0;
    for (const { label, probability } of JSON.parse(labels) as { label: string; probability: number }[]) {
      const place = labelPlaces.get(label);
      if (place === undefined) continue;
      row[place] = probability;
      sum += probability;
    }
    if (sum > 0)
      shares.set(
        item,
        row.map((probability) => probability / sum),
      );
  }
  return shares;
}

function greatest(
  { labels }: AnswerTable,
  probabilities: ArrayLike<number>,
): { category: string; probability: number } {
  let place = 0;
  for (let label = 1; label < labels.length; label++) if (probabilities[label]! > probabilities[place]!) place = label;
  return { category: String(labels[place]), probability: probabilities[place]! };
}

function defaultMethod(table: AnswerTable, isCommon: boolean): LikelyMethod {
  return isCommon && isMostlyJudgedTwice(table) ? consensusModelFor(table) : 'MAJORITY';
}

/**
 * Whether half of the items have two answers or more. Below that, Dawid and Skene's model is behind the majority: how a
 * person errs shows where others judged the same, and known items make little up for it (docs/methods/consensus.md).
 */
function isMostlyJudgedTwice({ units, starts }: AnswerTable): boolean {
  let twice = 0;
  for (let u = 0; u < units.length; u++) if (starts[u + 1]! - starts[u]! > 1) twice++;
  return 2 * twice >= units.length;
}

/** One coin where people gave few answers, or matrices would be too large; else matrices. */
export function consensusModelFor(table: AnswerTable): DawidSkeneModel {
  const model: DawidSkeneModel = dawidSkeneModelFor(table);
  return model === 'CONFUSION' && entriesOf(table) > mostMatrixEntries ? 'ONE_COIN' : model;
}

function refuseLarge(table: AnswerTable): void {
  const entries = entriesOf(table);
  if (entries <= mostMatrixEntries) return;
  const { annotators, labels } = table;
  const message = `matrices of ${annotators.length} people and ${labels.length} categories have ${entries} entries, more than ${mostMatrixEntries}. Take ONE_COIN.`;
  throw new StatisticsError('OUT_OF_RANGE', 'method', message);
}

function entriesOf({ annotators, labels }: AnswerTable): number {
  return annotators.length * labels.length ** 2;
}

function itemsOf(question: FeedbackQuestion, answers: readonly VotedAnswer[]): Map<string, Item> {
  const items = new Map<string, Item>();
  for (const { item, firstKey, secondKey, isGold, known } of answers) {
    if (items.has(item)) continue;
    const category = known === null ? null : (categoryOf(question, known)?.category ?? null);
    const common = category === null ? null : commonCategory(category, firstKey);
    items.set(item, { firstKey, secondKey, isGold, known: common });
  }
  return items;
}

function ownCategory(category: string, { firstKey, secondKey }: Item): string {
  if (firstKey === null || secondKey === null) return category;
  if (category === firstAnswer) return firstKey;
  return category === secondAnswer ? secondKey : category;
}
