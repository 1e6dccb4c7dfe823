import { z } from 'zod';

/**
 * What heads read. `firstToken`: the first token's state through the pooler, a projection [H,H] and its activation, as
 * transformers' `…ForSequenceClassification` of the family does. `mean`: the mean over tokens, without a pooler.
 * Universal Sentence Encoder Lite pools in its own way, and leaves no choice.
 */
export const Pooling = z.enum(['firstToken', 'mean']);
export type Pooling = z.infer<typeof Pooling>;
