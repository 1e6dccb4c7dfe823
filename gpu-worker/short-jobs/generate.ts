import type { GenerateJob, GenerationEvent } from '../../src/protocol/generation.js';
import type { JobResult } from '../../src/protocol/job.js';
import { createAnswerText } from '../generation/answer-text.js';
import { openConstraint } from '../generation/constraints/open-constraint.js';
import { generate } from '../generation/generate.js';
import type { ReadyGenerator } from '../generation/open-generator.js';
import { readPrompts } from '../generation/read-prompts.js';
import { createChoosers } from '../generation/sampling/chooser.js';
import { gatherEvents } from './gather-events.js';

type Times = (JobResult & { kind: 'generate' })['times'];

/** What a generation is told by. */
export interface GenerationReport {
  generated(events: readonly GenerationEvent[]): void;
  /** Called often: it can give a sign of life, or throw in order to stop. */
  onProgress(): void;
}

/**
 * Writes the answers to a job's prompts.
 *
 * @param seeds one for each prompt; by default, the settings' seed is that of all: a prompt's answers are then the same
 *   beside others and alone
 * @param clock when the job started, and how long the model took to load, in milliseconds
 * @throws ProblemError: see `readPrompts`, `createChoosers` and `openConstraint`
 */
export async function writeAnswers(
  { reader, endIds, continuation, vocabulary }: ReadyGenerator,
  { prompts, settings, seeds }: Pick<GenerateJob, 'prompts' | 'settings'> & { readonly seeds?: readonly number[] },
  { generated, onProgress }: GenerationReport,
  { startedAt, loadMs }: { readonly startedAt: number; readonly loadMs: number },
): Promise<Times> {
  const ids = readPrompts(reader, prompts, onProgress);
  const chooserFor = createChoosers(settings);
  const seedOf = (prompt: number) => (seeds === undefined ? {} : { seed: seeds[prompt]! });
  const ruleFor = settings.constraint === null ? null : openConstraint(settings.constraint, vocabulary, endIds);
  const events = gatherEvents(generated);
  let firstAt: number | null = null;
  let tokenCount = 0;
  await generate(
    continuation,
    ids,
    {
      samples: settings.samples,
      contextLength: reader.contextLength,
      maxTokens: settings.maxTokens,
      endIds,
      answerOf(prompt, sample) {
        const rule = ruleFor?.() ?? null;
        const mask = rule === null ? {} : { mask: () => rule.mask() };
        return {
          chooser: chooserFor({ promptIds: ids[prompt]!, sample, ...seedOf(prompt), ...mask }),
          text: createAnswerText(vocabulary, settings.stop),
          rule,
        };
      },
      tokenText: (id) => vocabulary.textOf(id),
    },
    {
      onEvent(event) {
        events.add(event);
        if (event.kind !== 'tokens') return;
        firstAt ??= performance.now();
        tokenCount += event.tokens.length;
      },
      onProgress() {
        events.tellIfDue();
        onProgress();
      },
    },
  );
  events.tell();
  return {
    firstTokenMs: firstAt === null ? null : firstAt - startedAt,
    loadMs,
    tokenCount,
    generatingMs: firstAt === null ? 0 : performance.now() - firstAt,
  };
}
