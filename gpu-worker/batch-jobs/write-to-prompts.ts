import type { AnswerVariant } from '../../src/protocol/feedback/make-items-job.js';
import type { FinishReason, GenerationSettings, Prompt } from '../../src/protocol/generation.js';
import { promptSeed } from '../../src/statistics/prompt-seed.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { openGenerator, type ReadyGenerator } from '../generation/open-generator.js';
import { readPrompts } from '../generation/read-prompts.js';
import { ProblemError } from '../problem-error.js';
import { writeAnswers } from '../short-jobs/generate.js';
import type { Parts } from './parts.js';

/** Prompts that are answered at a time: few enough that a lost worker loses little. */
const promptsAtATime = 8;

/** What is wrong with one prompt, and not with the model. */
const ofPrompt: readonly string[] = ['PROMPT_TOO_LONG', 'EMPTY_PROMPT', 'INVALID_VALUE'];

/** What is written to: a prompt, and the number of its row in the dataset version. */
export interface PromptOfRow {
  readonly row: number;
  readonly prompt: Prompt;
}

/** A line of the parts: the answers of one variant to one prompt, or why there are none. */
export interface AnsweredPrompt {
  readonly answers: readonly string[];
  /** Of each answer: its tokens, and what ended it. */
  readonly ends: readonly { readonly tokenCount: number; readonly reason: FinishReason }[];
  readonly problem: string | null;
}

/**
 * Has each variant answer each prompt, one model after the other, as `generate` does, and keeps the answers in `parts`:
 * variant after variant, each with all prompts. What is there already is not written again. Prompts and variants have
 * seeds of their own (`promptSeed`).
 *
 * @throws ProblemError of the model, or of the generation engine
 */
export async function writeToPrompts(
  { engine, store }: { readonly engine: Engine; readonly store: ArtifactStore },
  variants: readonly AnswerVariant[],
  prompts: readonly PromptOfRow[],
  parts: Parts,
  { beat, tell }: { readonly beat: () => void; readonly tell: () => void },
): Promise<void> {
  let open = null as { readonly name: string; readonly generator: ReadyGenerator } | null;
  try {
    while (parts.rowsDone < variants.length * prompts.length) {
      const unit = parts.rowsDone;
      const place = unit % prompts.length;
      const variant = Math.floor(unit / prompts.length);
      const { modelDigest, settings } = variants[variant]!;
      const name = `${modelDigest}/${settings.weights}`;
      if (open?.name !== name) {
        await open?.generator.release();
        open = null;
        open = { name, generator: await openGenerator(engine, store, modelDigest, settings) };
        beat();
      }
      const some = prompts.slice(place, place + promptsAtATime);
      const seeded = some.map(({ row, prompt }) => ({
        prompt,
        seed: promptSeed(settings.sampling.seed, { row, variant }),
      }));
      const answered = await answer(open.generator, seeded, settings, beat);
      await parts.add({
        lines: answered.map((each) => JSON.stringify(each)),
        errorCount: answered.filter(({ problem }) => problem !== null).length,
        lastRow: unit + some.length - 1,
      });
      tell();
    }
  } finally {
    await open?.generator.release();
  }
  await parts.flush();
}

async function answer(
  generator: ReadyGenerator,
  asked: readonly { readonly prompt: Prompt; readonly seed: number }[],
  settings: GenerationSettings,
  beat: () => void,
): Promise<AnsweredPrompt[]> {
  const problems = asked.map(({ prompt }) => problemWith(generator, prompt, beat));
  const sound = asked.filter((_, i) => problems[i] === null);
  const texts = sound.map(() => Array.from({ length: settings.samples }, () => ''));
  const ends = sound.map((): AnsweredPrompt['ends'][number][] => []);
  if (sound.length > 0) {
    const report = {
      generated(events: Parameters<Parameters<typeof writeAnswers>[2]['generated']>[0]) {
        for (const event of events) {
          if (event.kind === 'tokens') texts[event.prompt]![event.sample] += event.text;
          if (event.kind === 'answered') {
            const { prompt, sample, tokenCount, reason } = event;
            ends[prompt]![sample] = { tokenCount, reason };
          }
        }
      },
      onProgress: beat,
    };
    const silent = { ...settings, topLogProbabilities: null };
    const prompts = sound.map(({ prompt }) => prompt);
    const seeds = sound.map(({ seed }) => seed);
    await writeAnswers(generator, { prompts, settings: silent, seeds }, report, { startedAt: 0, loadMs: 0 });
  }
  let next = 0;
  return problems.map((problem) =>
    problem === null ? { answers: texts[next]!, ends: ends[next++]!, problem } : { answers: [], ends: [], problem },
  );
}

/** Null: the model can read it. */
function problemWith({ reader }: ReadyGenerator, prompt: Prompt, beat: () => void): string | null {
  try {
    readPrompts(reader, [prompt], beat);
    return null;
  } catch (error) {
    if (error instanceof ProblemError && ofPrompt.includes(error.problem.code)) return error.problem.message;
    throw error;
  }
}
