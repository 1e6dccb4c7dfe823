import type { RewardHead } from '../../src/protocol/heads.js';
import { rewardHeadOf } from '../../src/protocol/heads.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { standardized } from '../heads/reward.js';
import { ProblemError } from '../problem-error.js';
import { openModel } from './ready-model.js';
import { type Answer, scoreAnswers } from './score-answers.js';

/** A reward model in memory. */
export interface RewardModel {
  readonly head: RewardHead;
  /**
   * The rewards of answers, [N], in deviations from the mean of held-out answers; NaN where the model reads no token of
   * the answer (`scoreAnswers`).
   * @throws ProblemError INVALID_VALUE of an answer that can not be read
   */
  score(answers: readonly Answer[], onProgress: () => void): Promise<Float64Array>;
  release(): Promise<void>;
}

/** Opens a reward model. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD. */
export async function openRewardModel(engine: Engine, store: ArtifactStore, digest: string): Promise<RewardModel> {
  const model = await openModel(engine, store, digest);
  const head = rewardHeadOf(model.manifest);
  if (head === null) {
    await model.release();
    throw noRewards();
  }
  return {
    head,
    async score(answers, onProgress) {
      const { outputs } = await scoreAnswers(model, answers, onProgress);
      return Float64Array.from(outputs, (output) => standardized(head, output));
    },
    release: () => model.release(),
  };
}

function noRewards(): ProblemError {
  return new ProblemError({
    path: ['modelId'],
    code: 'NO_HEAD',
    message: 'the model is no reward model: it has no head that scores answers',
    hint: 'Train one by `rewardModelling`.',
  });
}
