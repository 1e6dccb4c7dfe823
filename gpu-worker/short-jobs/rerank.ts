import type { GenerateJob, GenerationEvent } from '../../src/protocol/generation.js';
import type { RankedAnswer, Rerank } from '../../src/protocol/rewards/rerank.js';
import type { Completion } from '../../src/protocol/rewards/scored-completion.js';
import { ProblemError } from '../problem-error.js';
import { openRewards, type Scores } from '../rewards/open-rewards.js';
import type { RewardTools } from '../rewards/open-source.js';

/** No reward of a generation is a service's, so that nothing is signed. */
const services = { rewardKey: '', allowPrivate: '' };

/** What is written to prompts, as far as it was told: one completion after another of the first prompt, and so on. */
export interface WrittenAnswers {
  hear(events: readonly GenerationEvent[]): void;
  completions(): readonly Completion[];
}

/** Prompts of a generation have no rows. */
export function gatherAnswers({ prompts, settings }: Pick<GenerateJob, 'prompts' | 'settings'>): WrittenAnswers {
  const { samples } = settings;
  const written = prompts.flatMap((prompt) =>
    Array.from({ length: samples }, () => ({ prompt, text: '', tokenCount: 0, row: {} })),
  );
  return {
    hear(events) {
      for (const event of events) {
        if (event.kind === 'tokens') written[event.prompt * samples + event.sample]!.text += event.text;
        if (event.kind === 'answered') written[event.prompt * samples + event.sample]!.tokenCount = event.tokenCount;
      }
    },
    completions: () => written,
  };
}

/**
 * Scores complete answers, and puts those to each prompt in order. Models that score are loaded for this and freed:
 * what the lane keeps in memory are models that people ask directly.
 *
 * @param samples answers to each prompt
 * @throws ProblemError those of `openRewards`, their paths below `rerank`
 */
export async function rankAnswers(
  { rewards }: Rerank,
  completions: readonly Completion[],
  samples: number,
  tools: Omit<RewardTools, 'services'>,
): Promise<readonly GenerationEvent[]> {
  try {
    const open = await openRewards(rewards, { ...tools, services });
    try {
      const scores = await open.score(completions);
      return Array.from({ length: completions.length / samples }, (_, prompt) => ({
        kind: 'ranked' as const,
        prompt,
        answers: inOrder(scores, prompt * samples, samples),
      }));
    } finally {
      await open.release();
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { problem } = error;
    throw new ProblemError({ ...problem, path: ['rerank', ...problem.path] }, { cause: error });
  }
}

/**
 * The best answer first. Of equal ones the earlier sample comes first; those that nothing could score are last.
 * @param first place of the prompt's first completion
 */
export function inOrder({ total, bySource }: Scores, first: number, samples: number): RankedAnswer[] {
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const worth = ({ reward }: RankedAnswer): number => reward ?? Number.NEGATIVE_INFINITY;
  const answers = Array.from({ length: samples }, (_, sample) => ({
    sample,
    reward: known(total[first + sample]!),
    bySource: bySource.map(({ values }) => known(values[first + sample]!)),
  }));
  return answers.sort((a, b) => (worth(a) === worth(b) ? a.sample - b.sample : worth(b) > worth(a) ? 1 : -1));
}
