import { seeded } from '../../personal-data/draw.js';
import type { PlantedVersion } from './planted-version.js';
import { readSentences } from './real-texts.js';

type Turn = Readonly<Record<string, unknown>>;
type Faulty = (turns: readonly Turn[], say: () => string) => unknown;

const withContent = (turns: readonly Turn[], at: number, content: unknown): Turn[] =>
  turns.map((turn, i) => (i === at ? { ...turn, content } : turn));

/** What is done to a conversation of user, assistant, user, assistant. */
const faults = {
  UNREADABLE_CONVERSATIONS: [
    (turns) => ({ messages: turns }),
    (turns) => turns.map(({ content }) => content),
    (turns) => turns.map(({ content }) => content).join('\n'),
    (turns) => [...turns, null],
  ],
  UNKNOWN_ROLES: [
    (turns) => turns.map((turn, i) => (i % 2 === 0 ? { ...turn, role: 'customer' } : turn)),
    (turns) => turns.map((turn, i) => (i === 1 ? { ...turn, role: 'agent' } : turn)),
    (turns) => turns.map(({ content }) => ({ content })),
  ],
  EMPTY_TURNS: [
    (turns) => withContent(turns, 1, ''),
    (turns) => withContent(turns, 3, '\n'),
    (turns) => withContent(turns, 0, '\u00a0\t'),
    (turns) => withContent(turns, 2, null),
  ],
  CONVERSATION_BEGINS_WITH_ASSISTANT: [
    (turns) => turns.slice(1),
    (turns, say) => [{ role: 'system', content: say() }, ...turns.slice(1)],
    (turns) => turns.slice(3),
  ],
  CONVERSATION_ENDS_WITH_USER: [
    (turns) => turns.slice(0, 3),
    (turns, say) => [...turns, { role: 'user', content: say() }],
    (turns) => turns.slice(0, 1),
  ],
  TURNS_DO_NOT_ALTERNATE: [
    (turns, say) => [turns[0]!, { role: 'user', content: say() }, ...turns.slice(1)],
    (turns, say) => [...turns, { role: 'assistant', content: say() }],
    (turns, say) => [...turns.slice(0, 2), { role: 'system', content: say() }, ...turns.slice(2)],
    (turns) => [turns[0]!, turns[2]!, turns[1]!, turns[3]!],
  ],
} satisfies Readonly<Record<string, readonly Faulty[]>>;

/** Forms in which a conversation is as it should be. */
const sound: readonly Faulty[] = [
  (turns) => turns,
  (turns, say) => [{ role: 'system', content: say() }, ...turns],
  (turns, say) => [{ role: 'developer', content: say() }, ...turns],
  (turns) => turns.map(({ role, content }) => ({ from: role === 'user' ? 'human' : 'gpt', value: content })),
  (turns, say) => [
    ...turns.slice(0, 3),
    { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'look_up' } }] },
    { role: 'tool', content: say() },
    turns[3]!,
  ],
  (turns) => withContent(turns, 0, [{ type: 'text', text: turns[0]!.content }]),
];

/** Conversations of sentences; each has one fault, or none. */
export function plantInConversations(seed: number): PlantedVersion {
  const random = seeded(seed);
  const sentences = readSentences(random);
  const say = () => [sentences.pop()!, sentences.pop()!].join(' ');
  const talk = () => ['user', 'assistant', 'user', 'assistant'].map((role) => ({ role, content: say() }));
  const chats: unknown[] = Array.from({ length: 120 }, (_, i) => sound[i % sound.length]!(talk(), say));
  const planted: Partial<Record<keyof typeof faults, number[]>> = {};
  const ofEach = 8;
  const kindsOf = Object.entries(faults) as [keyof typeof faults, readonly Faulty[]][];
  for (const [fault, [code, kinds]] of kindsOf.entries()) {
    const rows = Array.from({ length: ofEach }, (_, i) => 3 + 2 * (fault * ofEach + i));
    for (const [i, row] of rows.entries()) chats[row] = kinds[i % kinds.length]!(talk(), say);
    planted[code] = rows;
  }
  return {
    name: `conversations, seed ${seed}`,
    types: { chat: 'VARCHAR' },
    // So many of them are broken that it is taken for a text.
    said: [{ column: 'chat', role: 'MESSAGES' }],
    rows: chats.map((chat) => ({ chat: typeof chat === 'string' ? chat : JSON.stringify(chat) })),
    planted,
    // What is left of some is short, or no conversation.
    alsoTrue: {
      LENGTH_OUTLIERS: Object.values(planted).flat(),
      EMBEDDING_OUTLIERS: Object.values(planted).flat(),
    },
  };
}

/** Preference pairs of sentences; in some, both answers are the same. */
export function plantInPreferences(seed: number): PlantedVersion {
  const random = seeded(seed);
  const sentences = readSentences(random);
  const next = () => sentences.pop()!;
  const rows = Array.from({ length: 100 }, () => ({ prompt: next(), chosen: next(), rejected: next() }));
  const planted = Array.from({ length: 8 }, (_, i) => 5 + 9 * i);
  const around = ['', ' ', '\n', '\r\n', '\t\u00a0'];
  for (const [i, row] of planted.entries()) rows[row]!.rejected = `${rows[row]!.chosen}${around[i % around.length]}`;
  // A full stop more is another answer.
  for (const row of [1, 2, 3]) rows[row]!.rejected = `${rows[row]!.chosen}.`;
  return {
    name: `preferences, seed ${seed}`,
    types: { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' },
    rows,
    planted: { CHOSEN_EQUALS_REJECTED: planted },
  };
}
