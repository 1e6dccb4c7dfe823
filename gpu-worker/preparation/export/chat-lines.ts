import type { Conversation, Turn } from '../../../src/conversations/conversation.js';
import type { RowExport } from '../../../src/protocol/preparation/row-export.js';

type ChatForm = Extract<RowExport, { readonly format: 'CHAT' }>['as'];

/** ShareGPT's names of roles. */
const speakers = { system: 'system', user: 'human', assistant: 'gpt', tool: 'tool' } as const;

/**
 * A conversation as an object of a form for fine-tuning, or why the form can not hold it, in words.
 * Alpaca holds one task and one answer; TRL's prompt and completion hold all turns before the last answer, and that.
 */
export function chatLine({ turns }: Conversation, as: ChatForm): object | string {
  switch (as) {
    case 'MESSAGES':
      return { messages: turns.map(messageOf) };
    case 'SHARE_GPT':
      return { conversations: turns.map(({ role, content }) => ({ from: speakers[role], value: content })) };
    case 'ALPACA':
      return alpacaOf(turns);
    case 'PROMPT_COMPLETION': {
      const last = turns.at(-1);
      if (last?.role !== 'assistant' || turns.length < 2) return 'it does not end with an answer to something';
      return { prompt: turns.slice(0, -1).map(messageOf), completion: [messageOf(last)] };
    }
    default:
      return as satisfies never;
  }
}

/** The weight 0 says that an answer is not learned, as in OpenAI's files. */
function messageOf({ role, content, isLearned }: Turn): object {
  return role === 'assistant' && !isLearned ? { role, content, weight: 0 } : { role, content };
}

function alpacaOf(turns: readonly Turn[]): object | string {
  const roles = turns.map(({ role }) => role).join(' ');
  if (roles === 'user assistant') return { instruction: turns[0]!.content, input: '', output: turns[1]!.content };
  if (roles === 'system user assistant') {
    // Alpaca has no system turn: it is the task, and what the user says is what the task is about.
    return { instruction: turns[0]!.content, input: turns[1]!.content, output: turns[2]!.content };
  }
  return 'it has more turns than a task and its answer';
}
