import type { Problem } from '../run-event.js';

/** What can be wrong with a question, an item or a value. */
export interface FeedbackProblem extends Problem {
  readonly code: 'INVALID_VALUE' | 'REQUIRED' | 'TOO_LONG' | 'UNKNOWN_LABEL';
}

export function feedbackProblem(
  path: readonly string[],
  code: FeedbackProblem['code'],
  message: string,
  hint: string | null = null,
): FeedbackProblem {
  return { path: [...path], code, message, hint };
}

/** A text of at most so many UTF-16 code units. */
export function checkLength(path: readonly string[], text: string, most: number): FeedbackProblem[] {
  if (text.length <= most) return [];
  return [feedbackProblem(path, 'TOO_LONG', `It has at most ${most} characters; this one has ${text.length}.`)];
}

/** Names that are there once each, and not empty. */
export function checkNames(path: readonly string[], names: readonly string[], most: number): FeedbackProblem[] {
  const before = new Set<string>();
  return names.flatMap((name, i) => {
    const at = [...path, String(i)];
    const isTwice = before.has(name);
    before.add(name);
    if (name.trim() === '') return [feedbackProblem(at, 'REQUIRED', 'A name may not be empty.')];
    if (isTwice) return [feedbackProblem(at, 'INVALID_VALUE', `“${name}” is there twice.`)];
    return checkLength(at, name, most);
  });
}

/** The first of the names, for messages. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `“${name}”`);
  return `${shown.join(', ')}${names.length > shown.length ? `, and ${names.length - shown.length} more` : ''}`;
}
