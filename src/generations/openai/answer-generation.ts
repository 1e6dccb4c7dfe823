import type { Response } from 'express';
import { ProblemsError } from '../../problems/problem.js';
import type { LoggedGenerationEvent } from '../../protocol/generation.js';
import { saidIn } from '../answers.js';
import type { StoredGenerationEvent } from '../generation.reads.js';
import { toInputProblem } from '../generation-problems.js';
import type { OpenAiRequest } from './common-parameters.js';
import { type AnswerPart, type Dialect, openAiFinishReason, type Usage, usageOf } from './dialects.js';
import { createEventStream } from './event-stream.js';
import { errorOfProblem, OpenAiError, serverError } from './openai-error.js';
import { OtherTextError, UnsentParts } from './unsent-parts.js';

/** A generation that was queued for a request. */
export interface Answering {
  readonly dialect: Dialect;
  readonly asked: OpenAiRequest;
  readonly events: AsyncIterable<StoredGenerationEvent>;
  /** The fields of every answer and chunk of it. */
  readonly head: { readonly id: string; readonly created: number; readonly model: string };
}

/** Answers when the generation has ended. Throws ProblemsError of its problem. False: its events broke off. */
export async function answerWhole(response: Response, answering: Answering): Promise<boolean> {
  const { dialect, asked, events, head } = answering;
  const log: LoggedGenerationEvent[] = [];
  for await (const { event } of events) log.push(event);
  const end = log.at(-1);
  if (end?.kind !== 'ended') return false;
  refuseUnlessSucceeded(end);
  const { samples, prompts, topLogProbabilities } = asked.request;
  const { answers, promptTokens } = saidIn(log, prompts.length, samples);
  const choices = answers.map(({ prompt, sample, text, tokens, reason }) =>
    dialect.choice({
      index: prompt * samples + sample,
      text,
      tokens: topLogProbabilities === null ? null : tokens,
      offset: promptLength(asked, prompt),
      finishReason: reason === null ? null : openAiFinishReason(reason),
    }),
  );
  const usage = usageOf(
    promptTokens ?? [],
    answers.reduce((sum, { tokens }) => sum + tokens.length, 0),
  );
  response.json({ ...head, object: dialect.object, choices, usage });
  return true;
}

/** As `answerWhole`, with each part as it comes. What fails before the first part has a status of its own. */
export async function answerInParts(response: Response, answering: Answering): Promise<boolean> {
  const { dialect, asked, events, head } = answering;
  const stream = createEventStream(response);
  const { samples, prompts, topLogProbabilities } = asked.request;
  const unsent = new UnsentParts();
  const usage = { promptTokens: [] as readonly number[], answerTokens: 0 };
  let hasOpened = false;

  const send = (choices: readonly object[], counted: Usage | null = null): void =>
    stream.send({
      ...head,
      object: dialect.chunkObject,
      choices,
      ...(asked.includesUsage ? { usage: counted } : {}),
    });
  const sendPart = (part: AnswerPart): void => send([dialect.chunkChoice(part)]);

  try {
    for await (const { event } of events) {
      switch (event.kind) {
        case 'started': {
          unsent.begin();
          usage.promptTokens = event.promptTokens;
          usage.answerTokens = 0;
          const openings = hasOpened
            ? []
            : Array.from({ length: prompts.length * samples }, (_, index) => dialect.opening(index));
          hasOpened = true;
          stream.begin();
          for (const opening of openings) if (opening !== null) send([opening]);
          break;
        }
        case 'tokens': {
          const part = unsent.next(event);
          if (part === null || (part.text === '' && topLogProbabilities === null)) break;
          sendPart({
            index: event.prompt * samples + event.sample,
            text: part.text,
            tokens: topLogProbabilities === null ? null : part.tokens,
            offset: promptLength(asked, event.prompt) + part.offset,
            finishReason: null,
          });
          break;
        }
        case 'answered':
          usage.answerTokens += event.tokenCount;
          sendPart({
            index: event.prompt * samples + event.sample,
            text: '',
            tokens: null,
            offset: 0,
            finishReason: openAiFinishReason(event.reason),
          });
          break;
        // Requests here ask for no order.
        case 'ranked':
          break;
        case 'ended':
          refuseUnlessSucceeded(event);
          if (asked.includesUsage) send([], usageOf(usage.promptTokens, usage.answerTokens));
          stream.done();
          return true;
        default:
          event satisfies never;
      }
    }
    return false;
  } catch (error) {
    if (!stream.begun) throw error;
    stream.fail(errorInStream(error, dialect).body);
    return true;
  }
}

function errorInStream(error: unknown, { promptParam }: Dialect): OpenAiError {
  if (error instanceof OpenAiError) return error;
  if (error instanceof ProblemsError) return errorOfProblem(error.problems[0]!, promptParam);
  if (error instanceof OtherTextError) {
    return serverError(500, 'The worker was lost, and the next one writes another text: ask again.', 'worker_lost');
  }
  throw error;
}

/** Throws ProblemsError. */
function refuseUnlessSucceeded({ status, problem }: Extract<LoggedGenerationEvent, { readonly kind: 'ended' }>): void {
  if (problem !== null) throw new ProblemsError([toInputProblem(problem)]);
  if (status !== 'SUCCEEDED') throw new ProblemsError([canceled]);
}

const canceled = {
  path: [],
  code: 'JOB_FAILED' as const,
  message: 'Somebody canceled the generation.',
  hint: null,
};

/** Characters of a prompt before its answer, which log-probabilities of completions count. */
function promptLength({ request }: OpenAiRequest, prompt: number): number {
  return request.prompts[prompt]?.text?.length ?? 0;
}
