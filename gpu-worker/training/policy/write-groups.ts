import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { createRandom, shuffle } from '../../data/random.js';
import type { OpenRewards, Scores } from '../../rewards/open-rewards.js';
import type { RolloutWriter } from '../../rollouts/open-rollouts.js';
import type { PolicyPrompt } from './load-prompts.js';
import { groupsWithoutSignal, rewardRollouts, type WrittenRollout, withPenalty, withTexts } from './reward-rollouts.js';

/** Completions of prompts with their rewards, group by group: `rollout.prompt` counts `prompts`. */
export interface RewardedGroups {
  readonly prompts: readonly PolicyPrompt[];
  readonly rollouts: readonly WrittenRollout[];
  readonly scores: Scores;
}

/** The groups of an update, and what was written for them. */
export interface WrittenGroups {
  /** Those to learn from. */
  readonly kept: RewardedGroups;
  /** Groups that the update began with, and those of them whose rewards tell nothing apart. */
  readonly groups: number;
  readonly equalGroups: number;
  /** Further groups that were written in place of these. */
  readonly replacements: number;
}

/** What groups are written by. */
export interface GroupTools {
  readonly rollouts: RolloutWriter;
  readonly rewards: OpenRewards;
  readonly vocabulary: Vocabulary;
  readonly onProgress: () => void;
}

/** A word of the seed: it keeps the draws of other prompts apart from other random numbers. */
const replacementStream = 0x7265_706c;

/**
 * Writes and rewards the completions of an update. With dynamic sampling (DAPO, Yu et al. 2025, arXiv:2503.14476,
 * section 3.2), groups with equal rewards are replaced by others, of prompts that are drawn by (seed, step, round);
 * those for which no other is found in so many rounds are left out. So are pairs of online DPO with equal rewards.
 */
export async function writeGroups(
  tools: GroupTools,
  { algorithm, samples, maxTokens, hyperparameters }: PolicyOptimizationSpec,
  step: number,
  prompts: readonly PolicyPrompt[],
  all: readonly PolicyPrompt[],
): Promise<WrittenGroups> {
  const { seed } = hyperparameters;
  const write = async (asked: readonly PolicyPrompt[], words: readonly number[]): Promise<RewardedGroups> => {
    const settings = { samples, maxTokens, words };
    const drawn = await tools.rollouts.write(asked, settings, tools.onProgress);
    const rollouts = withTexts(drawn, tools.vocabulary);
    const scores = withPenalty(await rewardRollouts(tools.rewards, asked, rollouts), rollouts, algorithm);
    return { prompts: asked, rollouts, scores };
  };
  const first = await write(prompts, [seed, step]);
  const equal = groupsWithoutSignal(first.scores, samples, algorithm);
  const counts = { groups: prompts.length, equalGroups: equal.filter(Boolean).length };
  if (algorithm.kind === 'onlineDpo') {
    return { kept: someGroups(first, samples, (group) => !equal[group]), ...counts, replacements: 0 };
  }
  const rounds = algorithm.kind === 'grpo' ? algorithm.replacementRounds : null;
  if (rounds === null) return { kept: first, ...counts, replacements: 0 };

  let kept = someGroups(first, samples, (group) => !equal[group]);
  let replacements = 0;
  const used = new Set(prompts.map(({ row }) => row));
  for (let round = 1; round <= rounds && kept.prompts.length < prompts.length; round++) {
    const order = shuffle(Int32Array.from(all.keys()), createRandom(seed, replacementStream, step, round));
    const others = Array.from(order, (index) => all[index]!).filter(({ row }) => !used.has(row));
    const asked = others.slice(0, prompts.length - kept.prompts.length);
    if (asked.length === 0) break;
    for (const { row } of asked) used.add(row);
    replacements += asked.length;
    const more = await write(asked, [seed, step, round]);
    const alike = groupsWithoutSignal(more.scores, samples, algorithm);
    kept = together(
      kept,
      someGroups(more, samples, (group) => !alike[group]),
    );
  }
  return { kept, ...counts, replacements };
}

function someGroups(
  { prompts, rollouts, scores }: RewardedGroups,
  G: number,
  isWanted: (group: number) => boolean,
): RewardedGroups {
  const groups = [...prompts.keys()].filter(isWanted);
  const rows = groups.flatMap((group) => Array.from({ length: G }, (_, sample) => group * G + sample));
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    prompts: groups.map((group) => prompts[group]!),
    rollouts: rows.map((row, index) => ({ ...rollouts[row]!, prompt: Math.floor(index / G) })),
    scores: {
      total: pick(scores.total),
      bySource: scores.bySource.map((source) => ({ ...source, values: pick(source.values) })),
    },
  };
}

function together(left: RewardedGroups, right: RewardedGroups): RewardedGroups {
  const joined = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
  return {
    prompts: [...left.prompts, ...right.prompts],
    rollouts: [
      ...left.rollouts,
      ...right.rollouts.map((rollout) => ({ ...rollout, prompt: rollout.prompt + left.prompts.length })),
    ],
    scores: {
      total: joined(left.scores.total, right.scores.total),
      bySource: left.scores.bySource.map((source, index) => ({
        ...source,
        values: joined(source.values, right.scores.bySource[index]!.values),
      })),
    },
  };
}
