import { z } from 'zod';
import type { OutputConstraintInput, PromptMessageInput } from '../generation.input.js';
import {
  commonParameters,
  commonRequest,
  isEmptyList,
  noLogitBias,
  type OpenAiRequest,
  parseBody,
  type Unsupported,
} from './common-parameters.js';
import { invalid } from './openai-error.js';

const Part = z.object({ type: z.string(), text: z.string().optional() }).loose();

const Message = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(Part)]).nullish(),
    tool_calls: z.unknown().optional(),
    function_call: z.unknown().optional(),
  })
  .loose();

const ResponseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ schema: z.record(z.string(), z.unknown()).optional() }).loose(),
  }),
]);

const ChatBody = z.strictObject({
  ...commonParameters,
  messages: z.array(Message).min(1),
  max_completion_tokens: z.number().int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().nullish(),
  response_format: ResponseFormat.nullish(),
  // Refused above unless they ask for nothing.
  tools: z.unknown().optional(),
  tool_choice: z.unknown().optional(),
  parallel_tool_calls: z.unknown().optional(),
  functions: z.unknown().optional(),
  function_call: z.unknown().optional(),
  modalities: z.unknown().optional(),
  audio: z.unknown().optional(),
  prediction: z.unknown().optional(),
  reasoning_effort: z.unknown().optional(),
  verbosity: z.unknown().optional(),
  web_search_options: z.unknown().optional(),
});

const never = (): boolean => false;
const noTools = 'Models here call no tools.';

const unsupported: readonly Unsupported[] = [
  noLogitBias,
  { param: 'tools', isNeutral: isEmptyList, message: noTools },
  { param: 'tool_choice', isNeutral: (value) => value === 'none' || value === 'auto', message: noTools },
  { param: 'functions', isNeutral: isEmptyList, message: noTools },
  { param: 'function_call', isNeutral: (value) => value === 'none' || value === 'auto', message: noTools },
  {
    param: 'modalities',
    isNeutral: (value) => Array.isArray(value) && value.every((each) => each === 'text'),
    message: 'Models here write texts alone.',
  },
  { param: 'audio', isNeutral: never, message: 'Models here write texts alone.' },
  { param: 'reasoning_effort', isNeutral: never, message: 'reasoning_effort is not supported.' },
  { param: 'verbosity', isNeutral: never, message: 'verbosity is not supported.' },
  { param: 'web_search_options', isNeutral: never, message: 'Models here search nothing.' },
];

/** Reads the body of a request for a chat completion. Throws OpenAiError. */
export function readChatRequest(given: unknown): OpenAiRequest {
  const body = parseBody(ChatBody, given, unsupported);
  const { streams, includesUsage, ...common } = commonRequest(body);
  if (body.top_logprobs != null && body.logprobs !== true) {
    throw invalid('top_logprobs', 'top_logprobs needs `logprobs: true`.');
  }
  return {
    model: body.model,
    streams,
    includesUsage,
    request: {
      ...common,
      prompts: [{ messages: body.messages.map(toMessage) }],
      maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
      topLogProbabilities: body.logprobs === true ? (body.top_logprobs ?? 0) : null,
      output: body.response_format == null ? null : toOutput(body.response_format),
    },
  };
}

function toMessage(message: z.infer<typeof Message>, i: number): PromptMessageInput {
  const param = `messages.${i}`;
  if (message.tool_calls != null && !isEmptyList(message.tool_calls)) throw invalid(`${param}.tool_calls`, noTools);
  if (message.function_call != null) throw invalid(`${param}.function_call`, noTools);
  const { role, content } = message;
  if (content == null) throw invalid(`${param}.content`, 'A message needs a content.');
  return {
    role: role === 'developer' ? 'system' : role,
    content: typeof content === 'string' ? content : content.map((part, k) => textOf(part, param, k)).join(''),
  };
}

function textOf({ type, text }: z.infer<typeof Part>, param: string, i: number): string {
  if (type === 'text' && text !== undefined) return text;
  throw invalid(`${param}.content.${i}`, `Models here read texts alone: a part of type “${type}” is not supported.`);
}

function toOutput(format: z.infer<typeof ResponseFormat>): OutputConstraintInput | null {
  switch (format.type) {
    case 'text':
      return null;
    case 'json_object':
      return { jsonSchema: { type: 'object' } };
    case 'json_schema':
      return { jsonSchema: format.json_schema.schema ?? {} };
    default:
      return format satisfies never;
  }
}
