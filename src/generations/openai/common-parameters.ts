import { z } from 'zod';
import type { GenerationRequest } from '../check-generation.js';
import { invalid } from './openai-error.js';

/** Parameters of both endpoints, by OpenAI's names, and those that other servers of this API have added. */
export const commonParameters = {
  model: z.string().min(1),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().int().nullish(),
  min_p: z.number().nullish(),
  repetition_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  seed: z.number().int().nullish(),
  n: z.number().int().nullish(),
  max_tokens: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).loose().nullish(),
  // What says nothing about the answer.
  user: z.unknown().optional(),
  metadata: z.unknown().optional(),
  store: z.unknown().optional(),
  safety_identifier: z.unknown().optional(),
  prompt_cache_key: z.unknown().optional(),
  prompt_cache_retention: z.unknown().optional(),
  service_tier: z.unknown().optional(),
  // What would change the answer, and is not there: refused unless it says what holds anyway.
  logit_bias: z.unknown().optional(),
} as const;

type Common = z.infer<z.ZodObject<typeof commonParameters>>;

/** An optional parameter that is not there, and the values that ask for nothing. */
export interface Unsupported {
  readonly param: string;
  readonly isNeutral: (value: unknown) => boolean;
  readonly message: string;
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

export const noLogitBias: Unsupported = {
  param: 'logit_bias',
  isNeutral: isEmptyObject,
  message: 'logit_bias is not supported.',
};

/** Parses a body. Throws OpenAiError of the first parameter that is unknown, of a wrong type or not supported. */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown, unsupported: readonly Unsupported[]): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid(null, 'The body is one JSON object, and `content-type: application/json` says so.');
  }
  for (const { param, isNeutral, message } of unsupported) {
    const value = (body as Readonly<Record<string, unknown>>)[param];
    if (value != null && !isNeutral(value)) throw invalid(param, message, 'unsupported_parameter');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    throw invalid(key, `This server does not know the parameter ${key}.`, 'unknown_parameter');
  }
  const param = issue.path.join('.');
  throw invalid(param === '' ? null : param, `${param}: ${issue.message}.`, 'invalid_type');
}

/** What both endpoints say of a generation, beside its prompts and what it tells of tokens. */
export function commonRequest(
  body: Common,
): Pick<GenerationRequest, 'sampling' | 'samples' | 'stop' | 'weights'> & Streamed {
  if (body.stream !== true && body.stream_options != null) {
    throw invalid('stream_options', 'stream_options is for answers that are streamed.');
  }
  return {
    sampling: {
      temperature: body.temperature ?? 1,
      topK: body.top_k ?? null,
      topP: body.top_p ?? 1,
      minP: body.min_p ?? 0,
      repetitionPenalty: body.repetition_penalty ?? 1,
      presencePenalty: body.presence_penalty ?? 0,
      frequencyPenalty: body.frequency_penalty ?? 0,
      // A seed has 32 bits here; of a longer one those count.
      seed: body.seed == null ? null : Number(BigInt.asUintN(32, BigInt(body.seed))),
    },
    samples: body.n ?? 1,
    stop: body.stop == null ? [] : typeof body.stop === 'string' ? [body.stop] : body.stop,
    weights: 'float32',
    streams: body.stream === true,
    includesUsage: body.stream_options?.include_usage === true,
  };
}

interface Streamed {
  readonly streams: boolean;
  readonly includesUsage: boolean;
}

/** A request as its endpoint reads it. */
export interface OpenAiRequest extends Streamed {
  readonly model: string;
  readonly request: GenerationRequest;
}
