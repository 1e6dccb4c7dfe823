import type { RewardSource } from '../../src/protocol/rewards/reward-spec.js';
import { openRewardModel } from '../forward/reward-model.js';
import type { OpenSource, RewardTools } from './open-source.js';

/** Completions that are scored at a time. */
const atATime = 256;

/**
 * What a reward model says of completions of their prompts, in deviations from the mean of held-out answers. It says
 * nothing of a completion without a word, such as one that ended with its first token.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD; while scoring INVALID_VALUE of turns that the model
 * can not read
 */
export async function openModelReward(
  { modelDigest }: RewardSource & { readonly kind: 'rewardModel' },
  { engine, store, beat }: RewardTools,
): Promise<OpenSource> {
  const model = await openRewardModel(engine, store, modelDigest);
  return {
    async score(completions) {
      const values = new Float64Array(completions.length).fill(Number.NaN);
      const written = [...completions.keys()].filter((index) => completions[index]!.text.trim() !== '');
      for (let start = 0; start < written.length; start += atATime) {
        const some = written.slice(start, start + atATime);
        const answers = some.map((index) => ({
          prompt: completions[index]!.prompt,
          completion: completions[index]!.text,
        }));
        const found = await model.score(answers, beat);
        for (const [place, index] of some.entries()) values[index] = found[place]!;
      }
      return values;
    },
    release: () => model.release(),
  };
}
