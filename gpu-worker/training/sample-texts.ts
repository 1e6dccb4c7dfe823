import type { z } from 'zod';
import { ConversationError } from '../../src/conversations/index.js';
import type { GenerationEvent } from '../../src/protocol/generation.js';
import type { TextsGenerated } from '../../src/protocol/run-event.js';
import type { Vocabulary } from '../../src/tokenizer/index.js';
import { isDecoder } from '../architectures/encoder-run.js';
import type { SamplePrompt } from '../data/sample-prompts.js';
import type { ParameterStore } from '../engine/types.js';
import { createAnswerText } from '../generation/answer-text.js';
import { type Continuation, openContinuation } from '../generation/continuation.js';
import { generate } from '../generation/generate.js';
import { vocabularyOf } from '../generation/open-generator.js';
import { createChoosers } from '../generation/sampling/chooser.js';
import { likeliestTokens } from '../generation/sampling/likeliest.js';
import { answerEndsOf } from '../models/answer-ends.js';
import { chatSourceOf } from '../models/chat-source.js';
import { invalidModel } from '../models/invalid-model.js';
import { withoutDropout } from '../nn/without-dropout.js';
import { ProblemError } from '../problem-error.js';
import type { LanguageInput } from './load-language.js';
import type { Reporter } from './reporter.js';
import type { TrainingTools } from './training-tools.js';

type SampleText = z.infer<typeof TextsGenerated>['texts'][number];

/** Tokens of a text at most. */
const mostTokens = 48;

/** Goes on from the beginnings of a few texts with the parameters that a store has at the time. */
export interface SampleWriter {
  /** @param onProgress called at every token: it can give a sign of life, or throw in order to stop */
  write(onProgress: () => void): Promise<SampleText[]>;
  release(): Promise<void>;
}

/** What samples are written of: a language model, and beginnings of texts. */
type SampledModel = Pick<LanguageInput, 'base' | 'config' | 'plan'> & {
  readonly validation: Pick<LanguageInput['validation'], 'prompts'>;
};

/** The writer of samples; a model whose files do not allow for one trains all the same, and the log says why. */
export async function sampleWriterOrNone(
  tools: Pick<TrainingTools, 'engine' | 'store'>,
  report: Pick<Reporter, 'log'>,
  input: SampledModel,
  parameters: ParameterStore,
): Promise<SampleWriter | null> {
  try {
    return await openSampleWriter(tools, input, parameters);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    await report.log('INFO', `The model writes no samples: ${error.problem.message}`);
    return null;
  }
}

/**
 * Makes the writer of a training's samples: a person sees by them what figures do not tell. It always takes the
 * likeliest token, so that a run that is resumed writes the same. Null for a model that predicts masked tokens, and one
 * whose frozen weights are held in fewer bits: each token would expand all of them again.
 *
 * The graph, which has a copy of frozen weights, is compiled when it is first needed.
 *
 * @throws ProblemError INVALID_MODEL where no text can be made of the tokenizer's tokens, or its files can not be read
 */
async function openSampleWriter(
  { engine, store }: Pick<TrainingTools, 'engine' | 'store'>,
  { base, config, plan, validation }: SampledModel,
  parameters: ParameterStore,
): Promise<SampleWriter | null> {
  const { manifest, tokenizer } = base;
  const prompts = validation.prompts.filter(({ ids }) => ids.length < manifest.contextLength);
  const isHeldInFewerBits = plan.encoder.some(({ format = 'float32' }) => format !== 'float32');
  if (!isDecoder(config) || prompts.length === 0 || isHeldInFewerBits) return null;
  const vocabulary = await vocabularyOf(store, manifest);
  const specialTokens = await specialTokensOf(store, manifest);
  const endIds = await answerEndsOf(store, manifest, tokenizer, specialTokens.eos_token);
  const run = { ...plan.reading, random: withoutDropout };
  let opened: Promise<Continuation> | null = null;
  return {
    async write(onProgress) {
      opened ??= openContinuation(engine, parameters, config, { run });
      return writeSamples(
        await opened,
        prompts,
        { vocabulary, endIds, contextLength: manifest.contextLength },
        onProgress,
      );
    },
    release: async () => (await opened)?.release(),
  };
}

async function specialTokensOf(store: TrainingTools['store'], manifest: LanguageInput['base']['manifest']) {
  try {
    return (await chatSourceOf(store, manifest)).specialTokens;
  } catch (error) {
    if (error instanceof ConversationError) throw invalidModel(error.message, error);
    throw error;
  }
}

async function writeSamples(
  continuation: Continuation,
  prompts: readonly SamplePrompt[],
  model: { readonly vocabulary: Vocabulary; readonly endIds: ReadonlySet<number>; readonly contextLength: number },
  onProgress: () => void,
): Promise<SampleText[]> {
  const { vocabulary, endIds, contextLength } = model;
  const chooserFor = createChoosers({ sampling: likeliestTokens, topLogProbabilities: null });
  const texts = prompts.map(({ ids, expected }) => ({
    prompt: textOf(vocabulary, ids),
    text: '',
    expected: textOf(vocabulary, expected.subarray(0, mostTokens)),
    isEnded: false,
  }));
  const onEvent = (event: GenerationEvent) => {
    if (event.kind !== 'tokens' && event.kind !== 'answered') return;
    const text = texts[event.prompt]!;
    if (event.kind === 'tokens') text.text += event.text;
    else text.isEnded = event.reason === 'endOfText';
  };
  const given = prompts.map(({ ids }) => Array.from(ids));
  const writing = {
    samples: 1,
    contextLength,
    maxTokens: mostTokens,
    endIds,
    answerOf: (prompt: number, sample: number) => ({
      chooser: chooserFor({ promptIds: given[prompt]!, sample }),
      text: createAnswerText(vocabulary, []),
      rule: null,
    }),
    tokenText: (id: number) => vocabulary.textOf(id),
  };
  await generate(continuation, given, writing, { onEvent, onProgress });
  return texts;
}

function textOf(vocabulary: Vocabulary, ids: Int32Array): string {
  const text = createAnswerText(vocabulary, []);
  return Array.from(ids, (id) => text.feed(id).text).join('') + text.end();
}
