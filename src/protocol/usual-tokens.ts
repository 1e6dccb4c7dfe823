/** Tokens that documents are divided into, and that conversations are cut to, if a model reads as many. */
export const usualLengths = {
  document: 256,
  /** A conversation that is longer loses its end, and often its answer. */
  conversation: 512,
} as const;

/** BERT's share of masked tokens (Devlin et al. 2019, §3.1), and single tokens as transformers' collator draws them. */
export const usualMasking = { share: 0.15, wholeWords: false } as const;

/** The most tokens that a row has: attention takes memory by their square. */
export const mostTokens = 8192;
