import { div, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { tokenLogits } from '../../architectures/token-logits.js';
import { tokenStates } from '../../architectures/transformer.js';
import type { Batch } from '../../data/batch-plan.js';
import type { TokenRows } from '../../data/token-sequences.js';
import type { DynamicInputSpec, Engine, Feeds, ParameterStore } from '../../engine/types.js';
import { tokensOf } from '../../forward/example-source.js';
import type { ModelPlan } from '../../forward/model-plan.js';
import { atTargets, feedTargets, rowSource, targetInputs, targetsDimension } from '../../forward/row-source.js';
import { firstTargets } from '../../forward/score-tokens.js';
import { chunksFor } from '../../losses/target-chunks.js';
import { tokenLogProbabilities } from '../../losses/token-log-probabilities.js';
import { withoutDropout } from '../../nn/without-dropout.js';
import { trainingSteps } from '../training-steps.js';
import type { PolicyInput } from './load-prompts.js';

/** The completions of an update: R rows with N tokens in all. */
export interface PolicyRows {
  /** Prompts with their completions, whose tokens are the targets. */
  readonly tokens: TokenRows;
  /** [N]: ln of the probability that the token was drawn with. */
  readonly written: Float32Array;
  /** [N]: the same by the reference; null where the loss does not read it. */
  readonly reference: Float32Array | null;
  /** [N]: the advantage of each token, which is its completion's unless values of tokens are known. */
  readonly advantages: Float32Array;
  /** [R]: whether the completion's tokens count in the loss. */
  readonly counts: readonly boolean[];
  /** Of pairs: how far log-ratios are stretched before they are compared; null for an algorithm without pairs. */
  readonly beta: number | null;
}

interface PolicyStepResult {
  readonly loss: number;
  /** [N]: ln of the probability that the policy gives each token, before the update. */
  readonly logProbabilities: Float32Array;
}

/** Computes gradients of the policy's loss. The order of rows changes nothing but rounding. */
export interface PolicyStep {
  /**
   * Adds the gradient of the update's loss to the parameters' accumulators.
   *
   * @param onBatch called after every batch: it can give a sign of life, or throw in order to stop
   */
  run(rows: PolicyRows, onBatch: () => void): Promise<PolicyStepResult>;
  release(): Promise<void>;
}

export interface CompletionStepOptions {
  readonly temperature: number;
  /** Tokens of a completion at most. */
  readonly maxTokens: number;
  /** Rows that are computed together: see `rowsOfBatch`. */
  readonly batchSize: number;
}

/** A loss of the log-probabilities of a batch's tokens, and what it is fed with. */
export interface CompletionLoss {
  /** Inputs beside the tokens; those of the shape `targetShape(options)` come flat, [N]. */
  inputs(targetShape: readonly (number | string)[]): Readonly<Record<string, DynamicInputSpec>>;
  /** logProbabilities [N], fed: each input of `inputs`, flat → scalar */
  loss(logProbabilities: Tensor, fed: Readonly<Record<string, Tensor>>): Tensor;
  /** Which rows are computed together. */
  batches(rows: PolicyRows): readonly Batch[];
  /**
   * What a batch is fed with; the tokens of its rows come one row after the other.
   *
   * @param count of targets that arrays have room for
   */
  feeds(rows: PolicyRows, batches: readonly Batch[]): (batch: Batch, count: number) => Feeds;
}

function layoutOf({ batchSize, maxTokens }: CompletionStepOptions, vocabularySize: number) {
  return { chunks: chunksFor(batchSize * maxTokens, vocabularySize), vocabularySize };
}

/**
 * Makes the step of a policy's training with any loss of the tokens' log-probabilities. Dropout is off: with it, the
 * ratios of probabilities between trainer and generator would be noise.
 */
export function createCompletionStep(
  engine: Engine,
  parameters: ParameterStore,
  { config, plan }: { readonly config: PolicyInput['config']; readonly plan: ModelPlan },
  options: CompletionStepOptions,
  { inputs, loss: lossOf, batches: batchesOf, feeds: feedsOf }: CompletionLoss,
): PolicyStep {
  const { temperature, batchSize: B } = options;
  const layout = layoutOf(options, config.vocabularySize);
  const trainsTable = plan.lora === null;
  const run = { ...plan.reading, random: withoutDropout };
  const own = inputs([layout.chunks, targetsDimension]);
  const steps = trainingSteps(config, (length, compiling) =>
    engine.compileStep(
      parameters,
      {
        ids: { shape: [B, length], dtype: 'int32' },
        mask: { shape: [B, length], dtype: 'float32' },
        ...targetInputs(layout, B, length),
        ...own,
      },
      (weights, fed) => {
        const states = tokenStates(weights, tokensOf(fed), config, run);
        const { taken, targets } = atTargets(states, fed);
        const { rows, table } = tokenLogits(weights, taken, config, run);
        const scaled = temperature === 1 ? rows : div(rows, temperature);
        const logProbabilities = flat(tokenLogProbabilities(scaled, table, targets, { trainsTable }).logProbabilities);
        const named = fed as Readonly<Record<string, Tensor>>;
        const flattened = Object.fromEntries(
          ['weights', ...Object.keys(own)].map((name) => [name, flat(named[name]!)]),
        );
        return { loss: lossOf(logProbabilities, flattened), metrics: { logProbabilities } };
      },
      compiling,
    ),
  );

  return {
    async run(rows, onBatch) {
      const { tokens } = rows;
      const source = rowSource(tokens);
      const starts = firstTargets(tokens);
      const batches = batchesOf(rows);
      const feedsOfBatch = feedsOf(rows, batches);
      const logProbabilities = new Float32Array(rows.written.length);
      let loss = 0;
      for (const batch of batches) {
        const fed = feedTargets(tokens, batch, B, layout, 0);
        const step = await steps.at(batch.length);
        const feeds = {
          ...source.feeds(batch, B),
          ...fed.feeds,
          ...feedsOfBatch(batch, layout.chunks * fed.perChunk),
        };
        const sizes = { [targetsDimension]: fed.perChunk };
        const result = await step.run(feeds, { seed: 0, step: 0, scale: 1, sizes });
        loss += result.loss;
        let target = 0;
        for (const row of batch.examples) {
          const count = tokens.targetCounts[row]!;
          const found = result.metrics.logProbabilities!.subarray(target, target + count);
          logProbabilities.set(found, starts[row]!);
          target += count;
        }
        onBatch();
      }
      return { loss, logProbabilities };
    },
    release: () => steps.release(),
  };
}

/** Values of tokens [N], those of a batch's rows in the order that the batch has, with room for `count` of them. */
export function valuesOfBatch(
  values: Float32Array,
  { tokens }: Pick<PolicyRows, 'tokens'>,
  { examples }: Batch,
  count: number,
): Float32Array {
  const starts = firstTargets(tokens);
  const fed = new Float32Array(count);
  let target = 0;
  for (const row of examples) {
    fed.set(values.subarray(starts[row]!, starts[row + 1]!), target);
    target += tokens.targetCounts[row]!;
  }
  return fed;
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
