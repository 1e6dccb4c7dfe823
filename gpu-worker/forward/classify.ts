import type { Tensor } from '@tensorflow/tfjs-core';
import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { Engine, ParameterStore, Tensors } from '../engine/types.js';
import { scoreClassification } from '../metrics/classification-scores.js';
import { headTensors } from '../models/heads.js';
import { linear } from '../nn/linear.js';
import { type BatchForward, type BatchForwardOptions, batchForward } from './batch-forward.js';
import type { ExampleSource, PooledOutput } from './example-source.js';
import type { Head } from './parameters.js';

/** Told after every batch how many examples are done. */
export type OnBatch = (examplesDone: number) => void | Promise<void>;

/** A head's logits: pooled [B,O] → [B,C]. */
export function headLogits(parameters: Tensors, task: string, pooled: Tensor): Tensor {
  const { weight, bias } = headTensors(task);
  return linear(pooled, parameters[weight] as Tensor, parameters[bias] as Tensor);
}

/** Forward passes of encoder and heads; output `<task>`: logits [B,C]. */
export function compileClassifier(
  engine: Engine,
  store: ParameterStore,
  heads: readonly Head[],
  pooledOf: PooledOutput,
  options: BatchForwardOptions,
): BatchForward {
  return batchForward(
    engine,
    store,
    (parameters, inputs) => {
      const pooled = pooledOf(parameters, inputs, null);
      return Object.fromEntries(heads.map(({ task }) => [task, headLogits(parameters, task, pooled)]));
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
): Promise<ReadonlyMap<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  let done = 0;
  for (const batch of compiled.plan(source.lengths)) {
    const { rows, outputs } = await compiled.run(source, batch);
    for (const [name, values] of Object.entries(outputs)) {
      const width = values.length / rows;
      const collected = all.get(name) ?? new Float32Array(source.lengths.length * width);
      all.set(name, collected);
      for (const [row, example] of batch.examples.entries()) {
        collected.set(values.subarray(row * width, (row + 1) * width), example * width);
      }
    }
    done += batch.examples.length;
    await onBatch(done);
  }
  return all;
}

/** Scores of every head against its targets [N], in the heads' order. */
export async function scoreHeads(
  compiled: BatchForward,
  heads: readonly Head[],
  source: ExampleSource,
  targets: readonly Int32Array[],
  onBatch: OnBatch,
): Promise<ClassificationScores[]> {
  const logits = await forwardAll(compiled, source, onBatch);
  return heads.map((head, index) =>
    scoreClassification(head, logits.get(head.task) ?? new Float32Array(0), targets[index] ?? new Int32Array(0)),
  );
}
