import type { Tensor } from '@tensorflow/tfjs-core';
import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import { planByLength } from '../data/batch-plan.js';
import type { CompiledForward, Engine, ParameterStore, Tensors } from '../engine/types.js';
import { scoreClassification } from '../metrics/classification-scores.js';
import { headTensors } from '../models/heads.js';
import { linear } from '../nn/linear.js';
import { type CompiledByLength, compiledByLength } from './compiled-by-length.js';
import type { ExampleSource, PooledOutput } from './example-source.js';
import type { Head } from './parameters.js';

/** Examples a forward pass takes at a time, where nothing is learned from them. */
export const evaluationBatchSize = 32;

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
  source: Pick<ExampleSource, 'inputs'>,
  pooledOf: PooledOutput,
  options: { readonly batchSize: number; readonly frozen: boolean },
): CompiledByLength<CompiledForward> {
  return compiledByLength((length) =>
    engine.compileForward(
      store,
      source.inputs(options.batchSize, length),
      (parameters, inputs) => {
        const pooled = pooledOf(parameters, inputs, null);
        return Object.fromEntries(heads.map(({ task }) => [task, headLogits(parameters, task, pooled)]));
      },
      { frozen: options.frozen },
    ),
  );
}

/**
 * Outputs of a forward pass for every example, in the examples' order: name → [N,W].
 * @param onBatch called after every batch: the place for a sign of life, and to throw when stopping
 */
export async function forwardAll(
  compiled: CompiledByLength<CompiledForward>,
  source: ExampleSource,
  batchSize: number,
  onBatch: OnBatch,
): Promise<ReadonlyMap<string, Float32Array>> {
  const outputs = new Map<string, Float32Array>();
  let done = 0;
  for (const batch of planByLength(source.lengths, { batchSize, buckets: source.buckets })) {
    const forward = await compiled.at(batch.length);
    const results = await forward.run(source.feeds(batch, batchSize));
    for (const [name, values] of Object.entries(results)) {
      const width = values.length / batchSize;
      const all = outputs.get(name) ?? new Float32Array(source.lengths.length * width);
      outputs.set(name, all);
      for (const [row, example] of batch.examples.entries()) {
        all.set(values.subarray(row * width, (row + 1) * width), example * width);
      }
    }
    done += batch.examples.length;
    await onBatch(done);
  }
  return outputs;
}

/** Scores of every head against its targets [N], in the heads' order. */
export async function scoreHeads(
  compiled: CompiledByLength<CompiledForward>,
  heads: readonly Head[],
  source: ExampleSource,
  targets: readonly Int32Array[],
  onBatch: OnBatch,
): Promise<ClassificationScores[]> {
  const logits = await forwardAll(compiled, source, evaluationBatchSize, onBatch);
  return heads.map((head, index) =>
    scoreClassification(head, logits.get(head.task) ?? new Float32Array(0), targets[index] ?? new Int32Array(0)),
  );
}
