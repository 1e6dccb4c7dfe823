import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { GraphBuilder } from '../../../gpu-worker/engine/graph/builder.js';
import type { Graph } from '../../../gpu-worker/engine/graph/graph.js';
import { matMul } from '../../../gpu-worker/engine/lowerings/matmul.js';
import { reduce } from '../../../gpu-worker/engine/lowerings/reductions.js';
import { absorbScalars } from '../../../gpu-worker/engine/passes/absorb-scalars.js';
import { absorbBroadcasts } from '../../../gpu-worker/engine/passes/broadcast.js';
import { eliminateDeadNodes } from '../../../gpu-worker/engine/passes/dead-nodes.js';
import { foldConstants } from '../../../gpu-worker/engine/passes/fold-constants.js';
import { fuseForwardOperators, fuseRuntimeOperators } from '../../../gpu-worker/engine/passes/forward-operators.js';
import { simplifyIdentities } from '../../../gpu-worker/engine/passes/identities.js';
import { simplify } from '../../../gpu-worker/engine/passes/index.js';
import { fuseTranspositions, lowerProducts } from '../../../gpu-worker/engine/passes/matmul.js';
import { arrangeProducts } from '../../../gpu-worker/engine/passes/matmul-layout.js';
import { mergeEqualNodes } from '../../../gpu-worker/engine/passes/merge-equal.js';
import { sumRowsByProducts } from '../../../gpu-worker/engine/passes/row-sums.js';
import { traceForward } from '../../../gpu-worker/engine/trace/functions.js';
import type { ForwardFunction } from '../../../gpu-worker/engine/types.js';
import { gelu } from '../../../gpu-worker/nn/gelu.js';
import { geluTanh } from '../../../gpu-worker/nn/gelu-tanh.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { rmsNorm } from '../../../gpu-worker/nn/rms-norm.js';
import { float, graphOf, lastNode, operators, transpose } from './graphs.js';

const x23 = (builder: GraphBuilder) => builder.input('x', [2, 3], 'float32');

describe('dead nodes', () => {
  test('go with their constants and inputs', () => {
    const graph = graphOf((builder) => {
      const x = x23(builder);
      const unused = builder.input('unused', [], 'float32');
      float(builder, 'Mul', [unused, builder.scalar('float32', 3)], []);
      return float(builder, 'Exp', [x], [2, 3]);
    });
    const { inputs, constants, nodes } = eliminateDeadNodes(graph);
    expect(inputs.map(({ name }) => name)).toEqual(['x']);
    expect(constants).toEqual([]);
    expect(nodes.map(({ op }) => op)).toEqual(['Exp']);
  });
});

describe('equal nodes', () => {
  test('become one, and so what is made from them; other attributes keep them apart', () => {
    const graph = graphOf((builder) => {
      const x = x23(builder);
      const twice = [0, 1].map(() => float(builder, 'Exp', [float(builder, 'Tanh', [x], [2, 3])], [2, 3]));
      return [...twice, transpose(builder, x, [1, 0]), transpose(builder, x, [0, 1])];
    });
    const merged = mergeEqualNodes(graph);
    expect(operators(merged)).toEqual(['Tanh', 'Exp', 'Transpose', 'Transpose']);
    expect(merged.outputs[0]!.value.id).toBe(merged.outputs[1]!.value.id);
  });
});

