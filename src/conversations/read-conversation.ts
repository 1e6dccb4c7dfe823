import type { ConversationForm } from '../protocol/conversation-form.js';
import type { Conversation, Role, Turn } from './conversation.js';
import { ConversationError } from './conversation-error.js';
import { readMessageList } from './message-list.js';

/**
 * The most characters of a conversation, some 250,000 tokens of English. A chat template is carried out for all of it,
 * however few tokens are kept.
 */
export const maxConversationCharacters = 2 ** 20;

/** A row's values as texts, by column; a value of JSON is its text. Null, or no key: a missing value. */
export type RowTexts = Readonly<Record<string, string | null>>;

/**
 * Reads a row as a conversation. Turns after the last answer stay, since a loss of every token learns them.
 *
 * @throws ConversationError MISSING_VALUE, NOT_A_LIST, UNKNOWN_ROLE, WRONG_CONTENT, NO_ANSWER, WRONG_ORDER, TOO_LONG
 */
export function readConversation(form: ConversationForm, row: RowTexts): Conversation {
  const conversation = readForm(form, row);
  const characters = conversation.turns.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > maxConversationCharacters) {
    const what = `the conversation has ${characters} characters; the limit is ${maxConversationCharacters}`;
    throw new ConversationError('TOO_LONG', {}, what);
  }
  return conversation;
}

function readForm(form: ConversationForm, row: RowTexts): Conversation {
  switch (form.kind) {
    case 'promptCompletion': {
      const prompt = required(row, form.promptColumn);
      const completion = required(row, form.completionColumn);
      const system = optional(row, form.systemColumn);
      return {
        turns: [
          ...(system === '' ? [] : [turn('system', system)]),
          turn('user', prompt),
          turn('assistant', completion),
        ],
        plain: { prompt: system === '' ? prompt : `${system}\n\n${prompt}`, completion },
      };
    }
    case 'alpaca': {
      const instruction = required(row, form.instructionColumn);
      const input = optional(row, form.inputColumn);
      const completion = required(row, form.outputColumn);
      const question = input === '' ? instruction : `${instruction}\n\n${input}`;
      return {
        turns: [turn('user', question), turn('assistant', completion)],
        plain: { prompt: alpacaPrompt(instruction, input), completion },
      };
    }
    case 'messages':
    case 'shareGpt': {
      const turns = readMessageList(required(row, form.column), form.kind, form.column);
      checkTurns(turns, form.column);
      return { turns, plain: null };
    }
    default:
      return form satisfies never;
  }
}

function turn(role: Role, content: string): Turn {
  return { role, content, isLearned: true };
}

function required(row: RowTexts, column: string): string {
  const text = row[column] ?? '';
  if (text.trim() === '') throw new ConversationError('MISSING_VALUE', { column }, 'is empty');
  return text;
}

function optional(row: RowTexts, column: string | null): string {
  const text = column === null ? '' : (row[column] ?? '');
  return text.trim() === '' ? '' : text;
}

function checkTurns(turns: readonly Turn[], column: string): void {
  const system = turns.findLastIndex(({ role }) => role === 'system');
  if (system > 0) {
    const what = 'is a system turn; only the first turn may be one';
    throw new ConversationError('WRONG_ORDER', { column, turn: system + 1 }, what);
  }
  if (turns.length === 0) throw new ConversationError('MISSING_VALUE', { column }, 'holds no turn');
  if (turns.every(({ role }) => role !== 'assistant')) {
    throw new ConversationError('NO_ANSWER', { column }, 'holds no turn of the assistant');
  }
}

/**
 * The prompt of Stanford Alpaca (Taori et al. 2023), word for word as in its `prompt_input` and `prompt_no_input`. It
 * is for models without a chat template: it tells them what a template's turns tell others. Within a turn of a template
 * it would say the same twice, in words that no one who asks the model later would use.
 */
function alpacaPrompt(instruction: string, input: string): string {
  const task = 'Below is an instruction that describes a task';
  return input === ''
    ? `${task}. Write a response that appropriately completes the request.\n\n### Instruction:\n${instruction}\n\n### Response:`
    : `${task}, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:`;
}
