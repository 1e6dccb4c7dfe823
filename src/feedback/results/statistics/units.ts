import type { FeedbackItemContent, FeedbackQuestion, FeedbackValue } from '../../../protocol/feedback.js';

/**
 * Something that is decided by itself: an item, or a part of one whose parts people judge independently. Votes on units
 * of one family share their categories, and one model of how people err is fitted to them.
 */
export interface Unit {
  /** Names it within its item. */
  readonly key: string;
  /** Counts the units of its item from 0. */
  readonly place: number;
  readonly family: string;
  /** What a value says of the unit; null: nothing. */
  categoryOf(value: FeedbackValue): string | null;
}

/** Categories of pairs: which of the two answers is better in the order in which the item has them, or neither is. */
export const pairCategories = {
  first: 'FIRST',
  second: 'SECOND',
  bothGood: 'BOTH_GOOD',
  neither: 'NEITHER',
  tie: 'TIE',
};

/** Categories of something that is there or not. */
export const presence = { present: 'PRESENT', absent: 'ABSENT' };

/**
 * The pairs of an item's answers, as places. A comparison has one, a ranking of k answers k(k − 1)/2.
 */
export function pairsOf(answerCount: number): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let first = 0; first < answerCount; first++) {
    for (let second = first + 1; second < answerCount; second++) pairs.push([first, second]);
  }
  return pairs;
}

/** The only unit of an item whose answers are taken as a whole. */
function whole(family: string, categoryOf: Unit['categoryOf']): readonly Unit[] {
  return [{ key: '', place: 0, family, categoryOf }];
}

/**
 * What of an item is decided by itself: the item, each pair of a ranking's answers, and each of several labels. Spans
 * are not known before the answers are.
 */
export function unitsOf(
  question: FeedbackQuestion,
  { answers }: Pick<FeedbackItemContent, 'answers'>,
): readonly Unit[] {
  switch (question.kind) {
    case 'pairwise':
      return whole('pair', (value) => {
        if (value.kind !== 'pairwise') return null;
        if (value.outcome === 'bothGood') return pairCategories.bothGood;
        if (value.outcome === 'neither') return pairCategories.neither;
        return value.preferred === answers[0]!.key ? pairCategories.first : pairCategories.second;
      });
    case 'ranking':
      return pairsOf(answers.length).map(([first, second], place) => ({
        key: `${first}-${second}`,
        place,
        family: 'pair',
        categoryOf(value) {
          const difference = rankDifference(value, answers[first]!.key, answers[second]!.key);
          if (difference === null) return null;
          if (difference === 0) return pairCategories.tie;
          return difference > 0 ? pairCategories.first : pairCategories.second;
        },
      }));
    case 'rating':
      return whole('rating', (value) => (value.kind === 'rating' ? String(value.rating) : null));
    case 'labels':
      return question.several
        ? question.classes.map((label, place) => ({
            key: label,
            place,
            family: `label:${label}`,
            categoryOf(value) {
              if (value.kind !== 'labels') return null;
              return value.labels.includes(label) ? presence.present : presence.absent;
            },
          }))
        : whole('label', (value) => (value.kind === 'labels' ? value.labels[0]! : null));
    case 'thumbs':
      return whole('thumbs', (value) => (value.kind === 'thumbs' ? (value.up ? 'UP' : 'DOWN') : null));
    case 'correction':
    case 'demonstration':
      return whole('text', (value) =>
        value.kind === 'correction' || value.kind === 'demonstration' ? value.text : null,
      );
    case 'spans':
      return whole('spans', (value) => (value.kind === 'spans' ? setCategory(value) : null));
    default:
      return question satisfies never;
  }
}

/** All that can be said of units of a family, in the order of the scale or the question. */
export function categoriesOf(question: FeedbackQuestion): readonly string[] {
  const { first, second, bothGood, neither, tie } = pairCategories;
  switch (question.kind) {
    case 'pairwise':
      return [first, second, bothGood, neither];
    case 'ranking':
      return question.tiesAllowed ? [first, second, tie] : [first, second];
    case 'rating':
      return Array.from({ length: question.to - question.from + 1 }, (_, i) => String(question.from + i));
    case 'labels':
      return question.several ? [presence.present, presence.absent] : question.classes;
    case 'thumbs':
      return ['UP', 'DOWN'];
    case 'spans':
    case 'correction':
    case 'demonstration':
      return [];
    default:
      return question satisfies never;
  }
}

/** By how many ranks the first answer stands above the second; null: the value is no ranking, or lacks one of them. */
export function rankDifference(value: FeedbackValue, first: string, second: string): number | null {
  if (value.kind !== 'ranking') return null;
  const rankOf = (key: string): number => value.ranks.findIndex((tied) => tied.includes(key));
  const [above, below] = [rankOf(first), rankOf(second)];
  return above === -1 || below === -1 ? null : below - above;
}

/** Labels or spans as a whole, equal for equal sets. */
export function setCategory(value: FeedbackValue & { readonly kind: 'labels' | 'spans' }): string {
  if (value.kind === 'labels') return JSON.stringify([...value.labels].sort());
  return JSON.stringify(
    [...value.spans]
      .sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1))
      .map(({ start, end, label }) => [start, end, label]),
  );
}
