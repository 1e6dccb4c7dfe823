import { div, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { PolicyAlgorithm } from '../../../src/protocol/methods/policy-optimization.js';
import { tokenLogits } from '../../architectures/token-logits.js';
import { tokenStates } from '../../architectures/transformer.js';
import { planByTokens } from '../../data/batch-plan.js';
import type { TokenRows } from '../../data/token-sequences.js';
import type { DynamicInputSpec, Engine, Feeds, ParameterStore } from '../../engine/types.js';
import { tokensOf } from '../../forward/example-source.js';
import type { ModelPlan } from '../../forward/model-plan.js';
import { atTargets, feedTargets, rowSource, targetInputs, targetsDimension } from '../../forward/row-source.js';
import { firstTargets } from '../../forward/score-tokens.js';
import { clippedPolicyLoss, type PolicyLossSettings } from '../../losses/policy/clipped-policy-loss.js';
import { type Aggregation, shareInRow, tokenWeights } from '../../losses/policy/token-weights.js';
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
  /** [R] */
  readonly advantages: Float64Array;
  /** [R]: whether the completion's tokens count in the loss. */
  readonly counts: readonly boolean[];
}

export interface PolicyStepResult {
  readonly loss: number;
  /** [N]: ln of the probability that the policy gives each token, before the update. */
  readonly logProbabilities: Float32Array;
}

