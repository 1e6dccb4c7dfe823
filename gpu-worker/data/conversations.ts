import {
  ConversationError,
  type createWriting,
  encodeConversation,
  readConversation,
  writeConversation,
} from '../../src/conversations/index.js';
import type { ConversationForm } from '../../src/protocol/conversation-form.js';
import { type Tokenizer, TokenizerError, type TruncationSide } from '../../src/tokenizer/index.js';
import { sequenceWriter, type TokenSequences } from './token-sequences.js';

/** A row that can not be learned, and why. */
interface UnlearnableRow {
  readonly row: number;
  readonly message: string;
}

/** The conversations of a split as a language model learns them. */
export interface Conversations {
  readonly sequences: TokenSequences;
  readonly count: number;
  readonly truncated: number;
  /** Bytes in UTF-8 of what is predicted, by which bits a byte are counted. */
  readonly bytes: number;
  /** Of each sequence: the place of its row among those that were given, and its part of `bytes`. */
  readonly places: readonly number[];
  readonly bytesOf: readonly number[];
  readonly unlearnable: readonly UnlearnableRow[];
}

export interface ConversationReading {
  readonly form: ConversationForm;
  readonly writing: ReturnType<typeof createWriting>;
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
}

/**
 * Writes the rows as the model reads them, and tokenizes them, with the tokens of their answers as targets.
 * @param rows numbers of the rows in the dataset version, and their texts by column
 * @param onProgress called before each row: one alone can take seconds
 */
export function readConversations(
  rows: readonly { readonly row: number; readonly texts: Readonly<Record<string, string | null>> }[],
  { form, writing, tokenizer, maxLength, truncationSide }: ConversationReading,
  onProgress: () => void,
): Conversations {
  const writer = sequenceWriter();
  const unlearnable: UnlearnableRow[] = [];
  const places: number[] = [];
  const bytesOf: number[] = [];
  let truncated = 0;
  for (const [place, { row, texts }] of rows.entries()) {
    onProgress();
    try {
      const written = writeConversation(readConversation(form, texts), writing);
      const encoded = encodeConversation(tokenizer, written, { maxLength, truncationSide });
      const isTarget = Uint8Array.from(encoded.targetMask);
      // The first token has none before it that could foretell it.
      isTarget[0] = 0;
      writer.add(encoded.ids, isTarget);
      if (encoded.truncated) truncated += 1;
      places.push(place);
      bytesOf.push(encoded.targetBytes);
    } catch (error) {
      if (!(error instanceof ConversationError || error instanceof TokenizerError)) throw error;
      unlearnable.push({ row, message: error.message });
    }
  }
  const bytes = bytesOf.reduce((sum, each) => sum + each, 0);
  return { sequences: writer.all(), count: writer.count, truncated, bytes, places, bytesOf, unlearnable };
}
