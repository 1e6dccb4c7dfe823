import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDecoder } from '../../../gpu-worker/architectures/encoder-run.js';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { traceForward } from '../../../gpu-worker/engine/trace/functions.js';
import type { ParameterStore } from '../../../gpu-worker/engine/types.js';
import { fillParameters, initialValues } from '../../../gpu-worker/forward/initial-values.js';
import { languageReading } from '../../../gpu-worker/forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../../gpu-worker/forward/model-plan.js';
import { openTokenScorer } from '../../../gpu-worker/forward/score-tokens.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { drawFeeds, drawInputs, drawnToken, drawTokens } from '../../../gpu-worker/rollouts/draw-token.js';
import { openRollouts, type Rollout, type RolloutSettings } from '../../../gpu-worker/rollouts/open-rollouts.js';
import { rolloutRows } from '../../../gpu-worker/rollouts/rollout-rows.js';
import type { LoraConfig } from '../../../src/protocol/model-manifest.js';
import { openWorkshop } from '../recipes/support.js';
import { lora, writeTinyEncoder } from '../recipes/tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const prompts = [
  { row: 4, ids: [2, 10, 4, 6] },
  { row: 9, ids: [2, 5] },
  { row: 11, ids: [2, 10, 5, 7, 8, 12, 13, 4, 9] },
];
const end = 3;
const settings: RolloutSettings = { samples: 4, maxTokens: 12, words: [7, 1] };

type Family = Parameters<typeof writeTinyEncoder>[1];

/** A small model in training: its parameters, its generator, and what scores tokens as the trainer does. */
async function openPolicy(family: Family, adapter: LoraConfig | null = null, temperature = 0.7) {
  const { engine } = workshop.tools;
  const digest = await writeTinyEncoder(workshop.store, family, { languageModel: family !== 'gpt2' });
  const base = await loadModel(workshop.store, digest);
  const plan = planLanguageModel(base.manifest, { dropout: null, freeze: { kind: 'none' }, adapter });
  const { config } = base.manifest;
  if (!isDecoder(config)) throw new Error('a decoder is needed');
  const parameters = engine.createParameters(plannedParameters(plan));
  await fillParameters(parameters, base.weights, initialValues(plan, 1, []));
  await base.weights.close();
  const model = { config, reading: plan.reading, endIds: new Set([end]), contextLength: 36, temperature };
  const rollouts = await openRollouts(engine, parameters, model);
  const scorerAt = (temperature: number) =>
    openTokenScorer(engine, parameters, languageReading(config, plan), {
      batchSize: 5,
      mostTargets: settings.maxTokens,
      temperature,
    });
  const scorer = scorerAt(temperature);
  return {
    parameters,
    scorerAt,
    write: (changed: Partial<RolloutSettings> = {}, given = prompts) =>
      rollouts.write(given, { ...settings, ...changed }, () => undefined),
    scores: (written: readonly Rollout[], given = prompts) =>
      scorer.score(rolloutRows(given, written), () => undefined),
    async [Symbol.asyncDispose]() {
      await rollouts.release();
      await scorer.release();
      parameters.release();
    },
  };
}

/** Moves every trained weight a little, as an update does. */
function move(parameters: ParameterStore, seed: number): void {
  const random = createRandom(seed);
  for (const { name, trainable } of parameters.specs) {
    if (!trainable) continue;
    const values = parameters.value(name);
    for (let i = 0; i < values.length; i++) values[i]! += 0.3 * (uniform(random) - 0.5);
  }
}

const logProbabilitiesOf = (written: readonly Rollout[]) =>
  written.flatMap(({ logProbabilities }) => Array.from(logProbabilities));

const farthest = (left: ArrayLike<number>, right: ArrayLike<number>) => {
  expect(left.length).toBe(right.length);
  return Array.from(left, (value, i) => Math.abs(value - right[i]!)).reduce((most, each) => Math.max(most, each), 0);
};

describe('rollouts', () => {
  it.each([
    ['gpt2', null],
    ['llama', null],
    ['mistral', null],
    ['qwen3', null],
    ['gemma3_text', null],
    ['llama', lora],
    ['gpt2', { ...lora, targetModules: ['c_attn'] }],
  ] satisfies [Family, LoraConfig | null][])(
    'of %s are drawn with the probabilities that the trainer computes, before and after an update (adapter %j)',
    async (family, adapter) => {
      await using policy = await openPolicy(family, adapter);
      const before = await policy.write();
      expect(farthest(logProbabilitiesOf(before), await policy.scores(before))).toBeLessThan(1e-4);
      move(policy.parameters, 5);
      const after = await policy.write();
      expect(farthest(logProbabilitiesOf(after), await policy.scores(after))).toBeLessThan(1e-4);
      // The generator reads the moved weights: the old ones do not give what is drawn now.
      expect(farthest(logProbabilitiesOf(before), await policy.scores(before))).toBeGreaterThan(1e-2);
    },
  );

  it('are the same bytes for the same words, and others for another step, row or sample', async () => {
    await using policy = await openPolicy('llama');
    const first = await policy.write();
    expect(await policy.write()).toEqual(first);
    expect(await policy.write({ words: [7, 2] })).not.toEqual(first);
    const moved = prompts.map((prompt) => ({ ...prompt, row: prompt.row + 1 }));
    expect((await policy.write({}, moved)).map(({ ids }) => ids)).not.toEqual(first.map(({ ids }) => ids));
    const group = first.filter(({ prompt }) => prompt === 0);
    expect(new Set(group.map(({ ids }) => ids.join())).size).toBeGreaterThan(2);
    expect(first.map(({ prompt, sample }) => [prompt, sample])).toEqual(
      prompts.flatMap((_, prompt) => [0, 1, 2, 3].map((sample) => [prompt, sample])),
    );
  });

  it('count the token that ends them, and say which were cut off', async () => {
    await using policy = await openPolicy('llama', null, 1);
    const written = await policy.write({ samples: 24 });
    for (const { ids, isTruncated } of written) {
      expect(ids.slice(0, -1)).not.toContain(end);
      expect(isTruncated).toBe(ids.at(-1) !== end);
      if (isTruncated) expect(ids).toHaveLength(12);
    }
    expect(new Set(written.map(({ isTruncated }) => isTruncated))).toEqual(new Set([true, false]));
  });

  it('depend on the temperature that they are drawn at', async () => {
    await using policy = await openPolicy('llama', null, 2);
    const hot = await policy.write();
    expect(farthest(logProbabilitiesOf(hot), await policy.scores(hot))).toBeLessThan(1e-4);
    const scorer = policy.scorerAt(1);
    try {
      const cold = await scorer.score(rolloutRows(prompts, hot), () => undefined);
      expect(farthest(logProbabilitiesOf(hot), cold)).toBeGreaterThan(0.1);
    } finally {
      await scorer.release();
    }
  });
});

