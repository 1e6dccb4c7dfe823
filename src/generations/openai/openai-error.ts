import type { Response } from 'express';
import type { InputProblem, ProblemCode } from '../../problems/problem.js';

/** A refusal in the form of OpenAI's API, which its clients turn into errors by the status. */
export class OpenAiError extends Error {
  override readonly name = 'OpenAiError';

  constructor(
    readonly status: number,
    readonly body: {
      readonly message: string;
      readonly type: 'invalid_request_error' | 'authentication_error' | 'rate_limit_error' | 'server_error';
      /** The parameter at fault. */
      readonly param: string | null;
      readonly code: string | null;
    },
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
  }
}

export function invalid(param: string | null, message: string, code: string | null = null): OpenAiError {
  return new OpenAiError(400, { message, type: 'invalid_request_error', param, code });
}

export function answerOpenAiError(response: Response, { status, body, headers }: OpenAiError): void {
  response.status(status).set(headers).json({ error: body });
}

/** Clients repeat what failed with a status from 500 on, unless this is said. */
const noRetry = { 'x-should-retry': 'false' } as const;

/** How each problem of a generation is answered. Those that are not here are faults of the request, status 400. */
const answers: Partial<Readonly<Record<ProblemCode, (message: string) => OpenAiError>>> = {
  WORKER_UNAVAILABLE: (message) => serverError(503, message, 'worker_unavailable', { 'retry-after': '5' }),
  TIMEOUT: (message) => serverError(504, message, 'timeout', noRetry),
  QUOTA_EXCEEDED: (message) =>
    new OpenAiError(
      429,
      { message, type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' },
      { 'retry-after': '5' },
    ),
  ...Object.fromEntries(
    (
      ['WORKER_LOST', 'JOB_FAILED', 'OUT_OF_MEMORY', 'MISSING_ARTIFACT', 'INVALID_MODEL', 'NON_FINITE_LOGITS'] as const
    ).map((code) => [code, (message: string) => serverError(500, message, code.toLowerCase(), noRetry)] as const),
  ),
};

/** @param promptParam what the endpoint calls the prompts */
export function errorOfProblem({ path, code, message, hint }: InputProblem, promptParam: string): OpenAiError {
  const text = hint === null ? message : `${sentence(message)} ${hint}`;
  const answer = answers[code];
  if (answer !== undefined) return answer(text);
  const told = code === 'PROMPT_TOO_LONG' ? 'context_length_exceeded' : code.toLowerCase();
  const param = code === 'PROMPT_TOO_LONG' ? promptParam : paramOf(path, promptParam);
  return invalid(param, text, told);
}

/** Messages of a worker are no sentences. */
function sentence(message: string): string {
  const whole = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/u.test(whole) ? whole : `${whole}.`;
}

export function serverError(
  status: number,
  message: string,
  code: string | null,
  headers: Readonly<Record<string, string>> = {},
): OpenAiError {
  return new OpenAiError(status, { message, type: 'server_error', param: null, code }, headers);
}

const params: Readonly<Record<string, string>> = {
  modelId: 'model',
  maxTokens: 'max_tokens',
  samples: 'n',
  topLogProbabilities: 'top_logprobs',
  output: 'response_format',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
};

/** The parameter that a path into the graph's input is about. */
function paramOf(path: readonly string[], promptParam: string): string | null {
  const [first, second] = path;
  if (first === undefined) return null;
  if (first === 'prompts') return promptParam;
  const name = first === 'sampling' ? (second ?? first) : first;
  return params[name] ?? name;
}
