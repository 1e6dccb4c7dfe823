import type { FeedbackQuestion } from '../feedback.js';
import { feedbackLimits as limits } from './feedback-limits.js';
import { checkNames, type FeedbackProblem, feedbackProblem } from './feedback-problem.js';

/**
 * What is wrong with a question. The paths begin with the question's kind, as inputs have it.
 * @returns none, if nothing is
 */
export function checkQuestion(question: FeedbackQuestion): FeedbackProblem[] {
  const at = (field: string): readonly string[] => [question.kind, field];
  switch (question.kind) {
    case 'pairwise':
      return inRange(at('strengths'), question.strengths, 1, limits.maxStrengths);
    case 'rating': {
      const { from, to, labels } = question;
      const count = to - from + 1;
      if (count < 2) {
        return [feedbackProblem(at('to'), 'INVALID_VALUE', `A scale needs two points: ${to} is not above ${from}.`)];
      }
      if (count > limits.maxRatings) {
        const message = `A scale has at most ${limits.maxRatings} points; this one has ${count}.`;
        return [feedbackProblem(at('to'), 'INVALID_VALUE', message)];
      }
      if (labels.length > 0 && labels.length !== count) {
        const message = `The scale has ${count} points and ${labels.length} labels.`;
        return [
          feedbackProblem(at('labels'), 'INVALID_VALUE', message, 'Give a label for each point, or none at all.'),
        ];
      }
      return checkNames(at('labels'), labels, limits.maxNameCharacters);
    }
    case 'labels':
      return [
        ...inRange(at('classes'), question.classes.length, 2, limits.maxClasses, ' classes'),
        ...checkNames(at('classes'), question.classes, limits.maxNameCharacters),
      ];
    case 'spans':
      return [
        ...inRange(at('labels'), question.labels.length, 1, limits.maxClasses, ' labels'),
        ...checkNames(at('labels'), question.labels, limits.maxNameCharacters),
      ];
    case 'demonstration':
      return inRange(at('minCharacters'), question.minCharacters, 1, limits.maxTextCharacters);
    case 'ranking':
    case 'correction':
    case 'thumbs':
      return [];
    default:
      return question satisfies never;
  }
}

function inRange(path: readonly string[], value: number, min: number, max: number, of = ''): FeedbackProblem[] {
  if (value >= min && value <= max) return [];
  const message = `It must be from ${min} to ${max}${of}, not ${value}.`;
  return [feedbackProblem(path, 'INVALID_VALUE', message)];
}
