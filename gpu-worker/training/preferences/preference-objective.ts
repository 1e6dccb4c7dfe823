import type { PreferenceOptimizationSpec } from '../../../src/protocol/methods/index.js';
import { selectRows } from '../../data/select-rows.js';
import type { StepResult } from '../../engine/types.js';
import type { ExampleSource } from '../../forward/example-source.js';
import { targetsDimension } from '../../forward/row-source.js';
import { firstTargets, type TokenScorer } from '../../forward/score-tokens.js';
import { metricSample } from '../../metrics/metric-samples.js';
import type { Objective } from '../fit.js';
import type { Update } from '../training-plan.js';
import { requireSame } from './check-reference.js';
import { type ExampleSums, sumsOfExample } from './example-sums.js';
import type { PreferenceInput } from './load-preferences.js';
import { areGoodOf, baselineOf, referenceSums } from './measure-preferences.js';
import { feedPreferences, layPreferencesOut, preferenceInputs, rowsOfBatch, weightsOf } from './preference-feeds.js';
import { preferenceLoss } from './preference-loss.js';
import { preferenceSamples, scorePreferences } from './preference-measures.js';
import { textsOfAll, widthOf } from './preference-texts.js';
import type { ScoredTexts } from './reference-scores.js';

/**
 * What preference optimization learns.
 * @param source of the training split's examples
 * @param scorer of the parameters that are trained
 * @param reference log-probabilities of the training split by the reference; null where the objective has none
 * @param onBatch gives a sign of life, or throws in order to stop
 */
export function preferenceObjective(
  { objective, hyperparameters, referenceDigest, baseModelDigest }: PreferenceOptimizationSpec,
  { config, plan, training }: Pick<PreferenceInput, 'config' | 'plan' | 'training'>,
  source: ExampleSource,
  scorer: TokenScorer,
  reference: ScoredTexts | null,
  onBatch: () => void,
): Objective {
  const { batchSize: B } = hyperparameters;
  const W = widthOf(training.examples);
  const layout = layPreferencesOut(training, B, config.vocabularySize);
  const ofReference = referenceSums(training, objective, reference);

  /** z₀ of an update: by the model as it is before it, of the prompts of all its batches. */
  async function baselineBefore({ batches }: Update): Promise<number> {
    const { mismatched, examples } = training;
    if (mismatched === null || reference?.mismatched == null) return 0;
    const texts = textsOfAll(examples, Int32Array.from(batches.flatMap(({ batch }) => Array.from(batch.examples))));
    const rows = selectRows(mismatched, texts);
    const starts = firstTargets(mismatched);
    const before = texts.map((text) => starts[text]!);
    const byReference = new Float32Array(firstTargets(rows).at(-1)!);
    let place = 0;
    for (const [index, text] of texts.entries()) {
      const part = reference.mismatched.subarray(before[index]!, starts[text + 1]!);
      byReference.set(part, place);
      place += part.length;
    }
    return baselineOf(await scorer.score(rows, onBatch), byReference, rows);
  }

  /** Sums of the examples of an update's batches, from the log-probabilities that their graphs gave out. */
  function sumsOf({ batches }: Update, results: readonly StepResult[]): ExampleSums[] {
    return batches.flatMap(({ batch }, index) => {
      const values = results[index]!.metrics.logProbabilities!;
      const rows = rowsOfBatch(training, batch).examples;
      const places = new Int32Array(rows.length + 1);
      for (const [row, text] of rows.entries()) places[row + 1] = places[row]! + training.rows.targetCounts[text]!;
      return Array.from(batch.examples, (example, position) =>
        sumsOfExample(
          training,
          objective,
          example,
          (side) => values.subarray(places[W * position + side]!, places[W * position + side + 1]!),
          reference?.texts ?? null,
        ),
      );
    });
  }

  /** Mean entropy of the answers' tokens, in nats. */
  function entropyOf({ batches }: Update, results: readonly StepResult[], tokens: number): number {
    let sum = 0;
    for (const [index, { batch }] of batches.entries()) {
      let slot = 0;
      for (const text of rowsOfBatch(training, batch).examples) {
        for (let target = training.starts[text]!; target < training.starts[text + 1]!; target++, slot++) {
          if (training.areAnswers[target] === 1) sum += results[index]!.metrics.entropies![slot]!;
        }
      }
    }
    return sum / Math.max(1, tokens);
  }

  return {
    evaluatesFirst: true,
    inputs: (batchSize, length) => preferenceInputs(layout, W, batchSize, length),
    loss: preferenceLoss(objective, config, plan, B),
    async *feeds(update) {
      const { batches } = update;
      const weights = weightsOf(training, objective, batches);
      const baseline = await baselineBefore(update);
      for (const { batch } of batches) {
        const sums = Array.from(batch.examples, (example) => ofReference[example]!);
        const { feeds, perChunk } = feedPreferences(training, objective, batch, B, layout, weights, sums, baseline);
        yield {
          feeds: { ...source.feeds(batch, B), ...feeds },
          scale: 1,
          sizes: { [targetsDimension]: perChunk },
        };
      }
    },
    measure(update, results) {
      const sums = sumsOf(update, results);
      if (update.step === 1 && referenceDigest === baseModelDigest) requireSame(sums);
      const chosen = update.batches.flatMap(({ batch }) => Array.from(batch.examples));
      const scores = scorePreferences(objective, sums, areGoodOf(training, chosen));
      const tokens = sums.reduce((sum, { tokens }) => sum + tokens.reduce((all, each) => all + each, 0), 0);
      return {
        loss: results.reduce((sum, { loss }) => sum + loss, 0),
        samples: [
          ...preferenceSamples('train', scores, null),
          metricSample('train/entropy', entropyOf(update, results, tokens)),
        ],
        tokens,
      };
    },
  };
}
