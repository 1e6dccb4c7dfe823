import { describe, expect, test } from 'vitest';
import type { GraphBuilder } from '../../../gpu-worker/engine/graph/builder.js';
import type { Graph, Node, Value } from '../../../gpu-worker/engine/graph/graph.js';
import { holdMatrix } from '../../../gpu-worker/engine/held/held-matrix.js';
import { readHeld } from '../../../gpu-worker/engine/passes/read-held.js';
import { graphOf, operators } from './graphs.js';

const [M, N, K] = [5, 64, 32];

function product(builder: GraphBuilder, a: Value, b: Value, columns: number, transB: boolean): Value {
  const spec = { shape: [M, columns], type: 'float32' } as const;
  if (!transB) return builder.node('MatMul', [a, b], spec);
  const attributes = { transA: { int: 0 }, transB: { int: 1 }, alpha: { float: 1 } };
  return builder.node('FusedMatMul', [a, b], { ...spec, attributes, domain: 'com.microsoft' });
}

/** x · Wᵀ, its tanh, and from that as if it were a gradient · W. */
function forwardAndBack(format: 'float16' | 'int8' | 'int4'): Graph {
  const graph = graphOf((builder) => {
    const x = builder.input('x', [M, K], 'float32');
    const w = builder.input('parameter/w', [N, K], 'float32');
    const wide = product(builder, x, w, N, true);
    const dy = builder.node('Tanh', [wide], { shape: [M, N], type: 'float32' });
    return product(builder, dy, w, K, false);
  });
  const matrix = holdMatrix('w', [N, K], format);
  return readHeld(graph, (input) => (input === 'parameter/w' ? matrix : undefined));
}

const producerOf = ({ nodes }: Graph, { id }: Value): Node | undefined =>
  nodes.find(({ outputs }) => outputs.some((output) => output.id === id));

/** Whether a value is computed from another. */
function isMadeFrom(graph: Graph, value: Value, source: Value): boolean {
  if (value.id === source.id) return true;
  return (producerOf(graph, value)?.inputs ?? []).some((input) => isMadeFrom(graph, input, source));
}

describe('readHeld', () => {
  test.each([
    ['float16', 'Cast'],
    ['int8', 'DequantizeLinear'],
    ['int4', 'DequantizeLinear'],
  ] as const)('%s: both products have a matrix of their own, and each waits for its other operand', (format, op) => {
    const graph = forwardAndBack(format);
    const products = graph.nodes.filter(({ op }) => op.endsWith('MatMul'));
    expect(products).toHaveLength(2);
    const [first, second] = products.map(({ inputs }) => inputs as [Value, Value]);
    expect(first![1].id).not.toBe(second![1].id);
    for (const [other, matrix] of [first!, second!]) {
      expect(producerOf(graph, matrix)).toMatchObject({ op });
      expect(matrix).toMatchObject({ shape: [N, K], type: 'float32' });
      expect(isMadeFrom(graph, matrix, other)).toBe(true);
    }
  });

  test('nodes come after what they read, and outputs stay', () => {
    for (const format of ['float16', 'int8', 'int4'] as const) {
      const graph = forwardAndBack(format);
      const made = new Set([...graph.inputs, ...graph.constants].map(({ value }) => value.id));
      for (const { inputs, outputs } of graph.nodes) {
        for (const { id } of inputs) expect(made.has(id)).toBe(true);
        for (const { id } of outputs) made.add(id);
      }
      expect(graph.outputs.map(({ name, value }) => [name, made.has(value.id)])).toEqual([['y0', true]]);
      expect(graph.inputs.map(({ name }) => name)).not.toContain('parameter/w');
    }
  });

  test('inputs that nothing reads stay', () => {
    const graph = graphOf((builder) => {
      builder.input('unread', [3], 'int32');
      const w = builder.input('parameter/w', [N, K], 'float32');
      const dy = builder.input('dy', [M, N], 'float32');
      return product(builder, dy, w, K, false);
    });
    const matrix = holdMatrix('w', [N, K], 'int4');
    const { inputs } = readHeld(graph, (input) => (input === 'parameter/w' ? matrix : undefined));
    expect(inputs.map(({ name }) => name)).toEqual([
      'unread',
      'dy',
      'parameter/w/codes',
      'parameter/w/scales',
      'parameter/w/zeroPoints',
    ]);
  });

  test('rows of halves are gathered before they become float32', () => {
    const graph = graphOf((builder) => {
      const w = builder.input('parameter/w', [N, K], 'float32');
      const ids = builder.input('ids', [M], 'int32');
      return builder.node('Gather', [w, ids], { shape: [M, K], type: 'float32', attributes: { axis: { int: 0 } } });
    });
    const matrix = holdMatrix('w', [N, K], 'float16');
    const read = readHeld(graph, (input) => (input === 'parameter/w' ? matrix : undefined));
    expect(operators(read)).toEqual(['Gather', 'Cast']);
    expect(read.nodes[0]!.outputs[0]).toMatchObject({ shape: [M, K], type: 'float16' });
  });

  test('a graph without held matrices is what it was', () => {
    const graph = graphOf((builder) => builder.input('x', [1], 'float32'));
    expect(readHeld(graph, () => undefined)).toBe(graph);
  });
});