describe('identities', () => {
  const simplified = (build: Parameters<typeof graphOf>[0]) => eliminateDeadNodes(simplifyIdentities(graphOf(build)));

  test.each([
    ['x + 0', 'Add', 0],
    ['x − 0', 'Sub', 0],
    ['x · 1', 'Mul', 1],
    ['x / 1', 'Div', 1],
  ])('%s is x', (_, op, neutral) => {
    const graph = simplified((builder) =>
      float(builder, op, [x23(builder), builder.scalar('float32', neutral)], [2, 3]),
    );
    expect(operators(graph)).toEqual([]);
  });

  test('but neither 1 / x nor 0 − x, nor x · 1 that broadcasts', () => {
    const graph = simplified((builder) => {
      const x = x23(builder);
      const [zero, one] = [0, 1].map((number) => builder.scalar('float32', number)) as [never, never];
      const wide = builder.splat([4, 2, 3], 'float32', 1);
      return [
        float(builder, 'Div', [one, x], [2, 3]),
        float(builder, 'Sub', [zero, x], [2, 3]),
        float(builder, 'Mul', [x, wide], [4, 2, 3]),
      ];
    });
    expect(operators(graph)).toEqual(['Div', 'Sub', 'Expand']);
    expect(graph.outputs[2]!.value.shape).toEqual([4, 2, 3]);
  });

  test('transpositions combine, cancel, and are reshapes where only axes of 1 move', () => {
    const there = (builder: GraphBuilder) => transpose(builder, builder.input('x', [2, 3, 4], 'float32'), [1, 2, 0]);
    expect(operators(simplified((builder) => transpose(builder, there(builder), [2, 0, 1])))).toEqual([]);
    const combined = simplified((builder) => transpose(builder, there(builder), [1, 0, 2]));
    expect(operators(combined)).toEqual(['Transpose']);
    expect(lastNode(combined).attributes.perm).toEqual({ ints: [2, 1, 0] });
    const trivial = simplified((builder) => transpose(builder, builder.input('x', [1, 3, 1], 'float32'), [1, 0, 2]));
    expect(operators(trivial)).toEqual(['Reshape']);
  });

  test('a slice that reverses stays', () => {
    const graph = simplified((builder) => {
      const bounds = [[-1], [-(2 ** 31)], [0], [-1]].map((values) => builder.int64s(values));
      return float(builder, 'Slice', [x23(builder), ...bounds], [2, 3]);
    });
    expect(operators(graph)).toEqual(['Slice']);
  });

  test('x + (−y) is x − y', () => {
    const graph = simplified((builder) => {
      const y = builder.input('y', [2, 3], 'float32');
      return float(builder, 'Add', [x23(builder), float(builder, 'Neg', [y], [2, 3])], [2, 3]);
    });
    expect(operators(graph)).toEqual(['Sub']);
  });
});

describe('broadcasts', () => {
  test('before an elementwise operator go, and behind a small one move outwards', () => {
    const graph = eliminateDeadNodes(
      absorbBroadcasts(
        graphOf((builder) => {
          const x = x23(builder);
          const row = builder.input('row', [1, 3], 'float32');
          const expanded = builder.node('Expand', [row, builder.int64s([2, 3])], { shape: [2, 3], type: 'float32' });
          return [
            float(builder, 'Add', [x, expanded], [2, 3]),
            float(builder, 'Exp', [float(builder, 'Mul', [expanded, builder.scalar('float32', 2)], [2, 3])], [2, 3]),
          ];
        }),
      ),
    );
    expect(operators(graph)).toEqual(['Add', 'Mul', 'Exp', 'Expand']);
    expect(graph.nodes.find(({ op }) => op === 'Exp')!.outputs[0]!.shape).toEqual([1, 3]);
  });
});

describe('constants', () => {
  test('fold in float32', () => {
    const graph = eliminateDeadNodes(
      foldConstants(
        graphOf((builder) => {
          const third = float(builder, 'Div', [builder.scalar('float32', 1), builder.scalar('float32', 3)], []);
          return float(builder, 'Mul', [float(builder, 'Sqrt', [third], []), x23(builder)], [2, 3]);
        }),
      ),
    );
    expect(operators(graph)).toEqual(['Mul']);
    expect(graph.constants.map(({ data }) => [...data])).toEqual([[Math.fround(Math.sqrt(Math.fround(1 / 3)))]]);
  });
});

