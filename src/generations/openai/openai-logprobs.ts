import type { GeneratedToken } from '../../protocol/generation.js';

interface ChatLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[] | null;
}

/** Log-probabilities as chat completions tell them. */
export function chatLogprobs(tokens: readonly GeneratedToken[]): { readonly content: readonly object[] } {
  return {
    content: tokens.map(({ text, logProbability, top }) => ({
      ...chatLogprob(text, logProbability ?? 0),
      top_logprobs: top.map((likely) => chatLogprob(likely.text, likely.logProbability)),
    })),
  };
}

function chatLogprob(token: string, logprob: number): ChatLogprob {
  // The bytes of a part of a character are not known.
  const bytes = token.includes('\ufffd') ? null : [...Buffer.from(token)];
  return { token, logprob, bytes };
}

/**
 * Log-probabilities as completions tell them.
 * @param offset place of the first token in prompt and answer, in characters
 */
export function completionLogprobs(tokens: readonly GeneratedToken[], offset: number): object {
  const places: number[] = [];
  let place = offset;
  for (const { text } of tokens) {
    places.push(place);
    place += text.length;
  }
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logProbability }) => logProbability),
    top_logprobs: tokens.map(({ top }) => Object.fromEntries(top.map((each) => [each.text, each.logProbability]))),
    text_offset: places,
  };
}
