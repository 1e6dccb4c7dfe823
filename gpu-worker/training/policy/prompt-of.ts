import { z } from 'zod';
import type { Prompt } from '../../../src/protocol/generation.js';

const Turns = z.array(z.object({ role: z.string(), content: z.string() })).min(1);

/**
 * A cell as a prompt: a list of chat turns as it is, without an answer at its end, since that is what the model is to
 * write; a text as what the user says where the model has a chat template, else as it is. Null for a list of turns to a
 * model without a template, which could not read it.
 *
 * @param system what the model is told before; it counts only where a template writes it
 */
export function promptOf(cell: string, system: string | null, hasTemplate: boolean): Prompt | null {
  const turns = turnsIn(cell);
  if (turns !== null) {
    const asked = turns.at(-1)!.role === 'assistant' ? turns.slice(0, -1) : turns;
    return hasTemplate && asked.length > 0 ? { kind: 'messages', messages: asked } : null;
  }
  if (!hasTemplate) return { kind: 'text', text: cell };
  const before = system === null || system === '' ? [] : [{ role: 'system', content: system }];
  return { kind: 'messages', messages: [...before, { role: 'user', content: cell }] };
}

/** Null where the cell is no list of turns. */
function turnsIn(cell: string): z.infer<typeof Turns> | null {
  if (!cell.trimStart().startsWith('[')) return null;
  try {
    const turns = Turns.safeParse(JSON.parse(cell));
    return turns.success ? turns.data : null;
  } catch {
    return null;
  }
}
