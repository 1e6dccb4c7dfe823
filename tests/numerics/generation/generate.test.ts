import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decoderLayersOf, decoderStatesAfter } from '../../../gpu-worker/architectures/decoder.js';
import { inference, isDecoder } from '../../../gpu-worker/architectures/encoder-run.js';
import { allTokenLogits } from '../../../gpu-worker/architectures/token-logits.js';
import type { Engine, ParameterStore } from '../../../gpu-worker/engine/types.js';
import type { AnswerText, Chooser, ChosenToken } from '../../../gpu-worker/generation/answer.js';
import { asCodes } from '../../../gpu-worker/generation/as-codes.js';
import { type Continuation, openContinuation } from '../../../gpu-worker/generation/continuation.js';
import { generate } from '../../../gpu-worker/generation/generate.js';
import { createChoosers } from '../../../gpu-worker/generation/sampling/chooser.js';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { type DecoderConfig, longestText } from '../../../src/protocol/architectures/index.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { openEngine } from '../engine/compare.js';
import { decoderFamilies, decoderFolder, decoderParameter, variantConfigs } from '../reference/decoders/reference.js';

/** What transformers wrote: reference/decoders/generation.py. */
const reference = JSON.parse(
  readFileSync(new URL('../reference/decoders/generation.reference.json', import.meta.url), 'utf8'),
) as {
  readonly prompts: number[][];
  readonly answers: Readonly<Record<string, { readonly ids: number[]; readonly logProbabilities: number[] }[]>>;
};
const newTokens = 20;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each([...decoderFamilies, 'dynamic'] as const)('%s', (name) => {
  const family = name === 'dynamic' ? 'llama' : name;
  const config = configOf(
    name === 'dynamic'
      ? JSON.stringify(variantConfigs().dynamic)
      : readFileSync(new URL('config.json', decoderFolder(family)), 'utf8'),
  );
  const longest = longestText(config);
  let store: ParameterStore;
  let continuation: Continuation;
  beforeAll(async () => {
    store = parametersOf(family, config);
    // Prompts are read in several pieces, and the cache grows while they are and after.
    continuation = await openContinuation(engine, store, config, { mostOfRow: 5, slotsTogether: 3 });
  });
  afterAll(async () => {
    await continuation.release();
    store.release();
  });

  it('writes what transformers writes, prompts of several lengths together', async () => {
    const answers = await write(continuation, reference.prompts, 1);
    for (const [prompt, expected] of reference.answers[name]!.entries()) {
      const written = answers.get(`${prompt}/0`)!;
      const count = Math.min(newTokens, longest - reference.prompts[prompt]!.length);
      expect(written.map(({ id }) => id)).toEqual(expected.ids.slice(0, count));
      for (const [position, { logProbability }] of written.entries())
        expect(logProbability, `token ${position}`).toBeCloseTo(expected.logProbabilities[position]!, 4);
    }
  });

  it('tells the log-probabilities of a pass over the whole text, of two answers to each prompt', async () => {
    const answers = await write(continuation, reference.prompts, 2);
    for (const [key, written] of answers) {
      const prompt = reference.prompts[Number(key.split('/')[0])]!;
      // What is turned by the growth at its time is not turned again, so that one pass over the text differs there.
      const comparable = name === 'dynamic' ? config.maxPositions - prompt.length : written.length;
      if (comparable <= 0) continue;
      const ids = [...prompt, ...written.slice(0, comparable).map(({ id }) => id)];
      const expected = await logProbabilitiesOf(store, config, ids);
      for (const [position, { logProbability }] of written.slice(0, comparable).entries())
        expect(logProbability, `${key}, token ${position}`).toBeCloseTo(expected[prompt.length + position - 1]!, 4);
    }
  });

  it('tells them of drawn tokens as of likely ones', async () => {
    const sampling = { ...likeliestTokens, temperature: 1.2, topP: 0.9, repetitionPenalty: 1.2, seed: 4 };
    const chooserFor = createChoosers({ sampling, topLogProbabilities: 1 });
    // Before what is turned by the growth at its time.
    const [prompt] = reference.prompts.toSorted((a, b) => a.length - b.length) as [number[]];
    const answers = await write(continuation, [prompt], 2, (sample) => chooserFor({ promptIds: prompt, sample }));
    for (const [key, written] of answers) {
      const count = name === 'dynamic' ? Math.min(config.maxPositions - prompt.length, written.length) : written.length;
      expect(count).toBeGreaterThan(0);
      const told = written.slice(0, count);
      const expected = await logProbabilitiesOf(store, config, [...prompt, ...told.map(({ id }) => id)]);
      for (const [position, { logProbability }] of told.entries())
        expect(logProbability, `${key}, token ${position}`).toBeCloseTo(expected[prompt.length + position - 1]!, 4);
    }
  });

  it('has nearly the same log-probabilities with weights in 8 bits', async () => {
    const coded = parametersOf(family, config, true);
    const inCodes = await openContinuation(engine, coded, config);
    const logitsOf = async (model: Continuation) => {
      const { states } = await model.read(reference.prompts, () => {});
      const logits = await model.follow(states);
      const V = logits.length / reference.prompts.length;
      return reference.prompts.map((_, prompt) => logits.slice(prompt * V, (prompt + 1) * V));
    };
    const logits = await logitsOf(inCodes);
    for (const [prompt, expected] of (await logitsOf(continuation)).entries()) {
      const difference = norm(expected.map((logit, id) => logit - logits[prompt]![id]!)) / norm(expected);
      // Weights of this size make attention sharp, so that what is rounded shows more than in a trained model.
      expect(difference).toBeLessThan(0.06);
      // Something is rounded.
      expect(difference).toBeGreaterThan(1e-4);
    }
    await inCodes.release();
    coded.release();
  });

  it('writes an answer alike whatever is written with it', async () => {
    const together = await write(continuation, reference.prompts, 2);
    for (const [prompt, ids] of reference.prompts.entries()) {
      const alone = await write(continuation, [ids], 2);
      for (const sample of [0, 1])
        expect(together.get(`${prompt}/${sample}`)!.map(({ id }) => id)).toEqual(
          alone.get(`0/${sample}`)!.map(({ id }) => id),
        );
    }
  });
});

