import { categoryOf } from '../../../protocol/feedback/categories.js';
import type { FeedbackQuestion, FeedbackValue } from '../../../protocol/feedback.js';
import { leastReadingMs } from '../../../statistics/annotators/annotator-flags.js';
import {
  type AnnotatorMeasures,
  measureAnnotators,
  type RecordedAnswer,
} from '../../../statistics/annotators/measure-annotators.js';
import { commonCategory } from './choices.js';

/** An answer, also to a gold item or a repetition, in the order in which they were given. */
export interface TimedAnswer {
  readonly item: string;
  readonly person: string;
  /** Null for texts. */
  readonly category: string | null;
  readonly firstKey: string | null;
  readonly seconds: number;
  /** Words of what there was to read. */
  readonly words: number;
  /** Key of the answer that stood first on the screen, of two. */
  readonly shownFirst: string | null;
  readonly gold: FeedbackValue | null;
}

/** What answers tell of each person, those with most answers first. */
export function peopleOfTask(
  question: FeedbackQuestion,
  answers: readonly TimedAnswer[],
): readonly AnnotatorMeasures[] {
  const isCompared = question.kind !== 'correction' && question.kind !== 'demonstration';
  const measured = measureAnnotators(answers.map((answer) => recorded(question, answer)));
  return measured
    .map((each) => (isCompared ? each : withoutComparison(each)))
    .sort((one, two) => two.answerCount - one.answerCount);
}

function recorded(question: FeedbackQuestion, answer: TimedAnswer): RecordedAnswer {
  const { item, person, category, firstKey, seconds, words, shownFirst, gold } = answer;
  const expected = gold === null ? null : categoryOf(question, gold);
  const label = category === null ? '' : commonCategory(category, firstKey);
  const isPreference = question.kind === 'pairwise' && category !== null && !category.startsWith(':');
  return {
    unit: item,
    annotator: person,
    label,
    latencyMs: seconds * 1000,
    readingMs: leastReadingMs(words),
    ...(expected === null ? {} : { expected: commonCategory(expected.category, firstKey) }),
    ...(isPreference && shownFirst !== null ? { side: category === shownFirst ? 'LEFT' : 'RIGHT' } : {}),
  };
}

/** Texts are not compared: what would come of comparing them is left out. */
function withoutComparison(measures: AnnotatorMeasures): AnnotatorMeasures {
  return {
    ...measures,
    agreement: { share: null, pairCount: 0, unitCount: 0 },
    selfConsistency: { count: 0, of: 0, share: null, interval: null },
  };
}
