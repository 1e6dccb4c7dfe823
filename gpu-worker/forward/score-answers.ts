import { ConversationError, encodeExchange, exchangeOfText, readExchange } from '../../src/conversations/index.js';
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

/**
 * A reward model's outputs for answers, [N], as the head gives them. An output does not depend on the other answers.
 *
 * @throws ProblemError INVALID_VALUE of an answer that can not be read, such as turns of a model without a template
 */
export async function scoreAnswers(
  model: ReadyModel,
  answers: readonly Answer[],
  onProgress: () => void,
): Promise<{ readonly outputs: Float32Array; readonly texts: TokenizedTexts }> {
  const reading = model.answers;
  if (reading === null) throw new RangeError('the model is no reward model');
  const writer = textWriter();
  for (const [index, { prompt, completion }] of answers.entries()) {
    onProgress();
    try {
      writer.add(encodeExchange(exchangeOf(prompt, completion), reading));
    } catch (error) {
      if (!(error instanceof ConversationError || error instanceof TokenizerError)) throw error;
      throw unreadable(index, error);
    }
  }
  const { texts } = writer.all();
  return { outputs: await scoreTexts(model, texts, onProgress), texts };
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
