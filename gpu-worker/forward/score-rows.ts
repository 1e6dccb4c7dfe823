import type { Tensor } from '@tensorflow/tfjs-core';
import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { longestText } from '../../src/protocol/architectures/index.js';
import type { TokenLogits } from '../architectures/token-logits.js';
import { planByTokens } from '../data/batch-plan.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { DynamicForward, Engine, ParameterStore, Tensors } from '../engine/types.js';
import { targetLogProbabilities } from '../losses/chunked-cross-entropy.js';
import type { PredictedTokens } from '../metrics/language-scores.js';
import { atTargets, feedTargets, layTargetsOut, rowSource, targetInputs, targetsDimension } from './row-source.js';

/** How a language model's logits are computed. */
export interface LanguageReading {
  readonly config: TransformerConfig;
  /** States of all tokens, without dropout: [B·T,H]. */
  readonly states: (parameters: Tensors, inputs: Tensors) => Tensor;
  /** What logits are the product of: of states at targets [N,H]. */
  readonly logits: (parameters: Tensors, states: Tensor) => TokenLogits;
}

/** Tokens of a batch; see `batchForward`. */
const tokensPerBatch = 1024;
const mostRows = 32;

/** Sums over the targets of all rows, and of each. */
interface RowSums extends Omit<PredictedTokens, 'bytes'> {
  /** [R] */
  readonly natsOf: Float64Array;
  /** [R] */
  readonly rightOf: Int32Array;
}

/** Scores rows of tokens with the parameters that a store has at the time. */
export interface RowScorer {
  /**
   * @param onBatch called after every batch with the number of rows that are done: it can give a sign of life, or throw
   *   in order to stop
   */
  score(onBatch: (rowsDone: number) => void): Promise<RowSums>;
  release(): Promise<void>;
}

/** The graph is compiled when it is first needed. */
export function rowScorer(
  engine: Engine,
  store: ParameterStore,
  rows: TokenRows,
  { config, states, logits }: LanguageReading,
): RowScorer {
  const source = rowSource(rows);
  const meanLength = rows.ids.length / Math.max(1, rows.lengths.length);
  const B = Math.max(1, Math.min(mostRows, rows.lengths.length, Math.floor(tokensPerBatch / Math.max(1, meanLength))));
  const layout = layTargetsOut(rows, B, config.vocabularySize);
  let compiled: Promise<DynamicForward> | null = null;
  const compile = () =>
    engine.compileDynamicForward(
      store,
      { ...source.inputs<number | string>(B, 'length'), ...targetInputs(layout, B, 'length') },
      (parameters, inputs) => {
        const { taken, targets } = atTargets(states(parameters, inputs), inputs);
        const { rows: read, table } = logits(parameters, taken);
        return { ...targetLogProbabilities(read, table, targets) };
      },
      { maxima: { length: longestText(config) } },
    );
  return {
    async score(onBatch) {
      compiled ??= compile();
      const graph = await compiled;
      let [tokens, nats, right, done] = [0, 0, 0, 0];
      const natsOf = new Float64Array(rows.lengths.length);
      const rightOf = new Int32Array(rows.lengths.length);
      for (const batch of planByTokens(rows.lengths, { tokens: Number.POSITIVE_INFINITY, mostRows: B })) {
        const fed = feedTargets(rows, batch, B, layout, 0);
        const outputs = await graph.run(
          { ...source.feeds(batch, B), ...fed.feeds },
          { length: batch.length, [targetsDimension]: fed.perChunk },
        );
        // Targets come in the order of the batch's rows.
        let target = 0;
        for (const row of batch.examples) {
          for (const end = target + rows.targetCounts[row]!; target < end; target++) {
            nats -= outputs.logProbabilities![target]!;
            right += outputs.right![target]!;
            natsOf[row]! -= outputs.logProbabilities![target]!;
            rightOf[row]! += outputs.right![target]!;
          }
        }
        tokens += fed.count;
        done += batch.examples.length;
        onBatch(done);
      }
      return { tokens, nats, right, natsOf, rightOf };
    },
    release: async () => (await compiled)?.release(),
  };
}
