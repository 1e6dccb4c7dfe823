import type { FeedbackItemContent, FeedbackQuestion } from '../feedback.js';
import { feedbackLimits as limits } from './feedback-limits.js';
import { checkLength, checkNames, type FeedbackProblem, feedbackProblem } from './feedback-problem.js';

/** What is wrong with an item for a question: whether it shows what the question is about. */
export function checkContent(question: FeedbackQuestion, content: FeedbackItemContent): FeedbackProblem[] {
  return [...checkParts(content), ...checkSubject(question, content)];
}

/** The text that a question about one text is of: the item's own, or that of its only answer; null: there is none. */
export function subjectOf({ text, answers }: Pick<FeedbackItemContent, 'text' | 'answers'>): string | null {
  return text ?? (answers.length === 1 ? answers[0]!.text : null);
}

function checkParts({ prompt, text, answers, group }: FeedbackItemContent): FeedbackProblem[] {
  const keys = answers.map(({ key }) => key);
  return [
    ...(prompt?.kind === 'text' ? checkLength(['prompt', 'text'], prompt.text, limits.maxTextCharacters) : []),
    ...(prompt?.kind === 'messages' ? checkMessages(prompt.messages) : []),
    ...(text === null ? [] : checkLength(['text'], text, limits.maxTextCharacters)),
    ...(answers.length > limits.maxAnswers
      ? [feedbackProblem(['answers'], 'TOO_LONG', `An item has at most ${limits.maxAnswers} answers.`)]
      : []),
    ...checkNames(['answers'], keys, limits.maxNameCharacters).map((each) => ({
      ...each,
      path: [...each.path, 'key'],
    })),
    ...answers.flatMap(({ key }, i) =>
      key.startsWith(':')
        ? [feedbackProblem(['answers', String(i), 'key'], 'INVALID_VALUE', 'A key may not begin with a colon.')]
        : [],
    ),
    ...answers.flatMap((answer, i) =>
      checkLength(['answers', String(i), 'text'], answer.text, limits.maxTextCharacters),
    ),
    ...checkLength(['group'], group, limits.maxNameCharacters),
  ];
}

function checkMessages(messages: readonly { readonly role: string; readonly content: string }[]): FeedbackProblem[] {
  const path = ['prompt', 'messages'];
  if (messages.length > limits.maxMessages) {
    return [feedbackProblem(path, 'TOO_LONG', `A conversation has at most ${limits.maxMessages} messages.`)];
  }
  return messages.flatMap(({ role, content }, i) => [
    ...(role.trim() === ''
      ? [feedbackProblem([...path, String(i), 'role'], 'REQUIRED', 'A message needs a role.')]
      : []),
    ...checkLength([...path, String(i), 'role'], role, limits.maxNameCharacters),
    ...checkLength([...path, String(i), 'content'], content, limits.maxTextCharacters),
  ]);
}

function checkSubject(question: FeedbackQuestion, content: FeedbackItemContent): FeedbackProblem[] {
  const { prompt, text, answers } = content;
  switch (question.kind) {
    case 'pairwise': {
      if (answers.length === 2) return checkDifferent(answers);
      const message = `A comparison needs two answers; this item has ${answers.length}.`;
      return [feedbackProblem(['answers'], 'REQUIRED', message)];
    }
    case 'ranking': {
      if (answers.length >= 2) return checkDifferent(answers);
      const message = `A ranking needs at least two answers; this item has ${answers.length}.`;
      return [feedbackProblem(['answers'], 'REQUIRED', message)];
    }
    case 'demonstration': {
      if (prompt !== null) return [];
      return [feedbackProblem(['prompt'], 'REQUIRED', 'Whoever writes an answer needs a prompt to answer.')];
    }
    case 'rating':
    case 'labels':
    case 'spans':
    case 'correction':
    case 'thumbs': {
      if (text !== null && answers.length > 0) {
        const message = 'The question is about one text, and this item has one of its own and answers.';
        return [feedbackProblem(['answers'], 'INVALID_VALUE', message, 'Give either the text, or one answer.')];
      }
      const subject = subjectOf(content);
      if (subject === null) {
        const message = `The question is about one text; this item has ${answers.length === 0 ? 'none' : `${answers.length} answers`}.`;
        return [feedbackProblem(['text'], 'REQUIRED', message, 'Give `text`, or exactly one of `answers`.')];
      }
      if (subject !== '') return [];
      return [feedbackProblem(text === null ? ['answers', '0', 'text'] : ['text'], 'REQUIRED', 'The text is empty.')];
    }
    default:
      return question satisfies never;
  }
}

/** Of answers that are equal, none can be better. */
function checkDifferent(answers: FeedbackItemContent['answers']): FeedbackProblem[] {
  const first = new Map<string, number>();
  return answers.flatMap(({ text }, i) => {
    const before = first.get(text);
    if (before === undefined) {
      first.set(text, i);
      return [];
    }
    const message = `Answer ${i} has the same text as answer ${before}: neither is better. They count from 0.`;
    return [
      feedbackProblem(['answers', String(i), 'text'], 'INVALID_VALUE', message, 'Leave the item, or the answer, out.'),
    ];
  });
}
