import { z } from 'zod';
import { RankedAnswer, Rerank } from './rewards/rerank.js';
import { Problem } from './run-event.js';
import { Sha256 } from './sha256.js';

/** One message of a conversation that a model goes on with. */
const PromptMessage = z.object({ role: z.string(), content: z.string() });

/** What a model goes on from. */
export const Prompt = z.discriminatedUnion('kind', [
  /** Read as the tokenizer reads a text, the special tokens that it puts before one included. */
  z.object({ kind: z.literal('text'), text: z.string() }),
  /** Written by the model's chat template, with the beginning of an answer. */
  z.object({ kind: z.literal('messages'), messages: z.array(PromptMessage).min(1) }),
]);
export type Prompt = z.infer<typeof Prompt>;

/** What every answer has to be. */
export const OutputConstraint = z.discriminatedUnion('kind', [
  /** A JSON value that the JSON Schema allows; `{}` allows any. */
  z.object({ kind: z.literal('jsonSchema'), schema: z.unknown() }),
  /** One of these texts. */
  z.object({ kind: z.literal('choices'), choices: z.array(z.string().min(1)).min(1) }),
]);
export type OutputConstraint = z.infer<typeof OutputConstraint>;

/** How the next token is chosen. Penalties come first, then temperature, top-k, top-p and min-p, in this order. */
const SamplingSettings = z.object({
  /** 0: always the likeliest token. */
  temperature: z.number().min(0),
  /** Null: all tokens. */
  topK: z.number().int().min(1).nullable(),
  /** 1: all tokens. */
  topP: z.number().gt(0).max(1),
  /** Tokens less probable than this part of the likeliest one's probability are left out; 0: none are. */
  minP: z.number().min(0).max(1),
  /** Of tokens in prompt and answer: logits above 0 are divided by it, others multiplied (Keskar et al. 2019). */
  repetitionPenalty: z.number().gt(0),
  /** Subtracted from the logits of tokens that stand in the answer. */
  presencePenalty: z.number(),
  /** Subtracted for each time that a token stands in the answer. */
  frequencyPenalty: z.number(),
  seed: z.number().int().min(0).max(0xffffffff),
});

export const GenerationSettings = z.object({
  sampling: SamplingSettings,
  /** Tokens of an answer at most. Null: as many as fit after the prompt. */
  maxTokens: z.number().int().min(1).nullable(),
  /** An answer ends before the first of these; it does not contain it. */
  stop: z.array(z.string().min(1)),
  /** Answers to each prompt. */
  samples: z.number().int().min(1),
  /** How many of the likeliest tokens are told with each token's log-probability; null: no log-probabilities. */
  topLogProbabilities: z.number().int().min(0).max(20).nullable(),
  constraint: OutputConstraint.nullable(),
  /** What the weights are held as while they are used. */
  weights: z.enum(['float32', 'int8']),
  /** Absent: answers stay in the order of their samples. */
  rerank: Rerank.optional(),
});
export type GenerationSettings = z.infer<typeof GenerationSettings>;

/** A job of the short lane. */
export const GenerateJob = z.object({
  kind: z.literal('generate'),
  generationId: z.uuid(),
  modelDigest: Sha256,
  prompts: z.array(Prompt).min(1),
  settings: GenerationSettings,
});
export type GenerateJob = z.infer<typeof GenerateJob>;

const TokenLogProbability = z.object({
  id: z.number().int(),
  text: z.string(),
  /** Natural logarithm of the model's own probability (temperature 1, nothing penalized or masked). */
  logProbability: z.number(),
});

export const GeneratedToken = z.object({
  id: z.number().int(),
  /** What the token stands for by itself; a part of a character is U+FFFD. */
  text: z.string(),
  /** Null where they were not asked for. */
  logProbability: z.number().nullable(),
  /** The likeliest tokens, likeliest first; empty where they were not asked for. */
  top: z.array(TokenLogProbability),
});
export type GeneratedToken = z.infer<typeof GeneratedToken>;

/** `endOfText`: by the model. `stop`: by a stop string. `length`: maxTokens or the context. `constraint`: complete. */
export const FinishReason = z.enum(['endOfText', 'stop', 'length', 'constraint']);
export type FinishReason = z.infer<typeof FinishReason>;

/**
 * What a generation says while it goes on. Each has a number in its log, `seq`, from 1 without gaps. Answers are told
 * apart by `prompt` and `sample`, counted from 0.
 */
export const GenerationEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), promptTokens: z.array(z.number().int()) }),
  z.object({
    kind: z.literal('tokens'),
    prompt: z.number().int(),
    sample: z.number().int(),
    /** Place of the first of these tokens in the answer, from 0. */
    position: z.number().int(),
    tokens: z.array(GeneratedToken),
    /** What the answer's text grows by. It is held back while it may be part of a stop string or of a character. */
    text: z.string(),
  }),
  z.object({
    kind: z.literal('answered'),
    prompt: z.number().int(),
    sample: z.number().int(),
    reason: FinishReason,
    /** Tokens of the answer. */
    tokenCount: z.number().int(),
    /** The stop string that ended it. */
    stop: z.string().nullable(),
  }),
  /** After all answers: those to a prompt, the best first. */
  z.object({ kind: z.literal('ranked'), prompt: z.number().int(), answers: z.array(RankedAnswer) }),
]);
export type GenerationEvent = z.infer<typeof GenerationEvent>;

/** How long a generation took, in milliseconds, on the worker. */
export const GenerationTimes = z.object({
  /** From the start of the job to the first token of an answer; the model's loading is in it when it was not ready. */
  firstTokenMs: z.number().nullable(),
  /** Of that, loading the model. 0: it was ready. */
  loadMs: z.number(),
  /** Tokens of all answers. */
  tokenCount: z.number().int(),
  /** From the first token of an answer to the end. */
  generatingMs: z.number(),
});
export type GenerationTimes = z.infer<typeof GenerationTimes>;
export const GenerateResult = z.object({ kind: z.literal('generate'), times: GenerationTimes });

/** The end of a generation's log; whoever settles the generation appends it. */
const GenerationEnded = z.object({
  kind: z.literal('ended'),
  status: z.enum(['SUCCEEDED', 'FAILED', 'CANCELED']),
  problem: Problem.nullable(),
});

/**
 * An event as the log keeps it. A second `started` begins anew: the worker was lost, or shut down, and the next one
 * starts from the beginning. Of what came before, nothing counts then.
 */
export const LoggedGenerationEvent = z.discriminatedUnion('kind', [...GenerationEvent.options, GenerationEnded]);
export type LoggedGenerationEvent = z.infer<typeof LoggedGenerationEvent>;
