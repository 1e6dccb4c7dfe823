import { promptTurns } from '../../../src/conversations/index.js';
import type { Prompt } from '../../../src/protocol/generation.js';

/**
 * A cell as a prompt: turns, in any form that preferences may have, without the answers at their end; a text as what
 * the user says where the model has a chat template, else as it is. Null for turns to a model without a template, which
 * could not read them, and for those that can not be read.
 *
 * @param system what the model is told before; it counts only where a template writes it
 */
export function promptOf(cell: string, system: string | null, hasTemplate: boolean): Prompt | null {
  const messages = promptTurns(cell);
  if (messages !== null) return hasTemplate && messages.length > 0 ? { kind: 'messages', messages } : null;
  if (!hasTemplate) return { kind: 'text', text: cell };
  const before = system === null || system === '' ? [] : [{ role: 'system', content: system }];
  return { kind: 'messages', messages: [...before, { role: 'user', content: cell }] };
}
