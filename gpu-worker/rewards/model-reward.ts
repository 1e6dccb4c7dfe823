import { evidenceInWords, type RewardHead, steers } from '../../src/protocol/heads.js';
import type { RewardSource } from '../../src/protocol/rewards/reward-spec.js';
import { openRewardModel } from '../forward/reward-model.js';
import { ProblemError } from '../problem-error.js';
import type { OpenSource, RewardTools } from './open-source.js';

/** Completions that are scored at a time. */
const atATime = 256;

/**
 * What a reward model says of completions of their prompts, in deviations from the mean of held-out answers. One that
 * ended with its first token is scored as any other, as reward models learn of empty answers too.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD, REWARD_MODEL_UNPROVEN (it is not above chance on pairs
 * that it did not learn); while scoring INVALID_VALUE of turns that the model can not read
 */
export async function openModelReward(
  { modelDigest }: RewardSource & { readonly kind: 'rewardModel' },
  { engine, store, beat }: RewardTools,
): Promise<OpenSource> {
  const model = await openRewardModel(engine, store, modelDigest);
  if (!steers(model.head)) {
    await model.release();
    throw unproven(model.head);
  }
  return {
    async score(completions) {
      const values = new Float64Array(completions.length);
      for (let start = 0; start < completions.length; start += atATime) {
        const some = completions.slice(start, start + atATime);
        const answers = some.map(({ prompt, text }) => ({ prompt, completion: text }));
        values.set(await model.score(answers, beat), start);
      }
      return values;
    },
    release: () => model.release(),
  };
}

function unproven(head: RewardHead): ProblemError {
  return new ProblemError({
    path: ['by', 'rewardModel', 'modelId'],
    code: 'REWARD_MODEL_UNPROVEN',
    message: `the reward model is not known to be better than chance: ${evidenceInWords(head)}`,
    hint: 'Train it on more or clearer pairs, and measure it on more of them: the interval has to lie above 0.5.',
  });
}
