import type { Tensor } from '@tensorflow/tfjs-core';
import { readsTokens } from '../../src/protocol/heads.js';
import type { HeadInputs } from '../architectures/head-input.js';
import type { Engine, ParameterStore, Tensors } from '../engine/types.js';
import { type Head, headOutputs } from '../heads/index.js';
import { type BatchForward, type BatchForwardOptions, batchForward } from './batch-forward.js';
import type { ExampleSource, ReadHeadInputs } from './example-source.js';

/** Told after every batch how many examples are done. */
export type OnBatch = (examplesDone: number) => void | Promise<void>;

/** A head's outputs: of texts [B,K], of tokens [B·T,K]. */
export function outputsOf(parameters: Tensors, head: Head, { pooled, tokens }: HeadInputs): Tensor {
  return headOutputs(parameters, head.task, (readsTokens(head) ? tokens : pooled) as Tensor);
}

/**
 * What a graph calls the output of a head. Tasks have names of people's, as of columns: one may be called as an input
 * of the graph is, `mask`, or as what every object of JavaScript has, `constructor`.
 */
function outputName({ task }: Head): string {
  return `output of ${task}`;
}

/** Forward passes of encoder and heads, whose outputs `runHeads` reads. */
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
 * Outputs of a forward pass for every example, in the examples' order: name → [N,W].
 * @param onBatch called after every batch: the place for a sign of life, and to throw when stopping
 */
export async function forwardAll(
  compiled: BatchForward,
  source: ExampleSource,
  onBatch: OnBatch,
  /**
   * Outputs of tokens, of which those of padding are left out: name → [tokens,W], each example's after the one before.
   */
  ofTokens: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  const N = source.lengths.length;
  const firstTokens = ofTokens.size === 0 ? null : cumulative(source.lengths);
  let done = 0;
  for (const batch of compiled.plan(source.lengths)) {
    const { rows, outputs } = await compiled.run(source, batch);
    for (const [name, values] of Object.entries(outputs)) {
      const isOfTokens = firstTokens !== null && ofTokens.has(name);
      // Of a batch's row: of tokens, all T of it.
      const width = values.length / rows;
      const perToken = isOfTokens ? width / batch.length : 0;
      const collected = all.get(name) ?? new Float32Array(isOfTokens ? firstTokens[N]! * perToken : N * width);
      all.set(name, collected);
      for (const [row, example] of batch.examples.entries()) {
        const start = row * width;
        const kept = isOfTokens ? source.lengths[example]! * perToken : width;
        const place = isOfTokens ? firstTokens[example]! * perToken : example * width;
        collected.set(values.subarray(start, start + kept), place);
      }
    }
    done += batch.examples.length;
    await onBatch(done);
  }
  return all;
}

/**
 * Every head's outputs for all examples: of texts [N,K], of tokens [tokens,K].
 * @param heads any of those of `compileHeads`
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
