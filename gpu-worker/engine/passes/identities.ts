import { type GraphBuilder, uniformNumber } from '../graph/builder.js';
import { type Attribute, type Graph, type Node, sameShape, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { cast, reshape } from '../lowerings/lowering.js';

/**
 * Removes operators that return their input, and shortens chains of reshapes, transpositions, casts and negations.
 * Every rule is exact, except for the sign of a zero (x + 0, x − 0).
 */
export function simplifyIdentities(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    const replacement = simplify(node, builder);
    return replacement === undefined ? undefined : [replacement];
  });
}

function simplify(node: Node, builder: GraphBuilder): Value | undefined {
  const [x, y] = node.inputs;
  const output = node.outputs[0]!;
  if (node.domain !== '' || x === undefined) return undefined;
  const producer = builder.producerOf(x);
  switch (node.op) {
    case 'Identity':
      return x;
    case 'Expand':
    case 'Tile':
    case 'Pad':
    case 'Slice':
      if (node.op === 'Slice' && stepsBackwards(node, builder)) return undefined;
      return sameShape(x.shape, output.shape) ? x : undefined;
    case 'Reshape':
      if (sameShape(x.shape, output.shape)) return x;
      return producer?.op === 'Reshape' ? reshape(builder, producer.inputs[0]!, output.shape) : undefined;
    case 'Transpose':
      return simplifyTranspose(x, permutation(node), producer, builder);
    case 'Cast':
      // A bool becomes 0 or 1, no matter which number type it passes through.
      if (producer?.op === 'Cast' && producer.inputs[0]!.type === 'bool')
        return cast(builder, producer.inputs[0]!, output.type);
      return x.type === output.type ? x : undefined;
    case 'Neg':
      return producer?.op === 'Neg' ? producer.inputs[0] : undefined;
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return simplifyArithmetic(node.op, x, y!, output, builder);
    default:
      return undefined;
  }
}

function simplifyTranspose(
  x: Value,
  perm: readonly number[],
  producer: Node | undefined,
  builder: GraphBuilder,
): Value | undefined {
  if (perm.every((axis, index) => axis === index)) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  // A transposition that moves only axes of length 1 moves no element.
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, index) => index === 0 || axis > moved[index - 1]!)) return reshape(builder, x, shape);
  if (producer?.op !== 'Transpose') return undefined;
  const first = permutation(producer);
  const [source] = producer.inputs as [Value];
  const combined = perm.map((axis) => first[axis]!);
  const attributes: Record<string, Attribute> = { perm: { ints: combined } };
  return (
    simplifyTranspose(source, combined, builder.producerOf(source), builder) ??
    builder.node('Transpose', [source], { shape, type: x.type, attributes })
  );
}

function simplifyArithmetic(op: string, x: Value, y: Value, output: Value, builder: GraphBuilder): Value | undefined {
  const neutral = op === 'Add' || op === 'Sub' ? 0 : 1;
  const commutes = op === 'Add' || op === 'Mul';
  if (uniformNumber(builder, y) === neutral) return expanded(builder, x, output);
  if (commutes && uniformNumber(builder, x) === neutral) return expanded(builder, y, output);
  if (op !== 'Add' && op !== 'Sub') return undefined;
  const opposite = op === 'Add' ? 'Sub' : 'Add';
  const negated = (value: Value): Value | undefined => {
    const producer = builder.producerOf(value);
    return producer?.op === 'Neg' ? producer.inputs[0] : undefined;
  };
  const positiveY = negated(y);
  if (positiveY !== undefined) return builder.node(opposite, [x, positiveY], output);
  const positiveX = op === 'Add' ? negated(x) : undefined;
  return positiveX === undefined ? undefined : builder.node('Sub', [y, positiveX], output);
}

function expanded(builder: GraphBuilder, value: Value, { shape, type }: Value): Value {
  return sameShape(value.shape, shape)
    ? value
    : builder.node('Expand', [value, builder.int64s(shape)], { shape, type });
}

function permutation(node: Node): readonly number[] {
  const { perm } = node.attributes;
  return perm !== undefined && 'ints' in perm ? perm.ints : [];
}

function stepsBackwards(node: Node, builder: GraphBuilder): boolean {
  const steps = builder.constantOf(node.inputs[4]!)?.data as BigInt64Array | undefined;
  return steps === undefined || steps.some((step) => step < 0n);
}
