import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { createShortJobs, type ShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import type { GenerateJob, GenerationEvent } from '../../../src/protocol/generation.js';
import { recordingContext } from '../recipes/recording-context.js';
import { openWorkshop, writeTinyModel } from '../recipes/support.js';
import { writeTinyEncoder } from '../recipes/tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let jobs: ShortJobs;
let model: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  jobs = createShortJobs(workshop.tools.engine, workshop.store, 1e9);
  model = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
});
afterAll(async () => {
  await jobs.release();
  await workshop[Symbol.asyncDispose]();
});

type Settings = Partial<Omit<GenerateJob['settings'], 'sampling'>> & Partial<GenerateJob['settings']['sampling']>;

const text = (words: string): GenerateJob['prompts'][number] => ({ kind: 'text', text: words });

async function write(
  prompts: GenerateJob['prompts'],
  {
    maxTokens = 6,
    stop = [],
    samples = 1,
    topLogProbabilities = null,
    weights = 'float32',
    ...sampling
  }: Settings = {},
  { modelDigest = model, ...how }: Parameters<typeof recordingContext>[0] & { readonly modelDigest?: string } = {},
) {
  const { context } = recordingContext(how);
  const events: GenerationEvent[] = [];
  const outcome = await jobs.run(
    {
      kind: 'generate',
      generationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12',
      modelDigest,
      prompts,
      settings: {
        sampling: { ...likeliestTokens, seed: 7, ...sampling },
        maxTokens,
        stop,
        samples,
        topLogProbabilities,
        constraint: null,
        weights,
      },
    },
    { ...context, generated: (some) => events.push(...some) },
  );
  return { outcome, events, answers: answersOf(events) };
}

/** Texts, tokens and ends of the answers by `prompt/sample`. */
function answersOf(events: readonly GenerationEvent[]) {
  const answers = new Map<string, { text: string; ids: number[]; reason: string | null; stop: string | null }>();
  for (const event of events) {
    if (event.kind !== 'tokens' && event.kind !== 'answered') continue;
    const key = `${event.prompt}/${event.sample}`;
    const answer = answers.get(key) ?? { text: '', ids: [], reason: null, stop: null };
    answers.set(key, answer);
    // Nothing follows the end of an answer, and tokens come without gaps.
    expect(answer.reason).toBeNull();
    if (event.kind === 'answered') {
      expect(event.tokenCount).toBe(answer.ids.length);
      answer.reason = event.reason;
      answer.stop = event.stop;
      continue;
    }
    expect(event.position).toBe(answer.ids.length);
    answer.ids.push(...event.tokens.map(({ id }) => id));
    answer.text += event.text;
  }
  return answers;
}

async function problemOf(...args: Parameters<typeof write>) {
  const { outcome } = await write(...args);
  if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
  return outcome.problem;
}

