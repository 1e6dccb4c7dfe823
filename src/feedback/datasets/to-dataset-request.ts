import { preparationTarget } from '../../datasets/preparation/preparation-target.js';
import { rowId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireProject } from '../../projects/require-project.js';
import type { Query } from '../../protocol/sql/query.js';
import type { CreateDatasetFromFeedbackInput } from './feedback-dataset.input.js';
import type { FeedbackDatasetRequest } from './feedback-dataset.service.js';
import { toFeedbackPolicy } from './feedback-policy.type.js';

/**
 * What is asked for, by row ids.
 * @throws ProblemsError with all that is wrong with the input alone
 */
export async function toDatasetRequest(
  query: Query,
  input: CreateDatasetFromFeedbackInput,
): Promise<FeedbackDatasetRequest> {
  const { idempotencyKey, projectSlug, taskIds, fractions, seed, ...given } = input;
  const { leastAnswers, unpaired, correctionPairs, modelJudgements, ...rest } = given;
  const { id: projectId } = await requireProject(query, projectSlug);
  const policy = toFeedbackPolicy(rest.policy);
  const leastAgreement = rest.leastAgreement ?? null;
  const [target, ids] = await together([
    (async () => preparationTarget(rest))(),
    together(taskIds.map(async (id, i) => rowId('FeedbackTask', id, ['taskIds', String(i)]))),
    (async () => {
      const wrong = [
        ...(leastAgreement === null ? [] : checkShare(leastAgreement, ['leastAgreement'])),
        ...(policy.kind === 'posterior' || policy.kind === 'crowdlab'
          ? checkShare(policy.atLeast, ['policy', policy.kind, 'atLeast'])
          : []),
        ...(leastAnswers >= 1 ? [] : [problem(['leastAnswers'], 'INVALID_VALUE', 'It is at least 1.')]),
      ];
      if (wrong.length > 0) throw new ProblemsError(wrong);
    })(),
  ]);
  const { idempotencyKey: _, ...asked } = input;
  return {
    projectId,
    taskIds: ids,
    target,
    rules: { policy, leastAgreement, leastAnswers, unpaired, correctionPairs, modelJudgements },
    fractions,
    seed,
    idempotencyKey: idempotencyKey ?? null,
    input: asked,
  };
}

function checkShare(value: number, path: readonly string[]): InputProblem[] {
  return value >= 0 && value <= 1
    ? []
    : [problem(path, 'INVALID_VALUE', `It lies between 0 and 1, and not at ${value}.`)];
}
