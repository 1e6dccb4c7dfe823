import { elementData, type GraphBuilder } from '../graph/builder.js';
import { type Graph, type Node, sameShape, sizeOf, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

const maxFoldedElements = 64;

const binaryFunctions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

const unaryFunctions: Readonly<Record<string, (a: number) => number>> = {
  Neg: (a) => -a,
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
};

/**
 * Computes small float32 constants at once, mostly scalars that tfjs's gradients make of one another. The computation
 * is in float64, rounded once to float32, which equals float32 hardware for these operators (Figueroa 1995). ONNX
 * Runtime folds the other constants when it loads the graph.
 */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    const folded = fold(node, builder);
    return folded === undefined ? undefined : [folded];
  });
}

function fold(node: Node, builder: GraphBuilder): Value | undefined {
  const [output] = node.outputs;
  if (node.domain !== '' || output === undefined || sizeOf(output.shape) > maxFoldedElements) return undefined;
  const constants = node.inputs.map((input) => builder.constantOf(input));
  const [a, b] = constants;
  if (a === undefined) return undefined;
  if (node.op === 'Reshape') return builder.constant(output.shape, output.type, a.data);
  if (output.type !== 'float32' || constants.some((constant) => constant?.value.type !== 'float32')) return undefined;
  const x = numbers(a.data);
  const unary = unaryFunctions[node.op];
  if (unary !== undefined) return builder.constant(output.shape, 'float32', elementData('float32', x.map(unary)));
  const binary = binaryFunctions[node.op];
  if (binary === undefined || b === undefined) return undefined;
  const y = numbers(b.data);
  const same = sameShape(a.value.shape, b.value.shape);
  if (!same && x.length !== 1 && y.length !== 1) return undefined;
  const result = Array.from({ length: sizeOf(output.shape) }, (_, index) =>
    binary(x[x.length === 1 ? 0 : index]!, y[y.length === 1 ? 0 : index]!),
  );
  return builder.constant(output.shape, 'float32', elementData('float32', result));
}

function numbers(data: ArrayLike<number | bigint>): number[] {
  return Array.from(data, Number);
}