export interface PolicyStepOptions {
  readonly algorithm: PolicyAlgorithm;
  readonly temperature: number;
  /** Tokens of a completion at most. */
  readonly maxTokens: number;
  /** Rows that are computed together: see `rowsOfBatch`. */
  readonly batchSize: number;
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

/** Tokens of a batch: more do not make a step faster, and take more memory. */
const tokensOfBatch = 2048;
const mostRows = 32;

/** Rows of a batch, by how long a prompt with its completion usually is. */
export function rowsOfBatch(prompts: PolicyInput['training'], maxTokens: number): number {
  const mean = prompts.reduce((sum, { ids }) => sum + ids.length, 0) / prompts.length;
  return Math.max(1, Math.min(mostRows, Math.floor(tokensOfBatch / (mean + maxTokens))));
}

/**
 * Makes the step of a policy's training. Dropout is off: with it, the ratios of probabilities between trainer and
 * generator would be noise.
 */
export function createPolicyStep(
  engine: Engine,
  parameters: ParameterStore,
  { config, plan }: { readonly config: PolicyInput['config']; readonly plan: ModelPlan },
  { algorithm, temperature, maxTokens, batchSize: B }: PolicyStepOptions,
): PolicyStep {
  const V = config.vocabularySize;
  const layout = { chunks: chunksFor(B * maxTokens, V), vocabularySize: V };
  const { settings, aggregation, ratioOf } = lossOf(algorithm, B);
  const readsReference = settings.klWeight !== 0;
  const trainsTable = plan.lora === null;
  const run = { ...plan.reading, random: withoutDropout };
  const shape = [layout.chunks, targetsDimension];
  const ofPolicy: Record<string, DynamicInputSpec> = {
    written: { shape, dtype: 'float32' },
    ...(readsReference ? { reference: { shape, dtype: 'float32' } } : {}),
    advantages: { shape, dtype: 'float32' },
    rowOf: { shape, dtype: 'int32' },
    inRow: { shape, dtype: 'float32' },
  };
  const steps = trainingSteps(config, (length, options) =>
    engine.compileStep(
      parameters,
      {
        ids: { shape: [B, length], dtype: 'int32' },
        mask: { shape: [B, length], dtype: 'float32' },
        ...targetInputs(layout, B, length),
        ...ofPolicy,
      },
      (weights, inputs) => {
        const states = tokenStates(weights, tokensOf(inputs), config, run);
        const { taken, targets } = atTargets(states, inputs);
        const { rows, table } = tokenLogits(weights, taken, config, run);
        const scaled = temperature === 1 ? rows : div(rows, temperature);
        const { logProbabilities } = tokenLogProbabilities(scaled, table, targets, { trainsTable });
        const fed = inputs as Readonly<Record<string, Tensor>>;
        const loss = clippedPolicyLoss(
          {
            logProbabilities: flat(logProbabilities),
            written: flat(fed.written!),
            reference: readsReference ? flat(fed.reference!) : null,
            advantages: flat(fed.advantages!),
            weights: flat(targets.weights),
            rowOf: flat(fed.rowOf!),
            inRow: flat(fed.inRow!),
          },
          settings,
        );
        return { loss, metrics: { logProbabilities: flat(logProbabilities) } };
      },
      options,
    ),
  );

  return {
    async run(rows, onBatch) {
      const { tokens } = rows;
      const source = rowSource(tokens);
      const starts = firstTargets(tokens);
      const batches = planByTokens(tokens.lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: B });
      const batchOf = new Int32Array(tokens.lengths.length);
      for (const [index, { examples }] of batches.entries()) for (const row of examples) batchOf[row] = index;
      const weights = tokenWeights(
        Array.from(tokens.targetCounts, (length, row) => ({
          length,
          counts: rows.counts[row]!,
          batch: batchOf[row]!,
        })),
        aggregation,
        maxTokens,
      );
      const logProbabilities = new Float32Array(rows.written.length);
      let loss = 0;
      for (const batch of batches) {
        const fed = feedTargets(tokens, batch, B, layout, 0);
        const policy = feedPolicy(rows, batch.examples, starts, weights, {
          count: layout.chunks * fed.perChunk,
          ratioOf,
          readsReference,
        });
        const step = await steps.at(batch.length);
        const feeds = { ...source.feeds(batch, B), ...fed.feeds, ...policy };
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

/** What a batch's targets are fed with, in their order: that of the batch's rows. */
function feedPolicy(
  { tokens, written, reference, advantages }: PolicyRows,
  examples: Int32Array,
  starts: Int32Array,
  weights: Float64Array,
  {
    count,
    ratioOf,
    readsReference,
  }: {
    readonly count: number;
    readonly ratioOf: PolicyLossSettings['ratioOf'];
    readonly readsReference: boolean;
  },
): Feeds {
  const fed = {
    written: new Float32Array(count),
    ...(readsReference ? { reference: new Float32Array(count) } : {}),
    advantages: new Float32Array(count),
    weights: new Float32Array(count),
    rowOf: new Int32Array(count),
    inRow: new Float32Array(count),
  };
  let target = 0;
  for (const [index, row] of examples.entries()) {
    const length = tokens.targetCounts[row]!;
    const [start, end] = [starts[row]!, starts[row]! + length];
    fed.written.set(written.subarray(start, end), target);
    fed.reference?.set(reference!.subarray(start, end), target);
    fed.advantages.fill(advantages[row]!, target, target + length);
    fed.weights.fill(weights[row]!, target, target + length);
    fed.rowOf.fill(index, target, target + length);
    fed.inRow.fill(shareInRow(ratioOf, length), target, target + length);
    target += length;
  }
  return fed;
}

/** How an algorithm's loss is computed in batches of B rows. */
export function lossOf(
  algorithm: PolicyAlgorithm,
  B: number,
): {
  readonly settings: PolicyLossSettings;
  readonly aggregation: Aggregation;
  readonly ratioOf: PolicyLossSettings['ratioOf'];
} {
  const { clip } = algorithm;
  switch (algorithm.kind) {
    case 'rloo': {
      // The divergence is in the rewards. The mean over tokens of what is equal for all is the completion's.
      const settings = { ratioOf: 'sequence', ...clip, most: null, klWeight: 0, rows: B } as const;
      return { settings, aggregation: 'sequence', ratioOf: settings.ratioOf };
    }
    case 'grpo': {
      const ratioOf = algorithm.ratioOf === 'token' ? 'token' : 'sequenceMean';
      const { mostRatio: most, klWeight } = algorithm;
      return { settings: { ratioOf, ...clip, most, klWeight, rows: B }, aggregation: algorithm.aggregation, ratioOf };
    }
    default:
      return algorithm satisfies never;
  }
}

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
