import type { Role, Turn } from './conversation.js';
import { ConversationError } from './conversation-error.js';

/** Names of the keys and the speakers in a list of turns. */
interface Naming {
  readonly roleKey: string;
  readonly contentKey: string;
  readonly roles: Readonly<Record<string, Role>>;
}

const openAi: Naming = {
  roleKey: 'role',
  contentKey: 'content',
  roles: { system: 'system', user: 'user', assistant: 'assistant', tool: 'tool' },
};

/** `observation` is what LLaMA-Factory calls a tool's result. */
const shareGpt: Naming = {
  roleKey: 'from',
  contentKey: 'value',
  roles: {
    system: 'system',
    human: 'user',
    user: 'user',
    gpt: 'assistant',
    assistant: 'assistant',
    tool: 'tool',
    observation: 'tool',
  },
};

const namings = { messages: openAi, shareGpt } as const;

type Message = Readonly<Record<string, unknown>>;

/** Keys of what a turn says beside its text. Left out, the answer would lose its point. */
const callKeys = ['tool_calls', 'function_call'];

/**
 * Reads the turns of a list of objects. Keys that are not known, such as `name`, are left out.
 *
 * @param json text of the list
 * @param mayBeEmpty whether the assistant may say nothing in the last turn; else nobody may but the system and tools
 * @throws ConversationError NOT_A_LIST, UNKNOWN_ROLE, WRONG_CONTENT
 */
export function readMessageList(
  json: string,
  kind: keyof typeof namings,
  column: string,
  mayBeEmpty: 'lastTurn' | null = null,
): Turn[] {
  const { roleKey, contentKey, roles } = namings[kind];
  const messages = listOf(json, column);
  return messages.map((message, index) => {
    const place = { column, turn: index + 1 };
    if (!isObject(message)) throw new ConversationError('NOT_A_LIST', place, `is ${shown(message)}, not an object`);
    const name = message[roleKey];
    const role = typeof name === 'string' && Object.hasOwn(roles, name) ? roles[name] : undefined;
    if (role === undefined) {
      const known = Object.keys(roles).join(', ');
      throw new ConversationError('UNKNOWN_ROLE', place, `\`${roleKey}\` is ${shown(name)}, not one of ${known}`);
    }
    const call = callKeys.find((key) => message[key] != null);
    if (call !== undefined) throw new ConversationError('WRONG_CONTENT', place, `has \`${call}\`: calls are not read`);
    const content = textOf(message[contentKey], { ...place, contentKey });
    const isEmptyAnswer = mayBeEmpty === 'lastTurn' && role === 'assistant' && index === messages.length - 1;
    if (content.trim() === '' && (role === 'user' || role === 'assistant') && !isEmptyAnswer) {
      throw new ConversationError('WRONG_CONTENT', place, `\`${contentKey}\` is empty`);
    }
    return { role, content, isLearned: message.weight !== 0 };
  });
}

function listOf(json: string, column: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch (error) {
    throw new ConversationError('NOT_A_LIST', { column }, 'holds text that is no JSON', { cause: error });
  }
  if (!Array.isArray(list)) throw new ConversationError('NOT_A_LIST', { column }, `holds ${shown(list)}, not a list`);
  return list;
}

/** A text, or the texts of a list of parts, one after the other. */
function textOf(
  content: unknown,
  { contentKey, ...place }: { readonly column: string; readonly turn: number; readonly contentKey: string },
): string {
  if (typeof content === 'string') return content;
  const wrong = (what: string) => new ConversationError('WRONG_CONTENT', place, what);
  if (!Array.isArray(content)) throw wrong(`\`${contentKey}\` is ${shown(content)}, not a text`);
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part;
      if (isObject(part) && part.type === 'text' && typeof part.text === 'string') return part.text;
      const type = isObject(part) && typeof part.type === 'string' ? `of type ${shown(part.type)}` : shown(part);
      throw wrong(`\`${contentKey}\` has a part ${type}: only texts are read`);
    })
    .join('');
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
