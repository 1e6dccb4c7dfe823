import { sizeOf } from '../graph/graph.js';
import { binary, select, unary } from './elementwise.js';
import { cast, type Lowering, lowering, reshape } from './lowering.js';

function comparison(kernel: string, op: string): Lowering {
  return lowering(kernel, (builder, { a, b }) => {
    // ONNX can order only numbers; tfjs can also order bools.
    const type = a!.type === 'bool' && op !== 'Equal' ? 'int32' : a!.type;
    return binary(builder, op, cast(builder, a!, type), cast(builder, b!, type), 'bool');
  });
}

function logical(kernel: string, op: string): Lowering {
  return lowering(kernel, (builder, { a, b }) => binary(builder, op, a!, b!));
}

export const comparisons: readonly Lowering[] = [
  comparison('Equal', 'Equal'),
  comparison('Greater', 'Greater'),
  comparison('GreaterEqual', 'GreaterOrEqual'),
  comparison('Less', 'Less'),
  comparison('LessEqual', 'LessOrEqual'),
  lowering('NotEqual', (builder, { a, b }) => unary(builder, 'Not', binary(builder, 'Equal', a!, b!, 'bool'))),
  logical('LogicalAnd', 'And'),
  logical('LogicalOr', 'Or'),
  logical('LogicalXor', 'Xor'),
  lowering('LogicalNot', (builder, { x }) => unary(builder, 'Not', x!)),
  lowering('IsNan', (builder, { x }) => builder.node('IsNaN', [x!], { shape: x!.shape, type: 'bool' })),
  lowering('IsInf', (builder, { x }) => builder.node('IsInf', [x!], { shape: x!.shape, type: 'bool' })),
  lowering('IsFinite', (builder, { x }) => {
    // x − x is NaN for NaN and for both infinities, and 0 for every other number.
    const difference = binary(builder, 'Sub', x!, x!);
    return unary(builder, 'Not', builder.node('IsNaN', [difference], { shape: x!.shape, type: 'bool' }));
  }),
  lowering('Select', (builder, { condition, t, e }) => {
    // A vector condition selects whole rows (tfjs's older form); any other condition has the shape of the branches.
    const rows = condition!.shape.length === 1 && t!.shape.length > 1;
    const shape = rows ? [sizeOf(condition!.shape), ...t!.shape.slice(1).map(() => 1)] : condition!.shape;
    const by = rows ? reshape(builder, condition!, shape) : condition!;
    if (t!.type !== 'bool') return select(builder, by, t!, e!);
    const chosen = binary(builder, 'And', by, t!);
    return binary(builder, 'Or', chosen, binary(builder, 'And', unary(builder, 'Not', by), e!));
  }),
];
