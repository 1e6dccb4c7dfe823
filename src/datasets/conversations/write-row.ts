import {
  ConversationError,
  type createWriting,
  encodeConversation,
  readConversation,
  writeConversation,
} from '../../conversations/index.js';
import type { ConversationForm } from '../../protocol/conversation-form.js';
import { type Tokenizer, TokenizerError, type TruncationSide } from '../../tokenizer/index.js';
import type { StoredExample } from '../dataset-commands.js';
import { WrittenConversationType } from './written-conversation.type.js';

export interface RowWriting {
  readonly form: ConversationForm;
  readonly writing: ReturnType<typeof createWriting>;
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
  readonly truncationSide: TruncationSide;
}

/** A row as a model reads it, or as far as it can be read, with the fault. */
export function writeRow(
  { row, values }: Pick<StoredExample, 'row' | 'values'>,
  how: RowWriting,
): WrittenConversationType {
  const { form, writing, tokenizer, maxLength, truncationSide } = how;
  const shown: WrittenConversationType = Object.assign(new WrittenConversationType(), {
    row,
    turns: [],
    text: null,
    tokens: [],
    truncated: false,
    fault: null,
  });
  try {
    const conversation = readConversation(form, textsOf(values));
    shown.turns = conversation.turns.map(({ role, content }) => ({ role, content }));
    const written = writeConversation(conversation, writing);
    shown.text = written.text;
    const { ids, targetMask, truncated } = encodeConversation(tokenizer, written, { maxLength, truncationSide });
    shown.tokens = ids.map((id, index) => ({
      tokenId: id,
      token: tokenizer.token(id),
      isTarget: targetMask[index] === 1,
    }));
    shown.truncated = truncated;
  } catch (error) {
    if (error instanceof ConversationError) {
      const { code, column, turn, message } = error;
      shown.fault = { code, column, turn, message };
    } else if (error instanceof TokenizerError) {
      shown.fault = { code: 'WRONG_CONTENT', column: null, turn: null, message: error.message };
    } else throw error;
  }
  return shown;
}

/** Values as they stand in the version's file: JSON as its text. */
function textsOf(values: StoredExample['values']): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.entries(values).map(([column, value]) => [
      column,
      value === null || typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
