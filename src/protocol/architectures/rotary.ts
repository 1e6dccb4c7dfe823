import { z } from 'zod';

/**
 * How rotary positions (Su et al. 2021, arXiv:2104.09864) are stretched to texts that are longer than those of the
 * pre-training, by transformers' names (`rope_type`):
 *
 * - `linear`: all frequencies divided by the factor (Chen et al. 2023, arXiv:2306.15595);
 * - `dynamic`: a base that grows with the text, once it is longer than `maxPositions` (“NTK-aware”);
 * - `llama3`: low frequencies divided by the factor, high ones kept, those between interpolated (Llama 3.1);
 * - `yarn`: the same with other bounds, and queries and keys multiplied by the attention factor (Peng et al. 2023,
 *   arXiv:2309.00071).
 */
export const RotaryScaling = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('linear'), factor: z.number().min(1) }),
  z.object({ kind: z.literal('dynamic'), factor: z.number().min(1) }),
  z.object({
    kind: z.literal('llama3'),
    factor: z.number().min(1),
    lowFrequencyFactor: z.number().positive(),
    highFrequencyFactor: z.number().positive(),
    originalPositions: z.number().int().positive(),
  }),
  z.object({
    kind: z.literal('yarn'),
    factor: z.number().min(1),
    originalPositions: z.number().int().positive(),
    betaFast: z.number().positive(),
    betaSlow: z.number().positive(),
    /** Whether the bounds between frequencies are rounded to whole ones. */
    truncates: z.boolean(),
    attentionFactor: z.number().positive(),
  }),
]);
export type RotaryScaling = z.infer<typeof RotaryScaling>;
