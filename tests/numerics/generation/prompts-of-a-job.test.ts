import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linesOfParts } from '../../../gpu-worker/batch-jobs/lines-of-parts.js';
import { openParts } from '../../../gpu-worker/batch-jobs/parts.js';
import { type AnsweredPrompt, writeToPrompts } from '../../../gpu-worker/batch-jobs/write-to-prompts.js';
import { openGenerator } from '../../../gpu-worker/generation/open-generator.js';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { writeAnswers } from '../../../gpu-worker/short-jobs/generate.js';
import type { GenerationSettings, Prompt } from '../../../src/protocol/generation.js';
import { promptSeed } from '../../../src/statistics/prompt-seed.js';
import { openWorkshop } from '../recipes/support.js';
import { writeTinyEncoder } from '../recipes/tiny-encoders.js';

/** What a job writes to many prompts: each prompt, model and sample is a draw of its own. */

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let writer: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  writer = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
});
afterAll(async () => {
  await workshop?.[Symbol.asyncDispose]();
});

const prompt: Prompt = { kind: 'text', text: 'the red' };
const settings: GenerationSettings = {
  sampling: { ...likeliestTokens, temperature: 3, seed: 7 },
  maxTokens: 4,
  stop: [],
  samples: 2,
  topLogProbabilities: null,
  constraint: null,
  weights: 'float32',
};
/** Rows that do not begin at 0, one of whose prompts can not be read. */
const asked = Array.from({ length: 20 }, (_, i) => ({
  row: 100 + i,
  prompt: i === 3 ? ({ kind: 'text', text: 'the red '.repeat(500) } as const) : prompt,
}));

async function written(): Promise<AnsweredPrompt[]> {
  const parts = await openParts(join(workshop.folder, 'written.part'), 1, () => Date.now());
  const { engine } = workshop.tools;
  const variant = { modelId: '00000000-0000-4000-8000-000000000000', modelDigest: writer, settings };
  const nothing = () => undefined;
  try {
    await writeToPrompts({ engine, store: workshop.store }, [variant, variant], asked, parts, {
      beat: nothing,
      tell: nothing,
    });
    const lines: AnsweredPrompt[] = [];
    for await (const line of linesOfParts<AnsweredPrompt>(parts)) lines.push(line);
    return lines;
  } finally {
    await parts.remove();
  }
}

async function alone(seed: number): Promise<string[]> {
  const generator = await openGenerator(workshop.tools.engine, workshop.store, writer, settings);
  const texts = ['', ''];
  try {
    await writeAnswers(
      generator,
      { prompts: [prompt], settings: { ...settings, sampling: { ...settings.sampling, seed } } },
      {
        generated(events) {
          for (const event of events) if (event.kind === 'tokens') texts[event.sample] += event.text;
        },
        onProgress: () => undefined,
      },
      { startedAt: 0, loadMs: 0 },
    );
    return texts;
  } finally {
    await generator.release();
  }
}

it('one prompt in many rows gets independent answers, of each model, which generate writes with their seeds', async () => {
  const lines = await written();
  expect(lines).toHaveLength(40);
  expect(lines.filter(({ problem }) => problem !== null)).toHaveLength(2);
  const answered = lines.filter(({ problem }) => problem === null);
  // Of 24 words and more, four in an answer: equal ones are rare.
  for (const sample of [0, 1]) expect(new Set(answered.map(({ answers }) => answers[sample])).size).toBeGreaterThan(30);
  for (const [variant, place] of [
    [0, 0],
    [0, 9],
    [1, 4],
  ] as const) {
    const seed = promptSeed(7, { row: 100 + place, variant });
    expect(lines[variant * asked.length + place]!.answers).toEqual(await alone(seed));
  }
});

it('seeds of prompts are told apart by seed, variant and row, and are spread over all 32 bits', () => {
  const seeds = [0, 1].flatMap((seed) =>
    [0, 1].flatMap((variant) => Array.from({ length: 1000 }, (_, row) => promptSeed(seed, { row, variant }))),
  );
  // One pair of 4,000 numbers of 32 bits would be equal once in 500 times.
  expect(new Set(seeds).size).toBe(4000);
  for (let bit = 0; bit < 32; bit++) {
    const ones = seeds.filter((seed) => (seed >>> bit) & 1).length;
    // Five standard deviations of a fair coin.
    expect(Math.abs(ones - 2000)).toBeLessThan(160);
  }
});
