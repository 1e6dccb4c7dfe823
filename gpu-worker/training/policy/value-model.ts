import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { longestText } from '../../../src/protocol/architectures/index.js';
import { rewardHeadOf } from '../../../src/protocol/heads.js';
import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import { valueModelProblem } from '../../../src/protocol/value-model-fit.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { tokenStates } from '../../architectures/transformer.js';
import { planByTokens } from '../../data/batch-plan.js';
import type { TokenRows } from '../../data/token-sequences.js';
import type { DynamicInputSpec, ParameterSpec, ParameterStore } from '../../engine/types.js';
import { tokensOf } from '../../forward/example-source.js';
import { fillParameters, initialValues } from '../../forward/initial-values.js';
import { type ModelPlan, planModel, plannedParameters } from '../../forward/model-plan.js';
import { atTargets, feedTargets, rowSource, targetInputs, targetsDimension } from '../../forward/row-source.js';
import { firstTargets } from '../../forward/score-tokens.js';
import { headShapes, headTensors, headOf as ofModel } from '../../heads/index.js';
import { valueLoss } from '../../losses/policy/value-loss.js';
import { type LoadedModel, loadModel } from '../../models/load-model.js';
import { linear } from '../../nn/linear.js';
import { withoutDropout } from '../../nn/without-dropout.js';
import { ProblemError } from '../../problem-error.js';
import { trainingSteps } from '../training-steps.js';
import type { TrainingTools } from '../training-tools.js';
import { valuesOfBatch } from './completion-step.js';
import type { PolicyInput } from './load-prompts.js';

/** What values are learned from, over the tokens of completions: each [N]. */
interface ValueRows {
  readonly tokens: TokenRows;
  /** What the model expected when the completions were written. */
  readonly before: Float32Array;
  readonly returns: Float32Array;
}

/** A model that expects, before each token of a completion, what is still to be earned. */
export interface ValueModel {
  readonly parameters: ParameterStore;
  /** Whether it begins as a reward model; else it begins as the base model and expects 0. */
  readonly isFromReward: boolean;
  /** [N] of the tokens of completions, by the present parameters. */
  values(tokens: TokenRows, onBatch: () => void): Promise<Float32Array>;
  /** Adds the gradient of the loss, a mean over all tokens, to the accumulators. */
  learn(rows: ValueRows, onBatch: () => void): Promise<{ readonly loss: number; readonly values: Float32Array }>;
  release(): Promise<void>;
}

/** A spec whose algorithm is PPO. */
export type PpoSpec = PolicyOptimizationSpec & {
  readonly algorithm: PolicyOptimizationSpec['algorithm'] & { readonly kind: 'ppo' };
};

export function isPpo(spec: PolicyOptimizationSpec): spec is PpoSpec {
  return spec.algorithm.kind === 'ppo';
}

const [weightName, biasName] = ['value.weight', 'value.bias'];

/**
 * Opens the value model: weights of its own, those of a reward model or of the base model, of which the same parts are
 * trained as of the policy, and a linear map from the state before a token to a number.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, INVALID_VALUE (it does not fit the base model)
 */
export async function openValueModel(
  tools: Pick<TrainingTools, 'engine' | 'store'>,
  base: LoadedModel,
  spec: PpoSpec,
  batchSize: number,
): Promise<ValueModel> {
  const { valueModel } = spec.algorithm;
  if (valueModel === null) return valueModelOf(tools, base, spec, batchSize);
  const reward = await loadModel(tools.store, valueModel.modelDigest);
  try {
    const problem = valueModelProblem(base.manifest, reward.manifest);
    if (problem !== null) {
      const path = ['method', 'policyOptimization', 'algorithm', 'ppo', 'valueModelId'];
      throw new ProblemError({ path, code: 'INVALID_VALUE', ...problem });
    }
    return await valueModelOf(tools, reward, spec, batchSize);
  } finally {
    await reward.weights.close();
  }
}

async function valueModelOf(
  { engine }: Pick<TrainingTools, 'engine'>,
  model: LoadedModel,
  spec: PpoSpec,
  batchSize: number,
): Promise<ValueModel> {
  const { config } = model.manifest;
  if (!isDecoder(config)) throw new RangeError('a value model is a decoder');
  const { freeze, adapter, seed } = spec.hyperparameters;
  const plan = planModel(model.manifest, [], { pooling: null, dropout: 0, freeze, adapter });
  const parameters = engine.createParameters([...plannedParameters(plan), ...headOf(config.hiddenSize)]);
  try {
    const initial = new Map([...initialValues(plan, seed, []), ...(await headValues(model, spec))]);
    await fillParameters(parameters, model.weights, initial);
  } catch (error) {
    parameters.release();
    throw error;
  }
  const graphs = graphsOf(engine, parameters, plan, config, spec.algorithm.valueClip, batchSize);
  return {
    parameters,
    isFromReward: spec.algorithm.valueModel !== null,
    ...graphs,
    async release() {
      await graphs.release();
      parameters.release();
    },
  };
}

function headOf(H: number): ParameterSpec[] {
  return [
    { name: weightName, shape: [1, H], trainable: true, decay: true },
    { name: biasName, shape: [1], trainable: true, decay: false },
  ];
}

/**
 * The map of a reward model, brought to the scale of the rewards that are learned: its output less its mean over
 * held-out answers, by their deviation, times the weight that it has among the rewards. Zeros of a model without one.
 */
