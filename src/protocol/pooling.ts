import { z } from 'zod';

/**
 * What heads read. `firstToken`: the first token's state through the pooler, a projection [H,H] and its activation, as
 * transformers' `…ForSequenceClassification` of the family does. `mean`: the mean over tokens, without a pooler.
 * Universal Sentence Encoder Lite has its own, and no choice.
 */
export const Pooling = z.enum(['firstToken', 'mean']);
export type Pooling = z.infer<typeof Pooling>;
