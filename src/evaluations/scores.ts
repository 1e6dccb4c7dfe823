import type { ClassificationScores, TaskScores } from '../protocol/evaluation-scores.js';

/** `evaluations.scores` of a task. Release 0.1 had classification alone, and wrote no kind. */
export type StoredScores = TaskScores | Omit<ClassificationScores, 'kind'>;

export function scoresOf(stored: readonly StoredScores[] | null): TaskScores[] {
  return (stored ?? []).map((scores) => ('kind' in scores ? scores : { kind: 'classification', ...scores }));
}
