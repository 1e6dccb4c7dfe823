import { z } from 'zod';

export const learnerNames = ['dpo', 'kto', 'orpo', 'simpo', 'cpo', 'reward', 'grpo'] as const;
export type LearnerName = (typeof learnerNames)[number];

export const partNames = ['full', 'lora'] as const;
export type PartName = (typeof partNames)[number];

/** One training: by which objective, of which weights, at which learning rate. */
export const Cell = z.object({
  learner: z.enum(learnerNames),
  part: z.enum(partNames),
  /** Pairs, or of `grpo` prompts, that are learned. */
  examples: z.number().int(),
  learningRate: z.number(),
});
export type Cell = z.infer<typeof Cell>;

/** What is measured before the first update and after the last one; null: it is not measured of such a training. */
const Measured = z.object({
  /** Share of the held-out pairs whose better answer has the higher reward, an implicit one against the start. */
  accuracy: z.number().nullable(),
  /** Mean ln of the probability of a better answer. */
  chosenLogProbability: z.number().nullable(),
  /** Of a token from the start, in nats. */
  kl: z.number().nullable(),
  /** Of held-out prompts, of `grpo`. */
  reward: z.number().nullable(),
});
export type Measured = z.infer<typeof Measured>;

export const CellResult = z.object({ ...Cell.shape, before: Measured, after: Measured, seconds: z.number() });
export type CellResult = z.infer<typeof CellResult>;

/** One name for each training; a kept one is not trained again. */
export function nameOf({ learner, part, examples, learningRate }: Cell): string {
  return `${learner} ${part} ${examples} rate ${learningRate}`;
}

export const learnerTitles: { readonly [Name in LearnerName]: string } = {
  dpo: 'DPO',
  kto: 'KTO',
  orpo: 'ORPO',
  simpo: 'SimPO',
  cpo: 'CPO',
  reward: 'Reward model',
  grpo: 'GRPO',
};

export const partTitles: { readonly [Name in PartName]: string } = { full: 'all layers', lora: 'LoRA, rank 8' };
