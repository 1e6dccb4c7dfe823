import type { FeedbackItemContent, FeedbackQuestion, FeedbackSpan, FeedbackValue } from '../feedback.js';
import { subjectOf } from './check-content.js';
import { feedbackLimits as limits } from './feedback-limits.js';
import { checkLength, type FeedbackProblem, feedbackProblem, listed } from './feedback-problem.js';

type ValueOf<Kind extends FeedbackValue['kind']> = Extract<FeedbackValue, { readonly kind: Kind }>;
type QuestionOf<Kind extends FeedbackQuestion['kind']> = Extract<FeedbackQuestion, { readonly kind: Kind }>;

/**
 * What is wrong with an answer to a question about an item. The paths begin with the value's kind, as inputs have it.
 * @returns none, if nothing is
 */
export function checkValue(
  question: FeedbackQuestion,
  content: Pick<FeedbackItemContent, 'text' | 'answers'>,
  value: FeedbackValue,
): FeedbackProblem[] {
  const keys = content.answers.map(({ key }) => key);
  switch (value.kind) {
    case 'pairwise':
      return question.kind === value.kind ? checkPair(question, keys, value) : otherKind(question, value);
    case 'ranking':
      return question.kind === value.kind ? checkRanks(question, keys, value) : otherKind(question, value);
    case 'rating':
      return question.kind === value.kind ? checkRating(question, value) : otherKind(question, value);
    case 'labels':
      return question.kind === value.kind ? checkLabels(question, value) : otherKind(question, value);
    case 'spans':
      return question.kind === value.kind
        ? checkSpans(question, subjectOf(content) ?? '', value)
        : otherKind(question, value);
    case 'correction':
      return question.kind === value.kind ? checkCorrection(question, content, value) : otherKind(question, value);
    case 'demonstration':
      return question.kind === value.kind ? checkDemonstration(question, value) : otherKind(question, value);
    case 'thumbs':
      return question.kind === value.kind ? checkThumbs(question, value) : otherKind(question, value);
    default:
      return value satisfies never;
  }
}

function otherKind(question: FeedbackQuestion, value: FeedbackValue): FeedbackProblem[] {
  const message = `The question is of the kind \`${question.kind}\`, and this answer of the kind \`${value.kind}\`.`;
  return [feedbackProblem([value.kind], 'INVALID_VALUE', message, `Answer with \`${question.kind}\`.`)];
}

function checkPair(
  question: QuestionOf<'pairwise'>,
  keys: readonly string[],
  { outcome, preferred, strength }: ValueOf<'pairwise'>,
): FeedbackProblem[] {
  if (outcome !== 'preferred') {
    const refuse = (field: string, given: unknown): FeedbackProblem[] => {
      if (given === null) return [];
      const message = 'No answer is preferred in this outcome, so there is nothing to say of one.';
      return [feedbackProblem(['pairwise', field], 'INVALID_VALUE', message, 'Leave it out, or set another outcome.')];
    };
    return [...refuse('preferred', preferred), ...refuse('strength', strength)];
  }
  return [...checkPreferred(keys, preferred), ...checkStrength(question.strengths, strength)];
}

function checkPreferred(keys: readonly string[], preferred: string | null): FeedbackProblem[] {
  const path = ['pairwise', 'preferred'];
  if (preferred === null) {
    return [feedbackProblem(path, 'REQUIRED', 'The key of the better answer is missing.', thereAre(keys))];
  }
  if (keys.includes(preferred)) return [];
  return [feedbackProblem(path, 'INVALID_VALUE', `The item has no answer “${preferred}”.`, thereAre(keys))];
}

function checkStrength(strengths: number, strength: number | null): FeedbackProblem[] {
  const path = ['pairwise', 'strength'];
  if (strength === null) {
    if (strengths === 1) return [];
    return [feedbackProblem(path, 'REQUIRED', 'How much better it is is missing.', `Give 1 to ${strengths}.`)];
  }
  if (Number.isInteger(strength) && strength >= 1 && strength <= strengths) return [];
  return [feedbackProblem(path, 'INVALID_VALUE', `A strength is a whole number from 1 to ${strengths}.`)];
}

function checkRanks(
  { tiesAllowed }: QuestionOf<'ranking'>,
  keys: readonly string[],
  { ranks }: ValueOf<'ranking'>,
): FeedbackProblem[] {
  const path = ['ranking', 'ranks'];
  const given = ranks.flat();
  if (ranks.length > keys.length || given.length > keys.length) {
    const message = `Each of the item's ${keys.length} answers has one rank; here are ${given.length} on ${ranks.length} ranks.`;
    return [feedbackProblem(path, 'TOO_LONG', message, thereAre(keys))];
  }
  const problems = ranks.flatMap((tied, rank) => {
    const at = [...path, String(rank)];
    if (tied.length === 0) return [feedbackProblem(at, 'REQUIRED', 'A rank needs an answer.')];
    if (tied.length > 1 && !tiesAllowed) {
      return [feedbackProblem(at, 'INVALID_VALUE', 'The task allows no ties.', 'Give each answer a rank of its own.')];
    }
    return tied.flatMap((key, place) =>
      keys.includes(key)
        ? []
        : [
            feedbackProblem(
              [...at, String(place)],
              'INVALID_VALUE',
              `The item has no answer “${key}”.`,
              thereAre(keys),
            ),
          ],
    );
  });
  const twice = given.filter((key, i) => given.indexOf(key) < i);
  if (twice.length > 0) {
    problems.push(feedbackProblem(path, 'INVALID_VALUE', `${listed([...new Set(twice)])} is there more than once.`));
  }
  const missing = keys.filter((key) => !given.includes(key));
  if (missing.length > 0) {
    problems.push(feedbackProblem(path, 'REQUIRED', `Of the answers, ${listed(missing)} has no rank.`));
  }
  return problems;
}

