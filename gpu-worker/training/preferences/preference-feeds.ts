import { lengthsThatOccur } from '../../../src/protocol/length-buckets.js';
import { type PreferenceObjective, sftWeightOf } from '../../../src/protocol/preference-objective.js';
import type { Batch } from '../../data/batch-plan.js';
import type { DynamicInputSpec, Feeds } from '../../engine/types.js';
import type { ExampleSource } from '../../forward/example-source.js';
import {
  feedTargets,
  layTargetsOut,
  rowSource,
  type TargetLayout,
  targetInputs,
  targetsDimension,
} from '../../forward/row-source.js';
import type { ExampleSums } from './example-sums.js';
import { type PreferenceTexts, sharedTokens, textsOf, textsOfAll, widthOf } from './preference-texts.js';

/**
 * Examples as a compiled graph is fed with them: the texts of B examples as rows of tokens, those of a pair one after
 * the other, padded to the longest.
 */
export function preferenceSource(texts: PreferenceTexts): ExampleSource {
  const { rows, examples } = texts;
  const W = widthOf(examples);
  const source = rowSource(rows);
  const lengths = Int32Array.from({ length: examples.texts.length / W }, (_, example) =>
    textsOf(examples, example).reduce((longest, text) => Math.max(longest, rows.lengths[text]!), 0),
  );
  return {
    lengths,
    buckets: lengthsThatOccur(lengths),
    inputs: <Size extends number | string>(batchSize: Size, length: Size) =>
      source.inputs<number | Size>(W * Number(batchSize), length) as ReturnType<typeof source.inputs<Size>>,
    feeds: (batch, batchSize) => source.feeds(rowsOfBatch(texts, batch), W * batchSize),
  };
}

/** The batch of texts that a batch of examples is. */
export function rowsOfBatch({ examples }: PreferenceTexts, { examples: chosen, length }: Batch): Batch {
  return { examples: textsOfAll(examples, chosen), length };
}

/** How the targets of batches of B examples are divided into chunks. */
export function layPreferencesOut(texts: PreferenceTexts, B: number, vocabularySize: number): TargetLayout {
  return layTargetsOut(texts.rows, widthOf(texts.examples) * B, vocabularySize);
}

/** The inputs of B examples: those of their targets [K,M] and of their sums, [W·B] of texts and [B] of examples. */
export function preferenceInputs(
  layout: TargetLayout,
  W: number,
  B: number,
  length: number | string,
): Readonly<Record<string, DynamicInputSpec>> {
  const chunk = [layout.chunks, targetsDimension];
  return {
    ...targetInputs(layout, W * B, length),
    sumPlaces: { shape: chunk, dtype: 'int32' },
    sumWeights: { shape: chunk, dtype: 'float32' },
    ...sumInputs(W, B),
  };
}

/** The inputs of B examples beside the log-probabilities of the model that is trained. */
export function sumInputs(W: number, B: number): Readonly<Record<string, { shape: number[]; dtype: 'float32' }>> {
  return {
    referenceSums: { shape: [W * B], dtype: 'float32' },
    tokenCounts: { shape: [W * B], dtype: 'float32' },
    certainties: { shape: [B], dtype: 'float32' },
    strengths: { shape: [B], dtype: 'float32' },
    areGood: { shape: [B], dtype: 'float32' },
    exampleWeights: { shape: [B], dtype: 'float32' },
    baseline: { shape: [1], dtype: 'float32' },
  };
}

/** Weights in an update's loss: of an example, and of a token whose own loss is learned too. */
export interface UpdateWeights {
  readonly example: number;
  readonly token: number;
}

/** 1 / examples, and λ / tokens of the better answers, of all batches of an update together. */
export function weightsOf(
  texts: PreferenceTexts,
  objective: PreferenceObjective,
  batches: readonly { readonly batch: Batch }[],
): UpdateWeights {
  const { examples, starts } = texts;
  const chosen = batches.flatMap(({ batch }) => Array.from(batch.examples));
  const tokens = chosen.reduce((sum, example) => {
    const [better] = textsOf(examples, example);
    return sum + starts[better! + 1]! - starts[better!]!;
  }, 0);
  return { example: 1 / Math.max(1, chosen.length), token: sftWeightOf(objective) / Math.max(1, tokens) };
}

/**
 * A batch as it is fed, with the sums of each example in the order of the batch.
 * @param baseline z₀ of the update
 */
export function feedPreferences(
  texts: PreferenceTexts,
  objective: PreferenceObjective,
  batch: Batch,
  B: number,
  layout: TargetLayout,
  weights: UpdateWeights,
  sums: readonly Pick<ExampleSums, 'reference'>[],
  baseline: number,
): { readonly feeds: Feeds; readonly perChunk: number } {
  const { examples, starts, areAnswers } = texts;
  const W = widthOf(examples);
  const rows = rowsOfBatch(texts, batch);
  const { feeds, perChunk } = feedTargets(texts.rows, rows, W * B, layout, 0);
  const sumPlaces = new Int32Array(layout.chunks * perChunk);
  const sumWeights = new Float32Array(layout.chunks * perChunk);
  const tokenWeights = feeds.weights as Float32Array;
  const tailWeight = objective.kind === 'dpo' ? objective.tailWeight : 1;
  let slot = 0;
  for (const [index, text] of rows.examples.entries()) {
    const [example, side] = [Math.floor(index / W), index % W];
    const shared = tailWeight === 1 ? Number.POSITIVE_INFINITY : sharedTokens(texts, batch.examples[example]!);
    let answered = 0;
    for (let target = starts[text]!; target < starts[text + 1]!; target++, slot++) {
      sumPlaces[slot] = side * B + example;
      if (areAnswers[target] === 1) sumWeights[slot] = answered++ < shared ? 1 : tailWeight;
      if (side === 0) tokenWeights[slot] = weights.token;
    }
  }
  const ofSums = feedSums(texts, batch.examples, B, sums, weights.example, baseline);
  return { feeds: { ...feeds, sumPlaces, sumWeights, ...ofSums }, perChunk };
}

/** Inputs of `sumInputs`. Examples that fill up the batch have the weight 0, and one token. */
export function feedSums(
  { examples, answerTokens }: PreferenceTexts,
  chosen: Int32Array,
  B: number,
  sums: readonly Pick<ExampleSums, 'reference'>[],
  exampleWeight: number,
  baseline: number,
): Readonly<Record<string, Float32Array>> {
  const W = widthOf(examples);
  const fed = {
    referenceSums: new Float32Array(W * B),
    tokenCounts: new Float32Array(W * B).fill(1),
    certainties: new Float32Array(B).fill(1),
    strengths: new Float32Array(B),
    areGood: new Float32Array(B),
    exampleWeights: new Float32Array(B),
    baseline: Float32Array.of(baseline),
  };
  for (const [index, example] of chosen.entries()) {
    fed.exampleWeights[index] = exampleWeight;
    if (examples.kind === 'pairs') {
      fed.certainties[index] = examples.certainties[example]!;
      fed.strengths[index] = examples.strengths[example]!;
    } else {
      fed.areGood[index] = examples.areGood[example]!;
    }
    for (const [side, text] of textsOf(examples, example).entries()) {
      fed.referenceSums[side * B + index] = sums[index]!.reference[side]!;
      fed.tokenCounts[side * B + index] = Math.max(1, answerTokens[text]!);
    }
  }
  return fed;
}