/** Writes answers; by default the first by the likeliest token, the second beginning with the second likeliest. */
async function write(
  continuation: Continuation,
  prompts: readonly (readonly number[])[],
  samples: number,
  chooserOf = byLikelihood,
): Promise<ReadonlyMap<string, ChosenToken[]>> {
  const answers = new Map<string, ChosenToken[]>();
  await generate(
    continuation,
    prompts,
    {
      samples,
      contextLength: longestText(continuation.config),
      maxTokens: newTokens,
      endIds: new Set(),
      answerOf: (prompt, sample) => {
        const written: ChosenToken[] = [];
        answers.set(`${prompt}/${sample}`, written);
        const chosenBy = chooserOf(sample);
        const chooser: Chooser = {
          choose(logits, position) {
            const chosen = chosenBy.choose(logits, position);
            written.push(chosen);
            return chosen;
          },
        };
        const text: AnswerText = { feed: (id) => ({ text: `${id} `, stop: null }), end: () => '' };
        return { chooser, text, rule: null };
      },
      tokenText: String,
    },
    { onEvent: () => {}, onProgress: () => {} },
  );
  return answers;
}

function byLikelihood(sample: number): Chooser {
  return {
    choose(logits, position) {
      const logs = logSoftmax(logits);
      const order = [...logs.keys()].sort((a, b) => logs[b]! - logs[a]!);
      const id = order[position === 0 ? sample : 0]!;
      return { id, logProbability: logs[id]!, top: [] };
    },
  };
}

/** Of each token of a text but the first, by one pass over it. */
async function logProbabilitiesOf(
  store: ParameterStore,
  config: DecoderConfig,
  ids: readonly number[],
): Promise<number[]> {
  const T = ids.length;
  const inputs = { ids: { shape: [1, T], dtype: 'int32' }, mask: { shape: [1, T], dtype: 'float32' } } as const;
  const forward = await engine.compileForward(store, inputs, (parameters, given) => {
    const tokens = given as { ids: Tensor; mask: Tensor };
    const states = decoderStatesAfter(parameters, tokens, config.layers, config, inference);
    return { logits: allTokenLogits(parameters, states, config) };
  });
  const { logits } = await forward.run({ ids: Int32Array.from(ids), mask: new Float32Array(T).fill(1) });
  const V = logits!.length / T;
  const logs = ids.slice(1).map((id, t) => logSoftmax((logits as Float32Array).subarray(t * V, (t + 1) * V))[id]!);
  await forward.release();
  return logs;
}

function norm(values: Float32Array): number {
  return Math.hypot(...values);
}

function logSoftmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const log = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
  return Array.from(logits, (logit) => logit - log);
}

function configOf(json: string): DecoderConfig {
  const { config } = readConfig(json);
  if (!isDecoder(config)) throw new Error('not a decoder');
  return config;
}

function parametersOf(family: string, config: DecoderConfig, inCodes = false): ParameterStore {
  const { tensors } = readSafetensors(readFileSync(new URL('model.safetensors', decoderFolder(family))));
  const values = new Map([...tensors].map(([theirs, { data }]) => [decoderParameter(theirs), data]));
  const layers = decoderLayersOf(config, { languageModel: values.has('lm_head.weight') });
  const specs = layers
    .flatMap((layer) => layer.tensors)
    .map(({ name, shape }) => ({ name, shape, trainable: false, decay: false }));
  return engine.createParameters(inCodes ? asCodes(specs, { config, layers }) : specs, values);
}