function checkRating({ from, to }: QuestionOf<'rating'>, { rating }: ValueOf<'rating'>): FeedbackProblem[] {
  if (Number.isInteger(rating) && rating >= from && rating <= to) return [];
  const message = `A rating is a whole number from ${from} to ${to}, not ${rating}.`;
  return [feedbackProblem(['rating', 'rating'], 'INVALID_VALUE', message)];
}

function checkLabels({ classes, several }: QuestionOf<'labels'>, { labels }: ValueOf<'labels'>): FeedbackProblem[] {
  const path = ['labels', 'labels'];
  if (!several && labels.length !== 1) {
    return [feedbackProblem(path, 'INVALID_VALUE', `Exactly one label is asked for, not ${labels.length}.`)];
  }
  if (labels.length > classes.length) {
    const message = `Each of the task's ${classes.length} labels can be given once; here are ${labels.length}.`;
    return [feedbackProblem(path, 'TOO_LONG', message)];
  }
  return labels.flatMap((label, i) => {
    const at = [...path, String(i)];
    if (!classes.includes(label)) {
      const message = `“${label}” is none of the task's labels.`;
      return [feedbackProblem(at, 'UNKNOWN_LABEL', message, `There are: ${listed(classes)}.`)];
    }
    return labels.indexOf(label) < i
      ? [feedbackProblem(at, 'INVALID_VALUE', `“${label}” is there more than once.`)]
      : [];
  });
}

function checkSpans(question: QuestionOf<'spans'>, text: string, { spans }: ValueOf<'spans'>): FeedbackProblem[] {
  if (spans.length > limits.maxSpans) {
    return [feedbackProblem(['spans', 'spans'], 'TOO_LONG', `At most ${limits.maxSpans} spans can be given.`)];
  }
  return spans.flatMap((span, i) => checkSpan(question.labels, text, span, ['spans', 'spans', String(i)], spans, i));
}

function checkSpan(
  labels: readonly string[],
  text: string,
  { start, end, label }: FeedbackSpan,
  path: readonly string[],
  spans: readonly FeedbackSpan[],
  place: number,
): FeedbackProblem[] {
  if (!labels.includes(label)) {
    const message = `“${label}” is none of the task's labels.`;
    return [feedbackProblem([...path, 'label'], 'UNKNOWN_LABEL', message, `There are: ${listed(labels)}.`)];
  }
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.length)) {
    const message = `A span is a part of the text, from 0 to ${text.length}; this one goes from ${start} to ${end}.`;
    const hint = 'Offsets count UTF-16 code units, and `end` is the first after the span.';
    return [feedbackProblem(path, 'INVALID_VALUE', message, hint)];
  }
  if (splitsCharacter(text, start) || splitsCharacter(text, end)) {
    const message = 'The span begins or ends within a character of two UTF-16 code units.';
    return [feedbackProblem(path, 'INVALID_VALUE', message)];
  }
  const isTwice = spans.findIndex((each) => each.start === start && each.end === end && each.label === label) < place;
  return isTwice ? [feedbackProblem(path, 'INVALID_VALUE', 'This span is there more than once.')] : [];
}

/** Whether a place lies between the two halves of a surrogate pair. */
function splitsCharacter(text: string, place: number): boolean {
  const [before, after] = [text.charCodeAt(place - 1), text.charCodeAt(place)];
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
}

function checkCorrection(
  { mayBeUnchanged }: QuestionOf<'correction'>,
  content: Pick<FeedbackItemContent, 'text' | 'answers'>,
  { text }: ValueOf<'correction'>,
): FeedbackProblem[] {
  const path = ['correction', 'text'];
  if (text.trim() === '') return [feedbackProblem(path, 'REQUIRED', 'The corrected text is empty.')];
  if (text === subjectOf(content) && !mayBeUnchanged) {
    const hint = 'Correct something, or skip the item.';
    return [feedbackProblem(path, 'INVALID_VALUE', 'The text is the one that was to be corrected.', hint)];
  }
  return checkLength(path, text, limits.maxTextCharacters);
}

function checkDemonstration(
  { minCharacters }: QuestionOf<'demonstration'>,
  { text }: ValueOf<'demonstration'>,
): FeedbackProblem[] {
  const path = ['demonstration', 'text'];
  const written = text.trim().length;
  if (written < minCharacters) {
    const message = `The answer needs at least ${minCharacters} characters; this one has ${written}.`;
    return [feedbackProblem(path, written === 0 ? 'REQUIRED' : 'INVALID_VALUE', message)];
  }
  return checkLength(path, text, limits.maxTextCharacters);
}

function checkThumbs({ reasonRequired }: QuestionOf<'thumbs'>, { reason }: ValueOf<'thumbs'>): FeedbackProblem[] {
  const path = ['thumbs', 'reason'];
  if (reason === null || reason.trim() === '') {
    return reasonRequired ? [feedbackProblem(path, 'REQUIRED', 'The task asks for a reason.')] : [];
  }
  return checkLength(path, reason, limits.maxReasonCharacters);
}

function thereAre(keys: readonly string[]): string {
  return `There are: ${listed(keys)}.`;
}
