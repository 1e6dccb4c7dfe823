import { evidenceOfModel } from '../evaluations/reward-evidence.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { evidenceInWords, rewardHeadOf, steers } from '../protocol/heads.js';
import type { RewardSource } from '../protocol/rewards/reward-spec.js';
import type { Query } from '../protocol/sql/query.js';
import { requireModelOf } from './plan-label.js';
import type { RewardModelRewardInput } from './reward.input.js';
import type { RewardUse } from './reward-access.js';

/**
 * A reward model as a job has it. One that is not above chance on pairs that it did not learn, neither those of its
 * training nor those of an evaluation, can steer nothing.
 * @throws ProblemsError NOT_FOUND, NO_HEAD, REWARD_MODEL_UNPROVEN
 */
export async function planRewardModel(
  query: Query,
  input: RewardModelRewardInput,
  project: RewardUse['project'],
  path: readonly string[],
): Promise<RewardSource> {
  const model = await requireModelOf(query, input, project, path);
  const head = rewardHeadOf(model.manifest);
  const at = [...path, 'modelId'];
  if (head === null) {
    const message = `The model “${model.name}” is no reward model.`;
    throw new ProblemsError([problem(at, 'NO_HEAD', message, 'Train one by `rewardModelling`.')]);
  }
  const { evidence, evaluationId } = await evidenceOfModel(query, model);
  if (evidence === null || !steers({ evidence })) {
    const message = `The reward model “${model.name}” is not known to be better than chance: ${evidenceInWords({ evidence })}.`;
    const hint =
      'The interval has to lie above 0.5: `evaluate` it on more pairs that it did not learn, or train it on more or clearer ones.';
    throw new ProblemsError([problem(at, 'REWARD_MODEL_UNPROVEN', message, hint)]);
  }
  const source = { kind: 'rewardModel', modelId: model.id, modelDigest: model.digest } as const;
  return evaluationId === null ? source : { ...source, evidence: { ...evidence, evaluationId } };
}
