import type { FeedbackQuestion, FeedbackValue } from '../../../protocol/feedback.js';
import { type Answer, indexAnswers } from '../../../statistics/answers.js';
import { fitDawidSkene } from '../../../statistics/consensus/dawid-skene.js';
import type { ItemToDecide } from './item-to-decide.js';
import { consensusModelFor } from './likely.js';
import { RefusedError, requireRoom } from './refused.js';
import { categoriesOf, unitsOf } from './units.js';

/** Probabilities of the categories of units. */
export interface Posteriors {
  /** @param place of the unit in its item; null: nobody judged it */
  of(itemId: string, place: number): ReadonlyMap<string, number> | null;
}

/** What an item's posterior is computed from. */
export type JudgedItem = Pick<ItemToDecide, 'id' | 'answers'> & {
  readonly content: Pick<ItemToDecide['content'], 'answers'>;
  /** Of an item of gold the right value, of one that was adjudicated what was decided; else null. */
  readonly known: FeedbackValue | null;
};

/** Posteriors as numbers without names, which threads hand over without copying them. */
export interface FittedPosteriors {
  /** Ids of items. */
  readonly items: readonly string[];
  /** [items + 1] which unit is the first of each item, of those of all items */
  readonly starts: Int32Array;
  /** [units, categories] those of `categoriesOf`; NaN: nobody judged the unit */
  readonly probabilities: Float64Array;
}

/**
 * What the answers of one task tell of each unit, by Dawid and Skene's model of how people err, a model for each family
 * of units: the one of `likelyAnswers`. In rankings a person has one accuracy. Gold items and what was adjudicated
 * teach how people err. Families are fitted one after the other, so that the votes of one are held at a time.
 *
 * @throws RefusedError there are too many votes, or units and categories; or no item has two answers and none is known
 */
export function posteriorsOf(question: FeedbackQuestion, items: readonly JudgedItem[]): FittedPosteriors {
  if (items.length > 0 && items.every(({ answers, known }) => answers.length < 2 && known === null)) throw noOverlap;
  const labels = categoriesOf(question);
  const starts = new Int32Array(items.length + 1);
  const families = new Map<string, { votes: number; units: number }>();
  const unitsOfItem = (item: JudgedItem) => unitsOf(question, item.content);
  for (const [i, item] of items.entries()) {
    const units = unitsOfItem(item);
    starts[i + 1] = starts[i]! + units.length;
    for (const { family } of units) {
      const size = families.get(family) ?? { votes: 0, units: 0 };
      families.set(family, size);
      size.votes += item.answers.length;
      size.units++;
    }
  }
  const hint = 'Choose another policy, such as `majority`, or split the items among several tasks.';
  requireRoom({ units: starts[items.length]!, categories: labels.length, votes: 0 }, ['policy', 'posterior'], hint);
  for (const { votes, units } of families.values()) {
    requireRoom({ units, categories: labels.length, votes }, ['policy', 'posterior'], hint);
  }
  const probabilities = new Float64Array(starts[items.length]! * labels.length).fill(Number.NaN);
  for (const family of families.keys()) {
    const answers: Answer[] = [];
    const known = new Map<string, string>();
    for (const [i, item] of items.entries()) {
      for (const { place, family: own, categoryOf } of unitsOfItem(item)) {
        if (own !== family) continue;
        const unit = String(starts[i]! + place);
        const before = answers.length;
        for (const { userId, value } of item.answers) {
          const label = categoryOf(value);
          if (label !== null) answers.push({ unit, annotator: userId, label });
        }
        const decided = item.known === null ? null : categoryOf(item.known);
        if (decided !== null && answers.length > before) known.set(unit, decided);
      }
    }
    const table = indexAnswers(answers, labels);
    const model = question.kind === 'ranking' ? 'ONE_COIN' : consensusModelFor(table);
    const fit = fitDawidSkene(table, { known, model });
    for (const [u, unit] of table.units.entries()) probabilities.set(fit.posteriors[u]!, Number(unit) * labels.length);
  }
  return { items: items.map(({ id }) => id), starts, probabilities };
}

const noOverlap = new RefusedError(
  ['policy', 'posterior'],
  'INVALID_VALUE',
  'No item has two answers, and of none the right one is known: nothing tells how people err.',
  'Take `majority`, ask at least two people about each item, or add gold items.',
);

/** Posteriors by the names of items and categories. */
export function namedPosteriors(
  question: FeedbackQuestion,
  { items, starts, probabilities }: FittedPosteriors,
): Posteriors {
  const labels = categoriesOf(question);
  const places = new Map(items.map((id, place) => [id, place]));
  return {
    of(itemId, place) {
      const item = places.get(itemId);
      if (item === undefined) return null;
      const from = (starts[item]! + place) * labels.length;
      if (Number.isNaN(probabilities[from]!)) return null;
      return new Map(labels.map((label, at) => [label, probabilities[from + at]!]));
    },
  };
}
