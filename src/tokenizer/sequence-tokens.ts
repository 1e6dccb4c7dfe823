/** Tokens of one text, without the model's special tokens. */
export interface SequenceTokens {
  readonly ids: readonly number[];
  /** Where each token starts, in UTF-16 units of the text. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export function sliceTokens({ ids, starts, ends }: SequenceTokens, from: number, to: number): SequenceTokens {
  if (from === 0 && to === ids.length) return { ids, starts, ends };
  return { ids: ids.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}
