import { z } from 'zod';

/**
 * What heads read. `firstToken`: the first token's state through the pooler, a projection [H,H] and its activation, as
 * transformers' `…ForSequenceClassification` of the family does. `lastToken`: the state of the last token, which alone
 * has read the whole text in a causal model, as its `…ForSequenceClassification` does. `mean`: the mean over tokens,
 * without a pooler. Which of them a model can take, the traits of its family say.
 * Universal Sentence Encoder Lite pools in its own way, and leaves no choice.
 */
export const Pooling = z.enum(['firstToken', 'lastToken', 'mean']);
export type Pooling = z.infer<typeof Pooling>;
