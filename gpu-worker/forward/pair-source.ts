import type { Batch } from '../data/batch-plan.js';
import type { ExampleSource } from './example-source.js';

/**
 * Pairs of a source's texts as examples: a batch of B pairs is one of 2B texts, those of pair i in the rows 2i and
 * 2i + 1, so that both go through one step. A pair is as long as its longer text.
 *
 * @param pairs [2P] texts, those of pair i at 2i and 2i + 1
 */
export function pairSource(source: ExampleSource, pairs: Int32Array): ExampleSource {
  const textsOf = (pair: number) => [pairs[2 * pair]!, pairs[2 * pair + 1]!] as const;
  const twice = <Size extends number | string>(size: Size) => (typeof size === 'number' ? 2 * size : size) as Size;
  return {
    lengths: Int32Array.from({ length: pairs.length / 2 }, (_, pair) =>
      Math.max(...textsOf(pair).map((text) => source.lengths[text]!)),
    ),
    buckets: source.buckets,
    inputs: (batchSize, length) => source.inputs(twice(batchSize), length),
    feeds: ({ examples, length }: Batch, batchSize) =>
      source.feeds({ examples: Int32Array.from([...examples].flatMap(textsOf)), length }, 2 * batchSize),
  };
}
