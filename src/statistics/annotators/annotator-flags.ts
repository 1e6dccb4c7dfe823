/** What about a person's answers asks for a look. Flags are told; nothing is removed because of them. */
export type AnnotatorFlagKind = 'FASTER_THAN_READING' | 'CONSTANT_SIDE' | 'CONSTANT_LABEL';

export interface AnnotatorFlag {
  readonly kind: AnnotatorFlagKind;
  /** Answers of which it holds, of so many that it could hold of. */
  readonly count: number;
  readonly of: number;
  readonly text: string;
}

/** Of fewer answers, nothing is said: six equal sides happen to one person of 32 by chance. */
const leastAnswers = 10;

/** Skimming begins beyond 600 words a minute (Rayner et al. 2016); silent reading has 238 (Brysbaert 2019). */
const fastestWordsPerMinute = 600;

/** Where others nearly always choose a label, too, it is no sign to choose it always. */
const usualShare = 0.9;

/** The least time in which so many words can be read, in milliseconds. */
export function leastReadingMs(words: number): number {
  return (words / fastestWordsPerMinute) * 60_000;
}

/** Whether more than half of the answers took less time than reading does. */
export function flagFast(fast: number, timed: number): AnnotatorFlag[] {
  if (timed < leastAnswers || fast * 2 <= timed) return [];
  const text = `${fast} of ${timed} answers took less time than it takes to read what they are about.`;
  return [{ kind: 'FASTER_THAN_READING', count: fast, of: timed, text }];
}

/** Whether all preferences are for the same side. */
export function flagConstantSide(left: number, right: number): AnnotatorFlag[] {
  const of = left + right;
  if (of < leastAnswers || (left > 0 && right > 0)) return [];
  const text = `All ${of} preferences are for the answer on the ${left > 0 ? 'left' : 'right'}.`;
  return [{ kind: 'CONSTANT_SIDE', count: of, of, text }];
}

/**
 * Whether all answers are the same label while others choose other labels, too.
 *
 * @param counts a person's answers, by the place of their label
 * @param ofAll all people's, hers included, by the place of their label
 * @param total all people's answers
 */
export function flagConstantLabel(
  counts: ReadonlyMap<number, number>,
  ofAll: ReadonlyMap<number, number>,
  total: number,
  labels: readonly unknown[],
): AnnotatorFlag[] {
  const [only, ...more] = counts;
  if (only === undefined || more.length > 0) return [];
  const [label, of] = only;
  const others = total - of;
  if (of < leastAnswers || others === 0) return [];
  const share = (ofAll.get(label)! - of) / others;
  if (share >= usualShare) return [];
  const text = `All ${of} answers are ${JSON.stringify(labels[label])}, of the other people's answers ${Math.round(100 * share)} %.`;
  return [{ kind: 'CONSTANT_LABEL', count: of, of, text }];
}
