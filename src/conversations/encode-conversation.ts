import type { Tokenizer, TruncationSide } from '../tokenizer/index.js';
import type { TextSpan } from './chat-template.js';
import { ConversationError } from './conversation-error.js';
import { predictedBytes } from './predicted-bytes.js';
import type { WrittenConversation } from './write-conversation.js';

export interface EncodedConversation {
  /** [T] */
  readonly ids: readonly number[];
  /** [T] 1 where the loss asks for this token, else 0. */
  readonly targetMask: readonly (0 | 1)[];
  /** Whether tokens were cut off. */
  readonly truncated: boolean;
  /** Bytes in UTF-8 of what is predicted, also where tokens were cut off. */
  readonly targetBytes: number;
}

export interface ConversationLength {
  /** The most tokens, special ones included. */
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
}

/**
 * Tokenizes a written conversation. A token is a target if any of its characters is: the token across the border of an
 * answer is the one that an answer begins or ends with. transformers' `return_assistant_tokens_mask` has the same rule.
 * Special tokens in the text are recognised, also in what a person typed, as transformers does; those of the
 * tokenizer's layout are added only to a text without a template, so that none is doubled.
 *
 * @throws ConversationError NO_TARGET: no token of an answer is left, mostly as it was cut off
 */
export function encodeConversation(
  tokenizer: Pick<Tokenizer, 'encode' | 'token'>,
  { text, targets, hasSpecialTokens }: WrittenConversation,
  { maxLength, truncationSide }: ConversationLength,
): EncodedConversation {
  const options = { maxLength, truncationSide, addSpecialTokens: !hasSpecialTokens };
  const encoding = tokenizer.encode(text, null, options);
  const { ids, offsets, sequence, truncated } = encoding;
  const isTarget = targetsAmong(targets);
  const endsAsTarget = !truncated && targets.at(-1)?.[1] === text.length;
  const lastOfText = sequence.lastIndexOf(0);
  const targetMask = offsets.map((offset, token) => {
    // What the tokenizer's layout puts after the text ends the answer.
    if (sequence[token] === null) return endsAsTarget && token > lastOfText ? 1 : 0;
    return isTarget(offset) ? 1 : 0;
  });
  // The first token has none before it that could foretell it.
  if (!targetMask.includes(1, 1)) {
    const what = truncated
      ? `its answers lie beyond the ${maxLength} tokens that are kept`
      : 'no token of its answers is left';
    throw new ConversationError('NO_TARGET', {}, what);
  }
  return { ids, targetMask, truncated, targetBytes: predictedBytes(tokenizer, text, targets, encoding) };
}

/** Whether a stretch shares a character with a target. Stretches are asked for in order. */
function targetsAmong(targets: readonly TextSpan[]): (offset: TextSpan) => boolean {
  let next = 0;
  return ([start, end]) => {
    while (next < targets.length && start >= targets[next]![1]) next++;
    const target = targets[next];
    return target !== undefined && end > target[0];
  };
}
