import type { Tokenizer, TruncationSide } from '../tokenizer/index.js';
import { encodeConversation } from './encode-conversation.js';
import { type Exchange, transcriptOf, writeExchange } from './exchange.js';
import type { Writing } from './write-conversation.js';

/** How a model reads a prompt and an answer. */
export type AnswerReading = {
  readonly tokenizer: Tokenizer;
  /** The most tokens of prompt and answer together, special ones included. */
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
} & (
  | {
      /** As one text: by the chat template, or one after the other. For decoders. */
      readonly kind: 'written';
      readonly writing: Omit<Writing, 'learned'>;
    }
  | {
      /** The prompt as the first text and the answer as the second. For encoders. */
      readonly kind: 'pair';
      /** False: both are one text, with an empty line between them. */
      readonly readsPairs: boolean;
      /** Whether the model reads the types of tokens. */
      readonly readsTypes: boolean;
    }
);

/** A prompt and an answer as tokens: 1 at those of the answer. */
export interface EncodedExchange {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[] | null;
  readonly isAnswer: readonly (0 | 1)[] | null;
  readonly truncated: boolean;
}

/** @throws ConversationError as `writeExchange`, NO_TARGET; TokenizerError */
export function encodeExchange(exchange: Exchange, reading: AnswerReading): EncodedExchange {
  const { tokenizer, maxLength, truncationSide } = reading;
  if (reading.kind === 'written') {
    const written = writeExchange(exchange, reading.writing);
    const { ids, targetMask, truncated } = encodeConversation(tokenizer, written, { maxLength, truncationSide });
    return { ids, typeIds: null, isAnswer: targetMask, truncated };
  }
  const { prompt, completion } = transcriptOf(exchange);
  const isPair = reading.readsPairs && prompt !== '';
  const text = isPair || prompt === '' ? completion : `${prompt}\n\n${completion}`;
  const [first, second] = isPair ? [prompt, completion] : [text, null];
  const { ids, typeIds, truncated } = tokenizer.encodeIds(first, second, { maxLength, truncationSide });
  return { ids, typeIds: reading.readsTypes ? typeIds : null, isAnswer: null, truncated };
}
