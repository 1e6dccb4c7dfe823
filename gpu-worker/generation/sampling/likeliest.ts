import type { GenerationSettings } from '../../../src/protocol/generation.js';

/** Always the likeliest token. */
export const likeliestTokens: GenerationSettings['sampling'] = {
  temperature: 0,
  topK: null,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 0,
};
