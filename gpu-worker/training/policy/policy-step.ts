import type { PolicyAlgorithm } from '../../../src/protocol/methods/policy-optimization.js';
import { completionBatch } from '../../../src/protocol/models-beside.js';
import { planByTokens } from '../../data/batch-plan.js';
import type { Engine, ParameterStore } from '../../engine/types.js';
import { clippedPolicyLoss, type PolicyLossSettings } from '../../losses/policy/clipped-policy-loss.js';
import { type Aggregation, shareInRow, tokenWeights } from '../../losses/policy/token-weights.js';
import {
  type CompletionLoss,
  type CompletionStepOptions,
  createCompletionStep,
  type PolicyRows,
  type PolicyStep,
  valuesOfBatch,
} from './completion-step.js';
import type { PolicyInput } from './load-prompts.js';
import { pairLoss } from './pair-step.js';

/** Rows of a batch, by how long a prompt with its completion usually is. */
export function rowsOfBatch(prompts: PolicyInput['training'], maxTokens: number): number {
  const mean = prompts.reduce((sum, { ids }) => sum + ids.length, 0) / prompts.length;
  const { tokens, mostRows } = completionBatch;
  return Math.max(1, Math.min(mostRows, Math.floor(tokens / (mean + maxTokens))));
}

/** Makes the step of an algorithm: losses of single completions are clipped, those of pairs are not. */
export function createPolicyStep(
  engine: Engine,
  parameters: ParameterStore,
  input: Parameters<typeof createCompletionStep>[2],
  { algorithm, ...options }: CompletionStepOptions & { readonly algorithm: PolicyAlgorithm },
): PolicyStep {
  if (algorithm.kind === 'onlineDpo') {
    const batchSize = Math.max(2, options.batchSize - (options.batchSize % 2));
    return createCompletionStep(
      engine,
      parameters,
      input,
      { ...options, batchSize },
      pairLoss(algorithm.loss, batchSize),
    );
  }
  return createCompletionStep(engine, parameters, input, options, clippedLoss(algorithm, options));
}

/** An algorithm whose loss is that of single completions. */
export type ClippedAlgorithm = Exclude<PolicyAlgorithm, { kind: 'onlineDpo' }>;

function clippedLoss(
  algorithm: ClippedAlgorithm,
  { batchSize: B, maxTokens }: Pick<CompletionStepOptions, 'batchSize' | 'maxTokens'>,
): CompletionLoss {
  const { settings, aggregation, ratioOf } = lossOf(algorithm, B);
  const readsReference = settings.klWeight !== 0;
  return {
    inputs: (shape) => ({
      written: { shape, dtype: 'float32' },
      ...(readsReference ? { reference: { shape, dtype: 'float32' } } : {}),
      advantages: { shape, dtype: 'float32' },
      rowOf: { shape, dtype: 'int32' },
      inRow: { shape, dtype: 'float32' },
    }),
    loss: (logProbabilities, fed) =>
      clippedPolicyLoss(
        {
          logProbabilities,
          written: fed.written!,
          reference: readsReference ? fed.reference! : null,
          advantages: fed.advantages!,
          weights: fed.weights!,
          rowOf: fed.rowOf!,
          inRow: fed.inRow!,
        },
        settings,
      ),
    batches: ({ tokens }) => planByTokens(tokens.lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: B }),
    feeds(rows, batches) {
      const weights = weightsOf(rows, batches, aggregation, maxTokens);
      return (batch, count) => {
        const ofRows = {
          weights: new Float32Array(count),
          rowOf: new Int32Array(count),
          inRow: new Float32Array(count),
        };
        let target = 0;
        for (const [index, row] of batch.examples.entries()) {
          const length = rows.tokens.targetCounts[row]!;
          ofRows.weights.fill(weights[row]!, target, target + length);
          ofRows.rowOf.fill(index, target, target + length);
          ofRows.inRow.fill(shareInRow(ratioOf, length), target, target + length);
          target += length;
        }
        return {
          ...ofRows,
          written: valuesOfBatch(rows.written, rows, batch, count),
          advantages: valuesOfBatch(rows.advantages, rows, batch, count),
          ...(readsReference ? { reference: valuesOfBatch(rows.reference!, rows, batch, count) } : {}),
        };
      };
    },
  };
}

/** What the tokens of each row count in the loss: [R]. */
function weightsOf(
  { tokens, counts }: Pick<PolicyRows, 'tokens' | 'counts'>,
  batches: ReturnType<CompletionLoss['batches']>,
  aggregation: Aggregation,
  maxTokens: number,
): Float64Array {
  const batchOf = new Int32Array(tokens.lengths.length);
  for (const [index, { examples }] of batches.entries()) for (const row of examples) batchOf[row] = index;
  return tokenWeights(
    Array.from(tokens.targetCounts, (length, row) => ({ length, counts: counts[row]!, batch: batchOf[row]! })),
    aggregation,
    maxTokens,
  );
}

/** How an algorithm's loss is computed in batches of B rows. */
export function lossOf(
  algorithm: ClippedAlgorithm,
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
    case 'ppo': {
      // Advantages are of tokens, and the divergence is in their rewards. At a positive advantage the clip comes before
      // the limit, since that is above 1 + clip.high: what is left is the dual clip.
      const settings = { ratioOf: 'token', ...clip, most: algorithm.mostRatio, klWeight: 0, rows: B } as const;
      return { settings, aggregation: 'token', ratioOf: 'token' };
    }
    default:
      return algorithm satisfies never;
  }
}
