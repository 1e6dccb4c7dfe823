import type { FeedbackItemContent, FeedbackQuestion, FeedbackValue } from '../feedback.js';

/** What statistics compare of an answer. */
export interface FeedbackCategory {
  /**
   * Equal for answers that say the same. A pair: the key of the better answer, or BOTH_GOOD or NEITHER with a colon
   * before it, so that no key is taken for it.
   */
  readonly category: string;
  /** Where categories are points of a scale, the point; else null. */
  readonly point: number | null;
  /** Of a preferred answer, how much better it is, from 1; else null. */
  readonly strength: number | null;
}

export const bothGood = ':BOTH_GOOD';
export const neither = ':NEITHER';

/**
 * The category of a checked value; null for kinds whose values are texts, which are not compared. Labels of which there
 * may be several, ranks and spans are written as JSON, in an order that does not depend on the person.
 */
export function categoryOf(question: FeedbackQuestion, value: FeedbackValue): FeedbackCategory | null {
  switch (value.kind) {
    case 'pairwise': {
      if (value.outcome === 'bothGood') return { category: bothGood, point: null, strength: null };
      if (value.outcome === 'neither') return { category: neither, point: null, strength: null };
      return { category: value.preferred!, point: null, strength: value.strength ?? 1 };
    }
    case 'ranking':
      return named(JSON.stringify(value.ranks.map((tied) => [...tied].sort())));
    case 'rating':
      return { category: String(value.rating), point: value.rating, strength: null };
    case 'labels':
      return named(isSet(question) ? JSON.stringify([...value.labels].sort()) : value.labels[0]!);
    case 'spans':
      return named(
        JSON.stringify(
          [...value.spans]
            .sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1))
            .map(({ start, end, label }) => [start, end, label]),
        ),
      );
    case 'thumbs':
      return named(value.up ? 'UP' : 'DOWN');
    case 'correction':
    case 'demonstration':
      return null;
    default:
      return value satisfies never;
  }
}

/** Where there are more, it makes no difference to how sure anybody is. */
const mostCategories = 1000;

/**
 * Into how many categories answers can fall; null for kinds without. Of spans, and of many answers or labels, it is a
 * great number in place of the true one.
 */
export function categoryCount(
  question: FeedbackQuestion,
  content: Pick<FeedbackItemContent, 'answers'>,
): number | null {
  switch (question.kind) {
    case 'pairwise':
      return 4;
    case 'ranking':
      return Math.min(mostCategories, orders(content.answers.length, question.tiesAllowed));
    case 'rating':
      return question.to - question.from + 1;
    case 'labels':
      return question.several ? Math.min(mostCategories, 2 ** question.classes.length) : question.classes.length;
    case 'spans':
      return mostCategories;
    case 'thumbs':
      return 2;
    case 'correction':
    case 'demonstration':
      return null;
    default:
      return question satisfies never;
  }
}

function isSet(question: FeedbackQuestion): boolean {
  return question.kind === 'labels' && question.several;
}

function named(category: string): FeedbackCategory {
  return { category, point: null, strength: null };
}

/** k! orders; with ties the ordered Bell numbers, a(k) = Σ_j C(k, j)·a(k − j). */
function orders(count: number, ties: boolean): number {
  const counts = [1];
  for (let k = 1; k <= count; k++) {
    let choose = 1;
    let sum = 0;
    for (let j = 1; j <= (ties ? k : 1); j++) {
      choose = (choose * (k - j + 1)) / j;
      sum += choose * counts[k - j]!;
    }
    counts.push(sum);
  }
  return counts[count]!;
}
