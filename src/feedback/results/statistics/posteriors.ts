import type { FeedbackQuestion, FeedbackValue } from '../../../protocol/feedback.js';
import { type Answer, indexAnswers } from '../../../statistics/answers.js';
import { fitDawidSkene } from '../../../statistics/consensus/dawid-skene.js';
import type { ItemToDecide } from './item-to-decide.js';
import { consensusModelFor } from './likely.js';
import { categoriesOf, unitsOf } from './units.js';

/** Probabilities of the categories of units, by `unitId`. */
export type Posteriors = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function unitId(itemId: string, unitKey: string): string {
  return `${itemId}:${unitKey}`;
}

/** What of an item a posterior is computed from. */
export type JudgedItem = Pick<ItemToDecide, 'id' | 'answers'> & {
  readonly content: Pick<ItemToDecide['content'], 'answers'>;
  /** Of an item of gold the right value, of one that was adjudicated what was decided; else null. */
  readonly known: FeedbackValue | null;
};

interface Family {
  readonly answers: Answer[];
  readonly known: Map<string, string>;
}

/**
 * What the answers of one task tell of each unit, by Dawid and Skene's model of how people err, a model for each family
 * of units: the one of `likelyAnswers`. In rankings a person has one accuracy. Gold items and what was adjudicated
 * teach how people err.
 */
export function posteriorsOf(question: FeedbackQuestion, items: readonly JudgedItem[]): Posteriors {
  const families = new Map<string, Family>();
  for (const item of items) {
    for (const { key, family, categoryOf } of unitsOf(question, item.content)) {
      const found: Family = families.get(family) ?? { answers: [], known: new Map() };
      families.set(family, found);
      const unit = unitId(item.id, key);
      const said = item.answers.flatMap(({ userId, value }) => answerOf(unit, userId, categoryOf, value));
      found.answers.push(...said);
      const decided = item.known === null ? null : categoryOf(item.known);
      if (decided !== null && said.length > 0) found.known.set(unit, decided);
    }
  }
  const labels = categoriesOf(question);
  const posteriors = new Map<string, ReadonlyMap<string, number>>();
  for (const { answers, known } of families.values()) {
    const table = indexAnswers(answers, labels);
    const model = question.kind === 'ranking' ? 'ONE_COIN' : consensusModelFor(table);
    const fit = fitDawidSkene(table, { known, model });
    for (const [u, unit] of table.units.entries()) {
      posteriors.set(unit, new Map(labels.map((label, place) => [label, fit.posteriors[u]![place]!])));
    }
  }
  return posteriors;
}

function answerOf(
  unit: string,
  annotator: string,
  categoryOf: (value: FeedbackValue) => string | null,
  value: FeedbackValue,
): Answer[] {
  const label = categoryOf(value);
  return label === null ? [] : [{ unit, annotator, label }];
}
