import { rewardLimits } from '../../src/protocol/rewards/reward-limits.js';
import type { Reward } from '../../src/protocol/rewards/reward-spec.js';
import type { Completion } from '../../src/protocol/rewards/scored-completion.js';
import { openRule } from '../../src/reward-rules/open-rule.js';
import { ProblemError } from '../problem-error.js';
import { openLabelReward } from './label-reward.js';
import { openModelReward } from './model-reward.js';
import type { OpenSource, RewardTools } from './open-source.js';
import { openServiceReward } from './service-reward.js';

export interface Scores {
  /**
   * Σ weight · value over the sources that have a value for the completion, [N]; NaN where none has. A source that only
   * some prompts are meant for, such as a number that not every row has, takes no part in those of the others. NaN also
   * where what was written leaves a source without a value (`OpenSource.leavesUnscored`).
   */
  readonly total: Float64Array;
  /** The values of each source before its weight, in the order of the list. */
  readonly bySource: readonly { readonly name: string; readonly weight: number; readonly values: Float64Array }[];
}

/** A weighted list of rewards, its models in memory. */
export interface OpenRewards {
  score(completions: readonly Completion[]): Promise<Scores>;
  release(): Promise<void>;
}

/**
 * Opens the sources of a list of rewards. Rules and models give the same values for the same completions; what a
 * service answers is its own affair.
 *
 * @throws ProblemError of the source, whose path leads into the list: MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD,
 * UNKNOWN_TASK, UNKNOWN_LABEL, REWARD_MODEL_UNPROVEN, INVALID_VALUE, INVALID_SCHEMA; while
 * scoring REWARD_SERVICE_FAILED, and INVALID_VALUE of a reward that is too large to compute with
 */
export async function openRewards(
  rewards: readonly Reward[],
  tools: RewardTools,
  list: 'rewards' | 'controlRewards' = 'rewards',
): Promise<OpenRewards> {
  const opened: OpenSource[] = [];
  const release = async (): Promise<void> => {
    for (const source of opened.splice(0)) await source.release();
  };
  try {
    for (const [i, reward] of rewards.entries()) {
      opened.push(await at([list, String(i)], () => openSource(reward, tools)));
      tools.beat();
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    async score(completions) {
      const bySource: { name: string; weight: number; values: Float64Array }[] = [];
      for (const [i, { name, weight }] of rewards.entries()) {
        const values = await at([list, String(i)], async () => {
          const given = await opened[i]!.score(completions);
          checkSize(rewards[i]!, given);
          return given;
        });
        bySource.push({ name, weight, values });
        tools.beat();
      }
      const total = totalOf(bySource, completions.length);
      for (const [i, completion] of completions.entries()) {
        const isLeft = opened.some((source, place) => {
          return Number.isNaN(bySource[place]!.values[i]) && source.leavesUnscored?.(completion);
        });
        if (isLeft) total[i] = Number.NaN;
      }
      return { total, bySource };
    },
    release,
  };
}

/** Larger values would leave others, and deviations, without meaning: nothing would be learned, in silence. */
function checkSize({ name, weight }: Reward, values: Float64Array): void {
  const found = values.find((value) => Math.abs(weight * value) > rewardLimits.maxReward);
  if (found === undefined) return;
  throw new ProblemError({
    path: [],
    code: 'INVALID_VALUE',
    message: `The reward “${name}” gave ${found}; times its weight, ${weight}, that is beyond ±${rewardLimits.maxReward}.`,
    hint: 'Let the reward give values of an ordinary size, such as from −1 to 1.',
  });
}

/** Σ weight · value over the sources that have one, [N]; NaN where none has. */
export function totalOf(
  bySource: readonly { readonly weight: number; readonly values: ArrayLike<number> }[],
  count: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const known = bySource.filter(({ values }) => !Number.isNaN(values[i]));
    return known.length === 0 ? Number.NaN : known.reduce((sum, { weight, values }) => sum + weight * values[i]!, 0);
  });
}

async function openSource({ source }: Reward, tools: RewardTools): Promise<OpenSource> {
  switch (source.kind) {
    case 'rule': {
      const score = openRule(source.rule);
      if (typeof score !== 'function') throw new ProblemError(score);
      return {
        async score(completions) {
          // One completion may take a rule a second or two.
          return Float64Array.from(completions, (completion) => {
            tools.beat();
            return score(completion);
          });
        },
        release: () => Promise.resolve(),
      };
    }
    case 'label':
      return openLabelReward(source, tools);
    case 'rewardModel':
      return openModelReward(source, tools);
    case 'service':
      return openServiceReward(source, tools);
    default:
      return source satisfies never;
  }
}

/** Says in which of the rewards a problem is. */
async function at<Result>(path: readonly string[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { problem } = error;
    throw new ProblemError({ ...problem, path: [...path, ...problem.path] }, { cause: error });
  }
}
