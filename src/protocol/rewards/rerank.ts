import { z } from 'zod';
import { Rewards } from './reward-spec.js';

/** How the answers to a prompt are put in order. */
export const Rerank = z.object({
  /** None of a service: the short lane, where others wait, does not wait for a stranger's answer. */
  rewards: Rewards.refine((rewards) => rewards.every(({ source }) => source.kind !== 'service')),
  /** How many of the best answers to each prompt are shown. */
  keep: z.number().int().min(1),
});
export type Rerank = z.infer<typeof Rerank>;

/** An answer to a prompt, with what it is worth. */
export const RankedAnswer = z.object({
  sample: z.number().int(),
  /** The weighted sum of the rewards that could score it; null: none could. */
  reward: z.number().nullable(),
  /** By each of the rewards, before its weight, in the order of the list; null: it could not score it. */
  bySource: z.array(z.number().nullable()),
});
export type RankedAnswer = z.infer<typeof RankedAnswer>;
