import type { Tokenizer, TruncationSide } from '../tokenizer/index.js';
import { ConversationError } from './conversation-error.js';
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
      /**
       * A token that is not read at the end of a text, as the classifiers of transformers look for the last token that
       * is not padding. Absent or null: all are read.
       */
      readonly looksPast?: number | null;
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
    const end = ids.findLastIndex((id) => id !== reading.looksPast) + 1;
    const isAnswer = targetMask.slice(0, end);
    if (!isAnswer.includes(1, 1)) {
      throw new ConversationError('NO_TARGET', {}, 'no token of its answer is left but padding');
    }
    return { ids: ids.slice(0, end), typeIds: null, isAnswer, truncated };
  }
  const { prompt, completion } = transcriptOf(exchange);
  const isPair = reading.readsPairs && prompt !== '';
  const text = isPair || prompt === '' ? completion : `${prompt}\n\n${completion}`;
  const [first, second] = isPair ? [prompt, completion] : [text, null];
  const { ids, typeIds, truncated } = tokenizer.encodeIds(first, second, { maxLength, truncationSide });
  return { ids, typeIds: reading.readsTypes ? typeIds : null, isAnswer: null, truncated };
}
