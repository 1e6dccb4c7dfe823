import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { isDecoder } from '../../../gpu-worker/architectures/encoder-run.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { fillParameters } from '../../../gpu-worker/forward/initial-values.js';
import { languageReading } from '../../../gpu-worker/forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../../gpu-worker/forward/model-plan.js';
import { openTokenScorer } from '../../../gpu-worker/forward/score-tokens.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { rolloutRows } from '../../../gpu-worker/rollouts/rollout-rows.js';
import { createPolicyStep } from '../../../gpu-worker/training/policy/policy-step.js';
import { openReference } from '../../../gpu-worker/training/policy/reference.js';
import { updatePolicy } from '../../../gpu-worker/training/policy/update-policy.js';
import type { PolicyAlgorithm } from '../../../src/protocol/methods/policy-optimization.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { grpo, rloo } from '../../support/specs.js';
import { fromFolder, openWorkshop } from './import-tools.js';

/** Updates of a policy from given completions, held to TRL's trainers (numerics/reference/trl/policy-steps.py). */

const Run = z.object({ losses: z.array(z.number()), logProbabilities: z.array(z.array(z.number())) });
const Reference = z.object({
  settings: z.object({
    samples: z.number(),
    mostTokens: z.number(),
    temperature: z.number(),
    learning_rate: z.number(),
    weight_decay: z.number(),
    adam_beta1: z.number(),
    adam_beta2: z.number(),
    adam_epsilon: z.number(),
    max_grad_norm: z.number(),
  }),
  prompts: z.array(z.array(z.number())),
  completions: z.array(z.array(z.array(z.array(z.number())))),
  rewards: z.array(z.array(z.array(z.number()))),
  end: z.number(),
  grpo: Run,
  masked: Run,
  rloo: Run,
});
const reference = Reference.parse(
  JSON.parse(
    readFileSync(new URL('../../numerics/reference/trl/policy-steps.reference.json', import.meta.url), 'utf8'),
  ),
);
const { settings } = reference;
const prompts = reference.prompts.map((ids, row) => ({ ids, row }));

let engine: Engine;
let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let digest: string;
beforeAll(async () => {
  engine = await createEngine({ target: 'cpu', threads: 1 });
  workshop = await openWorkshop();
  digest = (await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools)).digest;
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

/** The completions of a round, as rollouts that `score` gives log-probabilities. */
async function roundOf(round: number, score: (rows: ReturnType<typeof rolloutRows>) => Promise<Float32Array>) {
  const drawn = reference.completions[round]!.flatMap((group, prompt) =>
    group.map((ids, sample) => ({
      prompt,
      sample,
      ids: Int32Array.from(ids),
      isTruncated: ids.at(-1) !== reference.end,
    })),
  );
  const scores = await score(rolloutRows(prompts, drawn));
  let at = 0;
  return drawn.map((rollout) => {
    const logProbabilities = scores.slice(at, at + rollout.ids.length);
    at += rollout.ids.length;
    return { ...rollout, logProbabilities, entropies: logProbabilities, text: '' };
  });
}

test.each([
  ['grpo', { ...grpo, klWeight: 0.1 }, 2, false],
  ['masked', { ...grpo, aggregation: 'sequence' }, 1, true],
  ['rloo', { ...rloo, klWeight: 0.05 }, 2, false],
] satisfies [keyof typeof reference, PolicyAlgorithm, number, boolean][])(
  'updates of %s have the losses of TRL’s, and end with the same probabilities',
  async (name, algorithm, iterations, masksTruncated) => {
    const base = await loadModel(workshop.store, digest);
    const { config } = base.manifest;
    if (!isDecoder(config)) throw new Error('a decoder is needed');
    const plan = planLanguageModel(base.manifest, { dropout: 0, freeze: { kind: 'none' }, adapter: null });
    const parameters = engine.createParameters(plannedParameters(plan));
    await fillParameters(parameters, base.weights, new Map());
    const { temperature, mostTokens: maxTokens, samples } = settings;
    const scoring = { batchSize: 3, mostTargets: maxTokens, temperature };
    const digests = { baseModelDigest: digest, referenceDigest: digest };
    const ofReference = await openReference({ engine, store: workshop.store }, { base }, digests, scoring);
    const scorer = openTokenScorer(engine, parameters, languageReading(config, plan), scoring);
    // Batches of 3 rows: TRL computes all 8 together.
    const options = { algorithm, temperature, maxTokens, batchSize: 3 };
    const step = createPolicyStep(engine, parameters, { config, plan }, options);
    const score = (rows: ReturnType<typeof rolloutRows>) => scorer.score(rows, () => undefined);
    const rule = () =>
      adamwRule({
        learningRate: settings.learning_rate,
        weightDecay: settings.weight_decay,
        beta1: settings.adam_beta1,
        beta2: settings.adam_beta2,
        epsilon: settings.adam_epsilon,
        maxGradientNorm: settings.max_grad_norm,
      });
    const expected = reference[name] as z.infer<typeof Run>;
    try {
      const before = await roundOf(0, score);
      for (const round of reference.completions.keys()) {
        const total = Float64Array.from(reference.rewards[round]!.flat());
        const rollouts = await roundOf(round, score);
        const scores = { total, bySource: [{ name: 'given', weight: 1, values: total }] };
        const asked = prompts.map((prompt) => ({
          ...prompt,
          prompt: { kind: 'text', text: '' } as const,
          columns: {},
        }));
        const { loss } = await updatePolicy(
          { parameters, step, reference: ofReference },
          { algorithm, samples, iterations, masksTruncated },
          { kept: { prompts: asked, rollouts, scores }, groups: 2, equalGroups: 0, replacements: 0 },
          { epoch: 0, reads: true, options: rule },
          () => undefined,
        );
        expect(loss, `round ${round}`).toBeCloseTo(expected.losses[round * iterations]!, 4);
      }
      // Adam turns the rounding of small gradients into steps of full size: a hundredth of what the updates moved.
      const moved = await roundOf(0, score);
      const differences = moved.flatMap(({ logProbabilities }, row) =>
        Array.from(logProbabilities, (value, token) => Math.abs(value - expected.logProbabilities[row]![token]!)),
      );
      const movements = moved.flatMap(({ logProbabilities }, row) =>
        Array.from(logProbabilities, (value, token) => Math.abs(value - before[row]!.logProbabilities[token]!)),
      );
      expect(Math.max(...movements)).toBeGreaterThan(1);
      expect(Math.max(...differences)).toBeLessThan(0.01);
    } finally {
      await step.release();
      await scorer.release();
      await ofReference.release();
      parameters.release();
      await base.weights.close();
    }
  },
);
