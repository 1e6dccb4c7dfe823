import type { ClassificationScores, EvaluationScores } from '../protocol/evaluation-scores.js';

/** `evaluations.scores` of a task. Release 0.1 had classification alone, and wrote no kind. */
export type StoredScores = EvaluationScores | Omit<ClassificationScores, 'kind'>;

export function scoresOf(stored: readonly StoredScores[] | null): EvaluationScores[] {
  return (stored ?? []).map((scores) => ('kind' in scores ? scores : { kind: 'classification', ...scores }));
}
