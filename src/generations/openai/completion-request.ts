import { z } from 'zod';
import {
  commonParameters,
  commonRequest,
  noLogitBias,
  type OpenAiRequest,
  parseBody,
  type Unsupported,
} from './common-parameters.js';
import { invalid } from './openai-error.js';

/** As OpenAI's API has it. */
const defaultTokens = 16;

const CompletionBody = z.strictObject({
  ...commonParameters,
  prompt: z.union([z.string(), z.array(z.string()).min(1), z.array(z.number()), z.array(z.array(z.number()))]),
  logprobs: z.number().int().nullish(),
  // Refused above unless they ask for nothing.
  echo: z.unknown().optional(),
  suffix: z.unknown().optional(),
  best_of: z.unknown().optional(),
});

const unsupported: readonly Unsupported[] = [
  noLogitBias,
  { param: 'echo', isNeutral: (value) => value === false, message: 'echo is not supported: the prompt is known.' },
  { param: 'suffix', isNeutral: (value) => value === '', message: 'Models here do not write between two texts.' },
];

/** Reads the body of a request for a completion. Throws OpenAiError. */
export function readCompletionRequest(given: unknown): OpenAiRequest {
  const body = parseBody(CompletionBody, given, unsupported);
  const { streams, includesUsage, ...common } = commonRequest(body);
  if (body.best_of != null && body.best_of !== common.samples) {
    const message = 'best_of is not supported: ask for `n` answers. The mutation generate reranks them by rewards.';
    throw invalid('best_of', message, 'unsupported_parameter');
  }
  const prompts = typeof body.prompt === 'string' ? [body.prompt] : body.prompt;
  if (!prompts.every((prompt) => typeof prompt === 'string')) {
    throw invalid('prompt', 'A prompt is a text here; token ids are not supported.');
  }
  return {
    model: body.model,
    streams,
    includesUsage,
    request: {
      ...common,
      prompts: prompts.map((text) => ({ text })),
      maxTokens: body.max_tokens ?? defaultTokens,
      topLogProbabilities: body.logprobs ?? null,
      output: null,
    },
  };
}
