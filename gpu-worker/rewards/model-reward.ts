import { isEmptyText } from '../../src/protocol/batch-prediction.js';
import { evidenceInWords, type RewardHead, steers } from '../../src/protocol/heads.js';
import type { RewardSource } from '../../src/protocol/rewards/reward-spec.js';
import { openRewardModel } from '../forward/reward-model.js';
import { ProblemError } from '../problem-error.js';
import type { OpenSource, RewardTools } from './open-source.js';

/** Completions that are scored at a time. */
const atATime = 256;

/**
 * What a reward model says of completions of their prompts, in deviations from the mean of held-out answers. One that
 * ended with its first token is scored as any other, as reward models learn of empty answers too; where the model has
 * no token that ends answers, it has no reward and no total. One that lies beyond the tokens that the model reads, as
 * its prompt is too long, has no reward either, and the others count.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD, REWARD_MODEL_UNPROVEN (neither its training nor the
 * evaluation that the source names shows it to be above chance); while scoring INVALID_VALUE of turns that the model
 * can not read
 */
export async function openModelReward(
  { modelDigest, evidence }: RewardSource & { readonly kind: 'rewardModel' },
  { engine, store, beat }: RewardTools,
): Promise<OpenSource> {
  const model = await openRewardModel(engine, store, modelDigest);
  if (!steers(model.head) && (evidence === undefined || !steers({ evidence }))) {
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
    leavesUnscored: ({ text }) => isEmptyText(text),
    release: () => model.release(),
  };
}

function unproven(head: RewardHead): ProblemError {
  return new ProblemError({
    path: ['by', 'rewardModel', 'modelId'],
    code: 'REWARD_MODEL_UNPROVEN',
    message: `the reward model is not known to be better than chance: ${evidenceInWords(head)}`,
    hint: 'The interval has to lie above 0.5: `evaluate` it on more pairs that it did not learn, or train it on more or clearer ones.',
  });
}
