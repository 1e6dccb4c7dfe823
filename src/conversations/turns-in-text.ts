import type { Turn } from './conversation.js';
import { ConversationError } from './conversation-error.js';
import { readMessageList } from './message-list.js';

/**
 * The turns that a text is, as OpenAI's files or ShareGPT's name who speaks; null: it is a text.
 *
 * @param mayBeEmpty whether the assistant may say nothing in the last turn
 * @throws ConversationError MISSING_VALUE, NOT_A_LIST, UNKNOWN_ROLE, WRONG_CONTENT
 */
export function turnsIn(text: string, column: string, mayBeEmpty: 'lastTurn' | null = null): Turn[] | null {
  const list = listIn(text);
  if (list === null) return null;
  const turns = readMessageList(JSON.stringify(list), isFrom(list[0]) ? 'shareGpt' : 'messages', column, mayBeEmpty);
  if (turns.length === 0) throw new ConversationError('MISSING_VALUE', { column }, 'holds no turn');
  return turns;
}

/**
 * The turns of a prompt, without answers at their end, since that is what is asked for; none where that leaves nothing,
 * and where they can not be read. Null: it is a text.
 */
export function promptTurns(text: string): Pick<Turn, 'role' | 'content'>[] | null {
  try {
    const turns = turnsIn(text, 'prompt');
    if (turns === null) return null;
    const end = turns.findLastIndex(({ role }) => role !== 'assistant') + 1;
    return turns.slice(0, end).map(({ role, content }) => ({ role, content }));
  } catch (error) {
    if (error instanceof ConversationError) return [];
    throw error;
  }
}

/**
 * The list of turns that a value is: a list of objects that name who speaks, or an object with such a list under
 * `messages`; null: it is a text, which may begin with a bracket too. An empty list is a text, `[]`, as models that
 * answer in JSON write it.
 */
export function listIn(text: string): readonly unknown[] | null {
  if (!/^\s*[[{]/.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const list = Array.isArray(value) ? value : (value as { readonly messages?: unknown }).messages;
  if (!Array.isArray(list)) return null;
  const speaks = (item: unknown) => typeof item === 'object' && item !== null && ('role' in item || isFrom(item));
  if (list.length === 0) return Array.isArray(value) ? null : [];
  return speaks(list[0]) ? (list as readonly unknown[]) : null;
}

function isFrom(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'from' in item && !('role' in item);
}