describe('products', () => {
  test('take transpositions of the last two axes, of operands already transposed too', () => {
    const graph = eliminateDeadNodes(
      fuseTranspositions(
        graphOf((builder) => {
          const a = transpose(builder, builder.input('a', [4, 2], 'float32'), [1, 0]);
          const b = transpose(builder, builder.input('b', [4, 3], 'float32'), [1, 0]);
          return matMul(builder, a, b, false, true);
        }),
      ),
    );
    expect(operators(graph)).toEqual(['attune.MatMul']);
    expect(lastNode(graph).attributes).toMatchObject({ transA: { int: 1 }, transB: { int: 0 } });
  });

  test('are FusedMatMul, Gemm or transposition, MatMul and Mul, by dialect and rank', () => {
    const product = (shape: readonly number[]) =>
      graphOf((builder) => {
        const [a, b] = ['a', 'b'].map((name) => builder.input(name, shape, 'float32')) as [never, never];
        const result = matMul(builder, a, b, false, true);
        return float(builder, 'Mul', [result, builder.scalar('float32', 0.5)], result.shape);
      });
    const lowered = (shape: readonly number[], dialect: 'fused' | 'onnx') =>
      operators(lowerProducts(absorbScalars(product(shape)), dialect));
    expect(lowered([2, 8, 8], 'fused')).toEqual(['com.microsoft.FusedMatMul']);
    expect(lowered([8, 8], 'fused')).toEqual(['com.microsoft.FusedMatMul']);
    expect(lowered([8, 8], 'onnx')).toEqual(['Gemm']);
    expect(lowered([2, 8, 8], 'onnx')).toEqual(['Transpose', 'MatMul', 'Mul']);
  });

  test('of a large transposed left operand in batches are turned round', () => {
    const graph = eliminateDeadNodes(
      arrangeProducts(
        graphOf((builder) => {
          const [p, v] = [builder.input('p', [2, 16, 16], 'float32'), builder.input('v', [2, 16, 4], 'float32')];
          return matMul(builder, p, v, true);
        }),
      ),
    );
    expect(operators(graph)).toEqual(['Transpose', 'attune.MatMul', 'Transpose']);
    // vᵀ [2,4,16] · p [2,16,16], p as it lies.
    expect(graph.nodes[1]!.inputs.map(({ shape }) => shape)).toEqual([
      [2, 4, 16],
      [2, 16, 16],
    ]);
    expect(graph.outputs[0]!.value.shape).toEqual([2, 16, 4]);
  });

  test('sum the rows of a tall matrix', () => {
    const sum = (shape: readonly number[], axes: readonly number[]) =>
      operators(
        sumRowsByProducts(
          graphOf((builder) => reduce(builder, 'ReduceSum', builder.input('x', shape, 'float32'), axes, false)),
        ),
      );
    expect(sum([64, 8], [0])).toContain('attune.MatMul');
    expect(sum([8, 16, 8], [0, 1])).toContain('attune.MatMul');
    expect(sum([4, 8], [0])).toEqual(['ReduceSum']);
    expect(sum([64, 8], [1])).toEqual(['ReduceSum']);
  });
});

describe('constant factors', () => {
  const half = (builder: GraphBuilder) => builder.scalar('float32', 0.5);
  const square = [16, 16];
  const inputs = (builder: GraphBuilder) =>
    ['a', 'b'].map((name) => builder.input(name, square, 'float32')) as [never, never];
  const absorbed = (build: Parameters<typeof graphOf>[0]) => eliminateDeadNodes(absorbScalars(graphOf(build)));
  const alphas = (graph: ReturnType<typeof absorbed>) =>
    graph.nodes.filter(({ op }) => op === 'MatMul').map(({ attributes }) => attributes.alpha);

  test('go back into the product, and to the bias on the way', () => {
    const graph = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const sum = float(builder, 'Add', [matMul(builder, a, b), builder.input('bias', [16], 'float32')], square);
      return float(builder, 'Mul', [sum, half(builder)], square);
    });
    expect(operators(graph)).toEqual(['attune.MatMul', 'Mul', 'Add']);
    expect(graph.nodes[1]!.outputs[0]!.shape).toEqual([16]);
    expect(alphas(graph)).toEqual([{ float: 0.5 }]);
  });

  test('go forward into all products that read', () => {
    const graph = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const scaled = float(builder, 'Mul', [a, half(builder)], square);
      return [
        matMul(builder, scaled, b),
        matMul(builder, b, transpose(builder, scaled, [1, 0])),
        matMul(builder, scaled, scaled),
      ];
    });
    expect(operators(graph)).not.toContain('Mul');
    expect(alphas(graph)).toEqual([{ float: 0.5 }, { float: 0.5 }, { float: 0.25 }]);
  });

  test('of a mask go to what is masked', () => {
    const graph = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const mask = float(builder, 'Mul', [builder.input('mask', square, 'float32'), half(builder)], square);
      const masked = float(builder, 'Mul', [matMul(builder, a, b), mask], square);
      return float(builder, 'Add', [a, masked], square);
    });
    expect(operators(graph)).toEqual(['attune.MatMul', 'Mul', 'Add']);
    expect(alphas(graph)).toEqual([{ float: 0.5 }]);
  });

  test('go behind a product of one row, which has a kernel of its own without them', () => {
    const graph = absorbScalars(
      graphOf((builder) => {
        const ones = builder.constant([1, 8], 'float32', new Float32Array(8).fill(1));
        const scaled = float(
          builder,
          'Mul',
          [builder.input('x', [8, 16], 'float32'), builder.scalar('float32', 3)],
          [8, 16],
        );
        return matMul(builder, ones, scaled);
      }),
    );
    expect(operators(graph)).toEqual(['attune.MatMul', 'Mul']);
    expect(lastNode(graph).outputs[0]!.shape).toEqual([1, 16]);
  });

  test('stay where something else reads the tensor, or it is squared, or handed out', () => {
    const read = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const scaled = float(builder, 'Mul', [a, half(builder)], square);
      return [matMul(builder, scaled, b), float(builder, 'Exp', [scaled], square)];
    });
    expect(operators(read)).toContain('Mul');
    const squared = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const scaled = float(builder, 'Mul', [a, half(builder)], square);
      return matMul(builder, float(builder, 'Mul', [scaled, scaled], square), b);
    });
    expect(operators(squared).filter((op) => op === 'Mul')).toHaveLength(2);
    const shared = absorbed((builder) => {
      const [a, b] = inputs(builder);
      const product = matMul(builder, a, b);
      return [product, float(builder, 'Mul', [product, half(builder)], square)];
    });
    expect(alphas(shared)).toEqual([undefined]);
  });
});