describe('a drawn token', () => {
  /** What the generator's graph draws from logits, with as many seeds as it is asked for. */
  async function draws(logits: number[], temperature: number, count = 1) {
    const { engine } = workshop.tools;
    const store = engine.createParameters([]);
    const V = logits.length;
    const inputs = { logits: { shape: ['texts', V], dtype: 'float32' }, ...drawInputs } as const;
    const graph = await engine.compileDynamicForward(store, inputs, (_, fed) => ({
      drawn: drawTokens(fed.logits!, fed, temperature),
    }));
    try {
      const randoms = Array.from({ length: count }, (_, seed) => createRandom(seed));
      const fed = { logits: Float32Array.from(randoms.flatMap(() => logits)), ...drawFeeds(randoms, V) };
      const { drawn } = await graph.run(fed, { texts: count });
      return randoms.map((_, row) => (drawn as Float32Array).subarray(3 * row, 3 * (row + 1)));
    } finally {
      await graph.release();
      store.release();
    }
  }

  it('of equal logits has the probability 1/4 and the entropy ln 4', async () => {
    const [drawn] = await draws([5, 5, 5, 5], 0.5);
    const { logProbability, entropy } = drawnToken(drawn!);
    expect(logProbability).toBeCloseTo(-Math.log(4), 6);
    expect(entropy).toBeCloseTo(Math.log(4), 6);
  });

  it('of two whose odds are 1 to 3 has the entropy of a coin that falls so', async () => {
    const [drawn] = await draws([0, Math.log(3)], 1);
    const { id, logProbability, entropy } = drawnToken(drawn!);
    expect(logProbability).toBeCloseTo(Math.log([0.25, 0.75][id]!), 6);
    expect(entropy).toBeCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), 6);
  });

  it('has an entropy and a sum of weights in which no product of matrices takes part, as GPUs may round those', () => {
    const [B, V] = [2, 12];
    const inputs = {
      logits: { shape: [B, V], dtype: 'float32' },
      uniforms: { shape: [B, 2], dtype: 'float32' },
      firstBlocks: { shape: [B], dtype: 'int32' },
    } as const;
    const { nodes } = traceForward([], inputs, (_, fed) => ({ drawn: drawTokens(fed.logits!, fed, 1) }));
    const madeBy = new Map(nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
    const operators = (id: number): readonly string[] => {
      const node = madeBy.get(id);
      return node === undefined ? [] : [node.op, ...node.inputs.flatMap((input) => operators(input.id))];
    };
    const [token, , entropy] = nodes.at(-1)!.inputs.map((input) => operators(input.id));
    expect(token).toContain('MatMul');
    // ln Σ e^z − Σ z·e^z / Σ e^z: the sum is that which the token's weight is divided by.
    expect(entropy).not.toContain('MatMul');
  });

  it('comes as often as its probability says', async () => {
    // At temperature 1/2 probabilities are proportional to squares: 1 : 4 : 9 : 0 : 4.
    const drawn = await draws([0, Math.log(2), Math.log(3), -200, Math.log(2)], 0.5, 18_000);
    const counts = [0, 0, 0, 0, 0];
    for (const row of drawn) counts[drawnToken(row).id]! += 1;
    // Four standard deviations of a count are 4 · (18,000 · p · (1 − p))^(1/2): at most 269.
    for (const [id, expected] of [1000, 4000, 9000, 0, 4000].entries()) {
      expect(Math.abs(counts[id]! - expected)).toBeLessThan(270);
    }
    expect(counts[3]).toBe(0);
  });

  it('comes from a vocabulary whose size is no product of blocks, first and last tokens too', async () => {
    const V = 1009;
    const logits = Array.from({ length: V }, (_, id) => (id === 0 || id === V - 1 ? 20 : id % 7));
    const counts = new Map<number, number>();
    for (const row of await draws(logits, 1, 400)) {
      const { id } = drawnToken(row);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([0, V - 1]);
    expect(Math.abs(counts.get(0)! - 200)).toBeLessThan(40);
  });

  it('is refused where a logit is not finite', async () => {
    for (const logit of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [drawn] = await draws([0, logit, 1], 1);
      expect(() => drawnToken(drawn!)).toThrow('diverged');
    }
  });
});
