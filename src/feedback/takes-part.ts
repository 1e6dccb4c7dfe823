import { ProblemsError, problem } from '../problems/problem.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';

/** Whether a task is for this person: for all who give feedback in the project, or for those whom it names. */
export function takesPart({ participants }: Pick<FeedbackTaskRow, 'participants'>, userId: string): boolean {
  return participants === null || participants.includes(userId);
}

export function takesNoPart(path: readonly string[]): ProblemsError {
  const message = 'Only people whom the task names take part in it.';
  const hint = 'Whoever may train in the project can add you with updateFeedbackTask.';
  return new ProblemsError([problem(path, 'FORBIDDEN', message, hint)]);
}
