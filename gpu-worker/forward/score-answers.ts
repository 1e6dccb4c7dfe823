import {
  type AnswerReading,
  ConversationError,
  type EncodedExchange,
  encodeExchange,
  exchangeOfText,
  readExchange,
} from '../../src/conversations/index.js';
import type { Prompt } from '../../src/protocol/generation.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import { TokenizerError } from '../../src/tokenizer/index.js';
import { textWriter } from '../data/text-writer.js';
import type { TokenizedTexts } from '../data/tokenize.js';
import { headOf } from '../heads/index.js';
import { ProblemError } from '../problem-error.js';
import { tokenSource } from './example-source.js';
import type { ReadyModel } from './ready-model.js';
import { runHeads } from './run-heads.js';

/** An answer, and what it answers: a text, a list of turns as JSON, or a prompt of a generation. Null: nothing. */
export interface Answer {
  readonly prompt: string | Prompt | null;
  readonly completion: string;
}

/** What a reward model makes of N answers. */
export interface ScoredAnswers {
  /** [N] as the head gives them; NaN where the model reads no token of the answer. */
  readonly outputs: Float32Array;
  /** [N] tokens that the model saw, special tokens included; 0 where it reads none of the answer. */
  readonly lengths: Int32Array;
  /** [N] 1 where tokens were cut off. */
  readonly truncated: Uint8Array;
}

/**
 * A reward model's outputs for answers. An output does not depend on the other answers. An empty answer is scored as
 * any other, by its prompt and what ends it: a model reads no token of it where no token ends answers. Neither does it
 * of an answer that lies beyond the tokens that it reads.
 *
 * @throws ProblemError INVALID_VALUE of an answer that can not be read, such as turns of a model without a template
 */
export async function scoreAnswers(
  model: ReadyModel,
  answers: readonly Answer[],
  onProgress: () => void,
): Promise<ScoredAnswers> {
  const reading = model.answers;
  if (reading === null) throw new RangeError('the model is no reward model');
  const writer = textWriter();
  const outputs = new Float32Array(answers.length).fill(Number.NaN);
  const lengths = new Int32Array(answers.length);
  const truncated = new Uint8Array(answers.length);
  const places: number[] = [];
  for (const [index, answer] of answers.entries()) {
    onProgress();
    const tokens = encoded(answer, reading, index);
    if (tokens === null) continue;
    places.push(index);
    lengths[index] = tokens.ids.length;
    truncated[index] = Number(tokens.truncated);
    writer.add(tokens);
  }
  if (places.length > 0) {
    const scored = await scoreTexts(model, writer.all().texts, onProgress);
    for (const [i, place] of places.entries()) outputs[place] = scored[i]!;
  }
  return { outputs, lengths, truncated };
}

/** Null: no token of the answer is left to read. */
function encoded({ prompt, completion }: Answer, reading: AnswerReading, index: number): EncodedExchange | null {
  try {
    const tokens = encodeExchange(exchangeOf(prompt, completion), reading);
    return tokens.ids.length === 0 ? null : tokens;
  } catch (error) {
    if (!(error instanceof ConversationError || error instanceof TokenizerError)) throw error;
    if (error instanceof ConversationError && error.code === 'NO_TARGET') return null;
    throw unreadable(index, error);
  }
}

/** The outputs of a reward model for tokenized answers, [N]. */
export async function scoreTexts(
  model: ReadyModel,
  texts: TokenizedTexts,
  onBatch: (done: number) => void,
): Promise<Float32Array> {
  const source = tokenSource(texts, standingBuckets(model.maxLength));
  const heads = model.manifest.heads.map(headOf);
  const [outputs] = await runHeads(model.forward(source.inputs), heads, source, onBatch);
  return outputs!;
}

function exchangeOf(prompt: Answer['prompt'], completion: string) {
  if (prompt === null) return exchangeOfText(null, completion);
  if (typeof prompt !== 'string')
    return exchangeOfText(prompt.kind === 'text' ? prompt.text : prompt.messages, completion);
  return readExchange({ column: 'prompt', value: prompt }, { column: 'completion', value: completion });
}

function unreadable(index: number, error: Error): ProblemError {
  return new ProblemError(
    {
      path: ['texts', String(index)],
      code: 'INVALID_VALUE',
      message: `the answer can not be read: ${error.message}`,
      hint: 'Give prompt and answer as texts; a prompt may be a list of turns where the model has a chat template.',
    },
    { cause: error },
  );
}