describe("ONNX's own LayerNormalization and Gelu", () => {
  const recorded = (forward: ForwardFunction): Graph => {
    const inputs = { x: { shape: [2, 3], dtype: 'float32' } } as const;
    const specs = ['gain', 'bias'].map((name) => ({ name, shape: [3], trainable: true, decay: false }));
    return simplify(traceForward(specs, inputs, forward));
  };

  test('take the place of what nn writes out, twice in a row too', () => {
    const graph = recorded(({ gain, bias }, { x }) => {
      const normed = layerNorm(gelu(x!), gain!, bias!, 1e-5);
      return { y: layerNorm(normed, gain!, bias!, 1e-12) };
    });
    const fused = fuseForwardOperators(graph);
    expect(operators(fused)).toEqual(['Gelu', 'LayerNormalization', 'LayerNormalization']);
    const epsilons = fused.nodes.slice(1).map(({ attributes }) => attributes.epsilon);
    expect(epsilons).toEqual([{ float: Math.fround(1e-5) }, { float: Math.fround(1e-12) }]);
  });

  test('do not take the place of what only looks like them', () => {
    const graph = recorded((_, { x }) => {
      const centred = tf.sub(x!, tf.mean(x!, 0, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.mul(centred, centred), -1, true), 1e-5));
      const t = tf.mul(x!, 0.5);
      return {
        otherAxis: tf.add(tf.mul(tf.mul(centred, inverse), tf.tensor1d([1, 2, 3])), tf.tensor1d([1, 2, 3])),
        otherFactor: tf.mul(tf.mul(t, tf.add(tf.erf(t), 1)), Math.SQRT1_2),
        otherArgument: tf.mul(tf.mul(tf.mul(x!, Math.SQRT1_2), tf.add(tf.erf(t), 1)), Math.SQRT1_2),
      };
    });
    expect(operators(fuseForwardOperators(graph))).toEqual(operators(graph));
  });
});

describe('what ONNX Runtime alone has', () => {
  const recorded = (forward: ForwardFunction): Graph => {
    const inputs = { x: { shape: [2, 3], dtype: 'float32' } } as const;
    return simplify(traceForward([{ name: 'gain', shape: [3], trainable: true, decay: false }], inputs, forward));
  };

  test('takes the place of what nn writes out, twice in a row too', () => {
    const graph = recorded(({ gain }, { x }) => ({
      y: rmsNorm(rmsNorm(geluTanh(x!), gain!, 1e-5), tf.add(gain!, 1), 1e-6),
    }));
    const fused = fuseRuntimeOperators(graph);
    const norm = 'SimplifiedLayerNormalization';
    expect(operators(fused).toSorted()).toEqual(['Add', 'Gelu', norm, norm]);
    const norms = fused.nodes.filter(({ op }) => op === norm);
    expect(norms.map(({ attributes }) => attributes.epsilon)).toEqual(
      [1e-5, 1e-6].map((e) => ({ float: Math.fround(e) })),
    );
  });

  test('does not take the place of what only looks like it', () => {
    const graph = recorded(({ gain }, { x }) => {
      const inverse = (of: tf.Tensor, axis: number) => tf.rsqrt(tf.add(tf.mean(tf.mul(of, of), axis, true), 1e-5));
      return {
        otherAxis: tf.mul(tf.mul(x!, inverse(x!, 0)), gain!),
        otherSquare: tf.mul(tf.mul(x!, inverse(tf.add(x!, 1), -1)), gain!),
        otherGain: tf.mul(tf.mul(x!, inverse(x!, -1)), tf.tensor2d([[1], [2]])),
      };
    });
    expect(operators(fuseRuntimeOperators(graph))).toEqual(operators(graph));
  });
});