describe('generation', () => {
  it('writes several answers to several prompts, and tells how long it took', async () => {
    const prompts = [text('the cat'), text('a dog runs here')];
    const { outcome, events, answers } = await write(prompts, { samples: 2, temperature: 1, topLogProbabilities: 2 });
    // Each prompt begins with the tokenizer's own token.
    expect(events[0]).toEqual({ kind: 'started', promptTokens: [3, 5] });
    expect([...answers.keys()].sort()).toEqual(['0/0', '0/1', '1/0', '1/1']);
    const tokens = [...answers.values()].reduce((count, { ids }) => count + ids.length, 0);
    expect(outcome).toMatchObject({ kind: 'finished', result: { kind: 'generate', times: { tokenCount: tokens } } });
    for (const event of events) {
      if (event.kind !== 'tokens') continue;
      for (const { id, logProbability, top } of event.tokens) {
        expect(top).toHaveLength(2);
        expect(top[0]!.logProbability).toBeGreaterThanOrEqual(logProbability!);
        expect(logProbability).toBeLessThan(0);
        if (top[0]!.id === id) expect(top[0]!.logProbability).toBe(logProbability);
      }
    }
  });

  it('writes an answer alike whatever is written beside it', async () => {
    const prompts = [text('the cat'), text('a dog runs here'), text('now')];
    const how = { samples: 3, temperature: 1.3, topP: 0.95 };
    const { answers } = await write(prompts, how);
    for (const [index, prompt] of prompts.entries()) {
      const alone = await write([prompt], how);
      for (const sample of [0, 1, 2])
        expect(alone.answers.get(`0/${sample}`)).toEqual(answers.get(`${index}/${sample}`));
    }
    expect(new Set([...answers.values()].map(({ ids }) => ids.join())).size).toBeGreaterThan(3);
  });

  it('writes with weights in 8 bits, nearly as with those of float32', async () => {
    const how = { topLogProbabilities: 14, maxTokens: 1 } as const;
    const exact = await write([text('the cat')], how);
    const rounded = await write([text('the cat')], { ...how, weights: 'int8' });
    const topOf = ({ events }: typeof exact) =>
      new Map(
        events
          .flatMap((event) => (event.kind === 'tokens' ? (event.tokens[0]?.top ?? []) : []))
          .map((token) => [token.id, token.logProbability]),
      );
    const expected = topOf(exact);
    expect(expected.size).toBe(14);
    for (const [id, logProbability] of topOf(rounded))
      expect(Math.abs(logProbability - expected.get(id)!), `token ${id}`).toBeLessThan(0.05);
  });

  it('ends where the model ends, at the context, and before a stop string', async () => {
    const how = { maxTokens: null, temperature: 3, samples: 16 };
    const { answers: free } = await write([text('the cat')], how);
    const reasons = [...free.values()].map(
      ({ ids, reason }) => (ids.length === 33 ? 'length' : 'endOfText') === reason,
    );
    // 36 tokens of context, three of them of the prompt. The token that ends an answer is no part of it.
    expect(reasons).toEqual(reasons.map(() => true));
    const [key, longest] = [...free].sort(([, a], [, b]) => b.ids.length - a.ids.length)[0]!;
    expect(longest.ids.length).toBeGreaterThan(4);
    const stop = longest.text.slice(3, 7);
    const stopped = (await write([text('the cat')], { ...how, stop: [stop] })).answers.get(key)!;
    expect(stopped).toMatchObject({ reason: 'stop', stop, text: longest.text.slice(0, longest.text.indexOf(stop)) });
    expect(stopped.ids).toEqual(longest.ids.slice(0, stopped.ids.length));
  });

  it('gives a sign of life with every token, and stops between two when asked to', async () => {
    const { outcome, answers } = await write(
      [text('the cat')],
      { maxTokens: null, temperature: 3, samples: 16 },
      { wishAt: (beats) => (beats === 7 ? 'cancel' : null) },
    );
    expect(outcome).toEqual({ kind: 'stopped', reason: 'cancel' });
    expect(Math.max(0, ...[...answers.values()].map(({ ids }) => ids.length))).toBeLessThan(7);
  });

  it('refuses what it can not go on from, and says why', async () => {
    const long = Array.from({ length: 45 }, () => 'cat').join(' ');
    expect(await problemOf([text('the cat'), text(long)])).toMatchObject({
      path: ['prompts', '1'],
      code: 'PROMPT_TOO_LONG',
      message: 'the prompt has 46 tokens, and the model reads 36 with its answer',
    });
    const messages = [{ role: 'user', content: 'the cat' }];
    expect(await problemOf([{ kind: 'messages', messages }])).toMatchObject({ code: 'NO_CHAT_TEMPLATE' });
    const reads = await writeTinyModel(workshop.store, 1, 4);
    expect(await problemOf([text('the cat')], {}, { modelDigest: reads })).toMatchObject({ code: 'UNSUPPORTED_MODEL' });
  });
});
