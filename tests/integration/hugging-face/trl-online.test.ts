import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
import { updatePpo } from '../../../gpu-worker/training/policy/update-ppo.js';
import { isPpo, openValueModel } from '../../../gpu-worker/training/policy/value-model.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { hyperparameters, onlineDpo, policySpec, ppo } from '../../support/specs.js';
import { fromFolder, openWorkshop } from './import-tools.js';

/** Updates by online DPO and PPO from given completions, held to TRL's (numerics/reference/trl/online-steps.py). */

interface Run {
  readonly losses: number[];
  readonly valueLosses?: number[];
  readonly logProbabilities: number[][];
  readonly values?: number[][];
}

function read<Content>(name: string): Content {
  const url = new URL(`../../numerics/reference/trl/${name}.reference.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Content;
}

const given = read<{
  readonly settings: { readonly mostTokens: number; readonly temperature: number };
  readonly prompts: number[][];
  /** Round, prompt, completion. */
  readonly completions: number[][][][];
  readonly rewards: number[][][];
  readonly end: number;
}>('policy-steps');
const reference = read<{
  readonly settings: { learningRate: number; beta: number; iterations: number; klWeight: number };
  readonly sigmoid: Run;
  readonly ipo: Run;
  readonly ppo: Run;
}>('online-steps');
const { settings } = reference;
const { mostTokens: maxTokens, temperature } = given.settings;
const prompts = given.prompts.map((ids, row) => ({
  ids,
  row,
  prompt: { kind: 'text', text: '' } as const,
  columns: {},
}));

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

const rule = () =>
  adamwRule({
    learningRate: settings.learningRate,
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradientNorm: 1,
  });
const beat = () => undefined;

test.each([
  ['sigmoid', 2],
  ['ipo', 2],
  ['ppo', 4],
] as const)('updates by “%s” have the losses of TRL’s, and end with the same models', async (name, samples) => {
  const algorithm =
    name === 'ppo' ? { ...ppo, klWeight: settings.klWeight } : { ...onlineDpo, loss: name, betas: [settings.beta] };
  const iterations = name === 'ppo' ? settings.iterations : 1;
  const h = { ...hyperparameters, dropout: 0 };
  const spec = policySpec({ baseModelDigest: digest, algorithm, samples, iterations, hyperparameters: h });
  const tools = { engine, store: workshop.store };
  const base = await loadModel(workshop.store, digest);
  const { config } = base.manifest;
  if (!isDecoder(config)) throw new Error('a decoder is needed');
  const plan = planLanguageModel(base.manifest, { dropout: 0, freeze: { kind: 'none' }, adapter: null });
  const parameters = engine.createParameters(plannedParameters(plan));
  await fillParameters(parameters, base.weights, new Map());
  // Batches of 3 rows, of 2 where pairs stay together: TRL computes all together.
  const scoring = { batchSize: 3, mostTargets: maxTokens, temperature };
  const ofReference = await openReference(tools, { base }, spec, scoring);
  const scorer = openTokenScorer(engine, parameters, languageReading(config, plan), scoring);
  const step = createPolicyStep(
    engine,
    parameters,
    { config, plan },
    { algorithm, temperature, maxTokens, batchSize: 3 },
  );
  const valueModel = isPpo(spec) ? await openValueModel(tools, base, spec, 3) : null;

  /** The completions of a round with the log-probabilities that the policy gives them now. */
  async function roundOf(round: number) {
    const drawn = given.completions[round]!.flatMap((group, prompt) =>
      group.slice(0, samples).map((ids, sample) => ({
        prompt,
        sample,
        ids: Int32Array.from(ids),
        isTruncated: ids.at(-1) !== given.end,
      })),
    );
    const tokens = rolloutRows(prompts, drawn);
    const scores = await scorer.score(tokens, beat);
    let at = 0;
    const rollouts = drawn.map((rollout) => {
      const logProbabilities = scores.slice(at, at + rollout.ids.length);
      at += rollout.ids.length;
      return { ...rollout, logProbabilities, entropies: logProbabilities, text: '' };
    });
    return { rollouts, tokens, scores };
  }

  const expected: Run = reference[name];
  try {
    const before = (await roundOf(0)).scores;
    for (const round of given.completions.keys()) {
      const total = Float64Array.from(given.rewards[round]!.flatMap((group) => group.slice(0, samples)));
      const { rollouts } = await roundOf(round);
      const scores = { total, bySource: [{ name: 'given', weight: 1, values: total }] };
      const groups = { kept: { prompts, rollouts, scores }, groups: 2, equalGroups: 0, replacements: 0 };
      const policy = { parameters, step, reference: ofReference };
      const options = () => ({ policy: rule(), values: rule() });
      const { loss, samples: metrics } =
        valueModel !== null && isPpo(spec)
          ? await updatePpo(
              { ...policy, valueModel },
              spec,
              groups,
              { step: round + 1, klWeight: settings.klWeight, options },
              beat,
            )
          : await updatePolicy(policy, spec, groups, { epoch: 0, reads: true, options: rule }, beat);
      expect(loss / (name === 'ipo' ? 10 : 1), `round ${round}`).toBeCloseTo(
        expected.losses[round]! / (name === 'ipo' ? 10 : 1),
        4,
      );
      if (expected.valueLosses === undefined) continue;
      const valueLoss = metrics.find(({ key }) => key === 'train/valueLoss')!.value!;
      expect(valueLoss, `values of round ${round}`).toBeCloseTo(expected.valueLosses[round]!, 4);
    }
    const { scores, tokens } = await roundOf(0);
    const differences = expected.logProbabilities.flat().map((value, token) => Math.abs(value - scores[token]!));
    expect(Math.max(...scores.map((value, token) => Math.abs(value - before[token]!)))).toBeGreaterThan(0.3);
    expect(Math.max(...differences)).toBeLessThan(0.01);
    if (valueModel === null) return;
    const values = await valueModel.values(tokens, beat);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.02);
    const ofValues = expected.values!.flat().map((value, token) => Math.abs(value - values[token]!));
    expect(Math.max(...ofValues)).toBeLessThan(0.005);
  } finally {
    await valueModel?.release();
    await step.release();
    await scorer.release();
    await ofReference.release();
    parameters.release();
    await base.weights.close();
  }
});
