import { type ChatTemplate, ConversationError } from '../../src/conversations/index.js';
import type { GenerateJob } from '../../src/protocol/generation.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import { tokensOf } from '../data/tokenize.js';
import { tokenizeDocument } from '../data/tokenize-document.js';
import { ProblemError } from '../problem-error.js';

type Prompt = GenerateJob['prompts'][number];

/** What a model reads prompts by. */
export interface PromptReader {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | null;
  /** The token that texts begin with; null: none. */
  readonly begin: number | null;
  /** Tokens that the model reads at most, those of its answer included. */
  readonly contextLength: number;
}

/**
 * The tokens of prompts. A text is read as the tokenizer reads it, with the special tokens that it puts before one; a
 * token that begins texts and that no text can spell comes first, as in training. Messages are written by the chat
 * template, which has all special tokens.
 *
 * @param onProgress called often
 * @throws ProblemError EMPTY_PROMPT, PROMPT_TOO_LONG, NO_CHAT_TEMPLATE, INVALID_VALUE (messages that the template does
 * not take, a text that the tokenizer has no tokens for)
 */
export function readPrompts(reader: PromptReader, prompts: readonly Prompt[], onProgress: () => void): number[][] {
  return prompts.map((prompt, index) => {
    const path = ['prompts', String(index)];
    onProgress();
    const ids = [...tokensOfPrompt(reader, prompt, path, onProgress)];
    if (ids.length === 0) {
      throw new ProblemError({
        path,
        code: 'EMPTY_PROMPT',
        message: 'the prompt has no tokens, and the model has none that begins a text',
        hint: 'Give the prompt at least a word.',
      });
    }
    checkLength(ids.length, reader.contextLength, path);
    return ids;
  });
}

function tokensOfPrompt(
  reader: PromptReader,
  prompt: Prompt,
  path: string[],
  onProgress: () => void,
): readonly number[] {
  const { tokenizer } = reader;
  switch (prompt.kind) {
    case 'text': {
      const before = begins(reader, prompt.text === '');
      return [...before, ...tokenizeDocument(tokenizer, prompt.text, onProgress)];
    }
    case 'messages':
      return tokenizeDocument(tokenizer, written(reader.template, prompt.messages, path), onProgress);
    default:
      return prompt satisfies never;
  }
}

/** The tokens before a text: the tokenizer's own, or the one that begins texts where nothing else does. */
function begins({ tokenizer, begin }: PromptReader, isEmpty: boolean): readonly number[] {
  const { ids, sequence } = tokensOf(() => tokenizer.encode('a', null, { maxLength: 64, truncationSide: 'right' }));
  const own = ids.slice(0, Math.max(0, sequence.indexOf(0)));
  if (own.length > 0 || begin === null) return own;
  const canBeSpelt = tokenizer.specialTokens.some(({ id }) => id === begin);
  return isEmpty || !canBeSpelt ? [begin] : [];
}

function written(
  template: ChatTemplate | null,
  messages: (Prompt & { kind: 'messages' })['messages'],
  path: string[],
): string {
  if (template === null) {
    throw new ProblemError({
      path,
      code: 'NO_CHAT_TEMPLATE',
      message: 'the model has no chat template, by which messages are written',
      hint: 'Give the prompt as a text, or choose a model that was trained on conversations.',
    });
  }
  try {
    return template.render(messages as Parameters<ChatTemplate['render']>[0], true).text;
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    const { message } = error;
    throw new ProblemError({ path, code: 'INVALID_VALUE', message, hint: null }, { cause: error });
  }
}

function checkLength(tokens: number, contextLength: number, path: string[]): void {
  if (tokens < contextLength) return;
  const [count, most] = [tokens, contextLength].map((number) => number.toLocaleString('en'));
  throw new ProblemError({
    path,
    code: 'PROMPT_TOO_LONG',
    message: `the prompt has ${count} tokens, and the model reads ${most} with its answer`,
    hint: `Shorten it to ${(contextLength - 1).toLocaleString('en')} tokens or fewer: what is left is for the answer.`,
  });
}
