import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { Graph, Node } from '../../../gpu-worker/engine/graph/graph.js';
import { legalize, simplify } from '../../../gpu-worker/engine/passes/index.js';
import { rematerialize } from '../../../gpu-worker/engine/passes/rematerialize.js';
import { names, traceStep } from '../../../gpu-worker/engine/trace/functions.js';
import { geluTanh } from '../../../gpu-worker/nn/gelu-tanh.js';
import { linear } from '../../../gpu-worker/nn/linear.js';

/** Two layers with a GELU between, [32,16] → [32,64] → [32,16], and the mean of the squares. */
function step(): Graph {
  const weights = [
    { name: 'wide', shape: [64, 16], trainable: true, decay: true },
    { name: 'narrow', shape: [16, 64], trainable: true, decay: true },
  ];
  const { graph } = traceStep(weights, { x: { shape: [32, 16], dtype: 'float32' } }, ({ wide, narrow }, { x }) => {
    const y = linear(geluTanh(linear(x!, wide!, undefined)), narrow!, undefined);
    return { loss: tf.mean(tf.mul(y, y)) };
  });
  return legalize(simplify(graph), 'cpu');
}

/** Operators of the forward pass whose [32,64] results the backward pass reads. */
function kept({ nodes, outputs }: Graph): string[] {
  const loss = outputs.find(({ name }) => name === names.loss)!.value.id;
  const end = nodes.findIndex((node) => node.outputs.some(({ id }) => id === loss));
  const read = new Set(nodes.slice(end + 1).flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  const isKept = ({ outputs: [output] }: Node) => read.has(output!.id) && output!.shape.join() === '32,64';
  return nodes.slice(0, end + 1).flatMap((node) => (isKept(node) ? [node.op] : []));
}

test('of a GELU its argument is kept, and what is between is computed again', () => {
  const before = step();
  expect(kept(before).length).toBeGreaterThan(3);
  const after = rematerialize(before, names.loss);
  expect(kept(after)).toEqual(['FusedMatMul']);
  expect(after.outputs).toEqual(before.outputs);
});

test('products and sums are never computed again, and every node reads what is there', () => {
  const before = step();
  const after = rematerialize(before, names.loss);
  const count = ({ nodes }: Graph, op: string) => nodes.filter((node) => node.op === op).length;
  for (const op of ['MatMul', 'FusedMatMul', 'Gemm', 'ReduceSum', 'ReduceMean']) {
    expect(count(after, op), op).toBe(count(before, op));
  }
  const known = new Set([...after.inputs, ...after.constants].map(({ value }) => value.id));
  for (const { inputs, outputs } of after.nodes) {
    for (const { id } of inputs) expect(known.has(id)).toBe(true);
    for (const { id } of outputs) {
      expect(known.has(id)).toBe(false);
      known.add(id);
    }
  }
});
