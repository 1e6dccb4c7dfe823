import type { FinishReason, GeneratedToken } from '../../protocol/generation.js';
import { readChatRequest } from './chat-request.js';
import type { OpenAiRequest } from './common-parameters.js';
import { readCompletionRequest } from './completion-request.js';
import { chatLogprobs, completionLogprobs } from './openai-logprobs.js';

/** A part of an answer, or a whole one. */
export interface AnswerPart {
  /** Place among all answers. */
  readonly index: number;
  readonly text: string;
  /** Null: log-probabilities were not asked for. */
  readonly tokens: readonly GeneratedToken[] | null;
  /** Place of the part in its prompt and answer, in characters. */
  readonly offset: number;
  readonly finishReason: OpenAiFinishReason | null;
}

type OpenAiFinishReason = 'stop' | 'length';

/** What tells the two endpoints apart. */
export interface Dialect {
  readonly path: string;
  /** What the endpoint calls the prompts. */
  readonly promptParam: string;
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  read(body: unknown): OpenAiRequest;
  /** What a stream begins each answer with; null: with its first part. */
  opening(index: number): object | null;
  choice(answer: AnswerPart): object;
  chunkChoice(part: AnswerPart): object;
}

export const chat: Dialect = {
  path: '/v1/chat/completions',
  promptParam: 'messages',
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  read: readChatRequest,
  opening: (index) => ({
    index,
    delta: { role: 'assistant', content: '', refusal: null },
    logprobs: null,
    finish_reason: null,
  }),
  choice: ({ index, text, tokens, finishReason }) => ({
    index,
    message: { role: 'assistant', content: text, refusal: null },
    logprobs: tokens === null ? null : chatLogprobs(tokens),
    finish_reason: finishReason,
  }),
  chunkChoice: ({ index, text, tokens, finishReason }) => ({
    index,
    delta: finishReason === null ? { content: text } : {},
    logprobs: tokens === null || finishReason !== null ? null : chatLogprobs(tokens),
    finish_reason: finishReason,
  }),
};

export const completion: Dialect = {
  path: '/v1/completions',
  promptParam: 'prompt',
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  read: readCompletionRequest,
  opening: () => null,
  choice: completionChoice,
  chunkChoice: completionChoice,
};

function completionChoice({ index, text, tokens, offset, finishReason }: AnswerPart): object {
  return {
    index,
    text,
    logprobs: tokens === null ? null : completionLogprobs(tokens, offset),
    finish_reason: finishReason,
  };
}

export function openAiFinishReason(reason: FinishReason): OpenAiFinishReason {
  switch (reason) {
    case 'endOfText':
    case 'stop':
    case 'constraint':
      return 'stop';
    case 'length':
      return 'length';
    default:
      return reason satisfies never;
  }
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export function usageOf(promptTokens: readonly number[], answerTokens: number): Usage {
  const prompts = promptTokens.reduce((sum, tokens) => sum + tokens, 0);
  return { prompt_tokens: prompts, completion_tokens: answerTokens, total_tokens: prompts + answerTokens };
}
