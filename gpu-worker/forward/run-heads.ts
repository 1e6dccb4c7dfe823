import type { Tensor } from '@tensorflow/tfjs-core';
import { readsTokens } from '../../src/protocol/heads.js';
import type { HeadInputs } from '../architectures/head-input.js';
import type { Engine, ParameterStore, Tensors } from '../engine/types.js';
import { type Head, headOutputs } from '../heads/index.js';
import { type BatchForward, type BatchForwardOptions, batchForward } from './batch-forward.js';
import type { ExampleSource, ReadHeadInputs } from './example-source.js';

/** Called after every batch with the number of examples that are done. */
export type OnBatch = (examplesDone: number) => void | Promise<void>;

/** Computes a head's outputs: [B,K] from texts, [B·T,K] from tokens. */
export function outputsOf(parameters: Tensors, head: Head, { pooled, tokens }: HeadInputs): Tensor {
  return headOutputs(parameters, head.task, (readsTokens(head) ? tokens : pooled) as Tensor);
}

/**
 * What a graph calls the output of a head. The name of a task alone would not do: people choose it, as they choose
 * names of columns, and it may equal the name of an input (`mask`) or of a property that every JavaScript object has
 * (`constructor`).
 */
function outputName({ task }: Head): string {
  return `output of ${task}`;
}

/** Prepares forward passes of encoder and heads, whose outputs `runHeads` reads. */
export function compileHeads(
  engine: Engine,
  store: ParameterStore,
  heads: readonly Head[],
  read: ReadHeadInputs,
  options: BatchForwardOptions,
): BatchForward {
  return batchForward(
    engine,
    store,
    (parameters, inputs) => {
      const given = read(parameters, inputs, null);
      return Object.fromEntries(heads.map((head) => [outputName(head), outputsOf(parameters, head, given)]));
    },
    options,
  );
}

/**
 * Computes the outputs of a forward pass for every example, in the examples' order: name → [N,W].
 * @param onBatch called after every batch: it can give a sign of life, or throw in order to stop
 */
export async function forwardAll(
  compiled: BatchForward,
  source: ExampleSource,
  onBatch: OnBatch,
  /**
   * Names of outputs that have a row for each token. They become [tokens,W], example after example, without padding.
   */
  ofTokens: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  const N = source.lengths.length;
  const tokenOffsets = ofTokens.size === 0 ? null : cumulative(source.lengths);
  let done = 0;
  for (const batch of compiled.plan(source.lengths)) {
    const { rows, outputs } = await compiled.run(source, batch);
    for (const [name, values] of Object.entries(outputs)) {
      const isOfTokens = tokenOffsets !== null && ofTokens.has(name);
      // Numbers in a row of the batch: where an output has a row for each token, those of all its T tokens.
      const width = values.length / rows;
      const perToken = isOfTokens ? width / batch.length : 0;
      const collected = all.get(name) ?? new Float32Array(isOfTokens ? tokenOffsets[N]! * perToken : N * width);
      all.set(name, collected);
      for (const [row, example] of batch.examples.entries()) {
        const start = row * width;
        const kept = isOfTokens ? source.lengths[example]! * perToken : width;
        const place = isOfTokens ? tokenOffsets[example]! * perToken : example * width;
        collected.set(values.subarray(start, start + kept), place);
      }
    }
    done += batch.examples.length;
    await onBatch(done);
  }
  return all;
}

/**
 * Computes every head's outputs for all examples: [N,K] of a head that reads texts, [tokens,K] of one that reads
 * tokens.
 * @param heads some or all of those that were given to `compileHeads`
 */
export async function runHeads(
  compiled: BatchForward,
  heads: readonly Head[],
  source: ExampleSource,
  onBatch: OnBatch,
): Promise<Float32Array[]> {
  const ofTokens = new Set(heads.filter(readsTokens).map(outputName));
  const outputs = await forwardAll(compiled, source, onBatch, ofTokens);
  return heads.map((head) => outputs.get(outputName(head)) ?? new Float32Array(0));
}

function cumulative(lengths: Int32Array): Int32Array {
  const sums = new Int32Array(lengths.length + 1);
  for (const [index, length] of lengths.entries()) sums[index + 1] = sums[index]! + length;
  return sums;
}