async function headValues(
  { digest, manifest, weights }: LoadedModel,
  { algorithm, rewards }: PpoSpec,
): Promise<Map<string, Float32Array>> {
  const head = algorithm.valueModel === null ? null : rewardHeadOf(manifest);
  if (head === null) {
    const none = new Float32Array(manifest.config.hiddenSize);
    return new Map([
      [weightName, none],
      [biasName, new Float32Array(1)],
    ]);
  }
  const names = headTensors(head.task);
  const among = rewards.find(({ source }) => 'modelDigest' in source && source.modelDigest === digest);
  const scale = (among?.weight ?? 1) / head.scale;
  const weight = await weights.read(names.weight);
  const hasBias = headShapes(ofModel(head), manifest.config).some(({ name }) => name === names.bias);
  const bias = hasBias ? (await weights.read(names.bias))[0]! : 0;
  return new Map([
    [weightName, weight.map((each) => each * scale)],
    [biasName, Float32Array.of((bias - head.mean) * scale)],
  ]);
}

function graphsOf(
  engine: TrainingTools['engine'],
  parameters: ParameterStore,
  plan: ModelPlan,
  config: PolicyInput['config'],
  clip: number | null,
  B: number,
) {
  const layout = { chunks: 1, vocabularySize: config.vocabularySize };
  const shape = [1, targetsDimension];
  const run = { ...plan.reading, random: withoutDropout };
  const inputs = (length: number | string): Record<string, DynamicInputSpec> => {
    const { rows, slots } = targetInputs(layout, B, length);
    return {
      ids: { shape: [B, length], dtype: 'int32' },
      mask: { shape: [B, length], dtype: 'float32' },
      rows: rows!,
      slots: slots!,
    };
  };
  const valuesAt = (weights: Readonly<Record<string, Tensor>>, fed: Readonly<Record<string, Tensor>>) => {
    const { taken } = atTargets(tokenStates(weights, tokensOf(fed), config, run), fed);
    return flat(linear(taken, weights[weightName]!, weights[biasName]!)); //                           [N]
  };
  const steps = trainingSteps(config, (length, options) =>
    engine.compileStep(
      parameters,
      {
        ...inputs(length),
        before: { shape, dtype: 'float32' },
        returns: { shape, dtype: 'float32' },
        weights: { shape, dtype: 'float32' },
      },
      (weights, given) => {
        const fed = given as Readonly<Record<string, Tensor>>;
        const values = valuesAt(weights as Readonly<Record<string, Tensor>>, fed);
        const targets = {
          values,
          before: flat(fed.before!),
          returns: flat(fed.returns!),
          weights: flat(fed.weights!),
        };
        return { loss: valueLoss(targets, clip), metrics: { values } };
      },
      options,
    ),
  );
  const forwards = engine.compileDynamicForward(
    parameters,
    inputs('length'),
    (weights, fed) => ({
      values: valuesAt(weights as Readonly<Record<string, Tensor>>, fed as Readonly<Record<string, Tensor>>),
    }),
    { maxima: { length: longestText(config) } },
  );

  /** Runs all rows in batches; `compute` gives the values of a batch's tokens, in their order. */
  async function perToken(
    tokens: TokenRows,
    onBatch: () => void,
    compute: (batch: ReturnType<typeof planByTokens>[number], fed: ReturnType<typeof fedOf>) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const starts = firstTargets(tokens);
    const all = new Float32Array(starts.at(-1)!);
    const source = rowSource(tokens);
    for (const batch of planByTokens(tokens.lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: B })) {
      const found = await compute(batch, fedOf(tokens, batch, source));
      let target = 0;
      for (const row of batch.examples) {
        const count = tokens.targetCounts[row]!;
        all.set(found.subarray(target, target + count), starts[row]!);
        target += count;
      }
      onBatch();
    }
    return all;
  }

  function fedOf(
    tokens: TokenRows,
    batch: ReturnType<typeof planByTokens>[number],
    source: ReturnType<typeof rowSource>,
  ) {
    const { feeds, perChunk } = feedTargets(tokens, batch, B, layout, 0);
    const { rows, slots } = feeds;
    return { feeds: { ...source.feeds(batch, B), rows: rows!, slots: slots! }, perChunk };
  }

  return {
    values: (tokens: TokenRows, onBatch: () => void) =>
      perToken(tokens, onBatch, async (batch, { feeds, perChunk }) => {
        const graph = await forwards;
        const outputs = await graph.run(feeds, { length: batch.length, [targetsDimension]: perChunk });
        return outputs.values as Float32Array;
      }),
    async learn(rows: ValueRows, onBatch: () => void) {
      const each = 1 / rows.before.length;
      let loss = 0;
      const values = await perToken(rows.tokens, onBatch, async (batch, { feeds, perChunk }) => {
        const of = (numbers: Float32Array) => valuesOfBatch(numbers, rows, batch, perChunk);
        const count = batch.examples.reduce((sum, row) => sum + rows.tokens.targetCounts[row]!, 0);
        const given = {
          ...feeds,
          before: of(rows.before),
          returns: of(rows.returns),
          weights: new Float32Array(perChunk).fill(each, 0, count),
        };
        const step = await steps.at(batch.length);
        const sizes = { [targetsDimension]: perChunk };
        const result = await step.run(given, { seed: 0, step: 0, scale: 1, sizes });
        loss += result.loss;
        return result.metrics.values!;
      });
      return { loss, values };
    },
    async release() {
      await steps.release();
      await (await forwards).release();
    },
  };
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
