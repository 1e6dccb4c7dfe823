import type { EvaluationScores, TaskScores } from '../protocol/evaluation-scores.js';
import { type Finding, findFewExamples } from '../protocol/findings.js';
import { judgeRewards } from '../protocol/judge-rewards.js';
import { judgeScores } from '../protocol/judge-scores.js';

/** What the scores of an evaluation say: of the model, and of the data that it was scored on. */
export function judgeEvaluation(scores: readonly EvaluationScores[], split: string): Finding[] {
  return [
    ...scores.flatMap((each) => (each.kind === 'reward' ? judgeRewards(each) : [])),
    ...ofHeads(scores).flatMap((each) => [
      ...judgeScores(each),
      ...findFewExamples({ task: each.task, split, isLearnt: false }, supportsOf(each)),
    ]),
  ];
}

function supportsOf(scores: TaskScores): { label: string; count: number }[] {
  const named = (all: readonly { readonly label: string; readonly support: number }[]) =>
    all.map(({ label, support }) => ({ label, count: support }));
  switch (scores.kind) {
    case 'classification':
      return named(scores.perClass);
    case 'multiLabel':
      return named(scores.perLabel);
    case 'tokenClassification':
      return named(scores.perTag);
    case 'regression':
      return [];
    default:
      return scores satisfies never;
  }
}

/** Predictions of tokens are judged by how they differ from the baseline's. */
function ofHeads(scores: readonly EvaluationScores[]): TaskScores[] {
  return scores.flatMap((each) =>
    each.kind === 'tokens' || each.kind === 'reward' || each.kind === 'preferences' ? [] : [each],
  );
}
