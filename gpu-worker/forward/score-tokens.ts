import { div } from '@tensorflow/tfjs-core';
import { longestText } from '../../src/protocol/architectures/index.js';
import { planByTokens } from '../data/batch-plan.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { DynamicForward, Engine, ParameterStore } from '../engine/types.js';
import { targetLogProbabilities } from '../losses/chunked-cross-entropy.js';
import { chunksFor } from '../losses/target-chunks.js';
import { atTargets, feedTargets, rowSource, targetInputs, targetsDimension } from './row-source.js';
import type { LanguageReading } from './score-rows.js';

export interface TokenScorerOptions {
  /** Rows that are computed together. */
  readonly batchSize: number;
  /** Targets of a row at most. */
  readonly mostTargets: number;
  /** What logits are divided by; default 1. */
  readonly temperature?: number;
}

/** Scores rows of one sequence each, token by token, with the parameters that a store has at the time. */
export interface TokenScorer {
  /**
   * ln of the probability of each target, in the order in which targets stand in the rows: [N].
   *
   * @param onBatch called after every batch: it can give a sign of life, or throw in order to stop
   */
  score(rows: TokenRows, onBatch: () => void): Promise<Float32Array>;
  release(): Promise<void>;
}

/** The graph, which never holds more than a chunk's logits, is compiled when it is first needed. */
export function openTokenScorer(
  engine: Engine,
  store: ParameterStore,
  { config, states, logits }: LanguageReading,
  { batchSize: B, mostTargets, temperature = 1 }: TokenScorerOptions,
): TokenScorer {
  const layout = {
    chunks: chunksFor(B * mostTargets, config.vocabularySize),
    vocabularySize: config.vocabularySize,
  };
  let compiled: Promise<DynamicForward> | null = null;
  const compile = () =>
    engine.compileDynamicForward(
      store,
      {
        ids: { shape: [B, 'length'], dtype: 'int32' },
        mask: { shape: [B, 'length'], dtype: 'float32' },
        ...targetInputs(layout, B, 'length'),
      },
      (parameters, inputs) => {
        const { taken, targets } = atTargets(states(parameters, inputs), inputs);
        const { rows, table } = logits(parameters, taken);
        const scaled = temperature === 1 ? rows : div(rows, temperature);
        return { logProbabilities: targetLogProbabilities(scaled, table, targets).logProbabilities };
      },
      { maxima: { length: longestText(config) } },
    );
  return {
    async score(rows, onBatch) {
      compiled ??= compile();
      const graph = await compiled;
      const source = rowSource(rows);
      const starts = firstTargets(rows);
      const scores = new Float32Array(starts.at(-1)!);
      for (const batch of planByTokens(rows.lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: B })) {
        const fed = feedTargets(rows, batch, B, layout, 0);
        const outputs = await graph.run(
          { ...source.feeds(batch, B), ...fed.feeds },
          { length: batch.length, [targetsDimension]: fed.perChunk },
        );
        // Targets come in the order of the batch's rows.
        const scored = outputs.logProbabilities as Float32Array;
        let target = 0;
        for (const row of batch.examples) {
          const count = rows.targetCounts[row]!;
          scores.set(scored.subarray(target, target + count), starts[row]!);
          target += count;
        }
        onBatch();
      }
      return scores;
    },
    release: async () => (await compiled)?.release(),
  };
}

/** [R+1]: the place of each row's first target among those of all rows. */
export function firstTargets({ targetCounts }: Pick<TokenRows, 'targetCounts'>): Int32Array {
  const starts = new Int32Array(targetCounts.length + 1);
  for (const [row, count] of targetCounts.entries()) starts[row + 1] = starts[row]! + count;
  return starts;
}
