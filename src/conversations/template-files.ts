import { z } from 'zod';
import { ConversationError } from './conversation-error.js';

/** The files of a model that say how it is talked to, by name. */
export type TemplateFile = 'chat_template.jinja' | 'tokenizer_config.json' | 'special_tokens_map.json';

/** What a model's files say of its chats. */
export interface ChatSource {
  /** Null: the model has no chat template. */
  readonly template: string | null;
  /** `bos_token`, `eos_token` and the like, by name. */
  readonly specialTokens: Readonly<Record<string, string>>;
}

const NamedTemplate = z.object({ name: z.string(), template: z.string() });
const ChatTemplateKey = z.union([z.string(), z.array(NamedTemplate), z.record(z.string(), z.string())]).nullish();

const tokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;
const Token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);

/**
 * Finds a model's chat template and special tokens as transformers does: a `chat_template.jinja` comes before the key
 * `chat_template` of `tokenizer_config.json`, and of several templates that which is named `default` is taken.
 *
 * @param read the text of a file; null: the model does not have it
 * @throws ConversationError INVALID_TEMPLATE; what `read` throws
 */
export async function readChatSource(read: (name: TemplateFile) => Promise<string | null>): Promise<ChatSource> {
  const [jinja, config, map] = await Promise.all([
    read('chat_template.jinja'),
    read('tokenizer_config.json').then((text) => objectIn(text, 'tokenizer_config.json')),
    read('special_tokens_map.json').then((text) => objectIn(text, 'special_tokens_map.json')),
  ]);
  return { template: jinja ?? templateIn(config), specialTokens: { ...tokensIn(map), ...tokensIn(config) } };
}

function templateIn({ chat_template: value }: Readonly<Record<string, unknown>>): string | null {
  const { data } = ChatTemplateKey.safeParse(value);
  if (data === undefined || data === null) {
    if (value == null) return null;
    throw invalid('tokenizer_config.json, chat_template', 'is neither a text nor a list of named texts');
  }
  if (typeof data === 'string') return data;
  const named = Array.isArray(data) ? data.find(({ name }) => name === 'default')?.template : data.default;
  return named ?? null;
}

function tokensIn(content: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tokenNames.flatMap((name) => {
      const token = Token.safeParse(content[name]);
      return token.success ? [[name, token.data] as const] : [];
    }),
  );
}

function objectIn(text: string | null, name: string): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw invalid(name, 'is not a JSON object', error);
  }
}

function invalid(place: string, what: string, cause?: unknown): ConversationError {
  return new ConversationError('INVALID_TEMPLATE', {}, `${place}: ${what}`, { cause });
}
