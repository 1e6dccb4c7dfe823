import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;

/** What values an operation is tried with, so that its result and its derivative exist and are not near a jump. */
export type Domain = 'any' | 'positive' | 'unit' | 'above one' | 'away from zero' | 'integers' | 'booleans';

interface Operand {
  readonly shape: readonly number[];
  readonly domain: Domain;
}

/** One tfjs operation on operands that are made from a random shape. */
export interface OpCase {
  readonly name: string;
  /** The tfjs kernels this case is there for. */
  readonly kernels: readonly string[];
  /** From a shape of rank 0 to 4. */
  operands(shape: readonly number[]): readonly Operand[];
  apply(operands: readonly Tensor[], shape: readonly number[]): Tensor | readonly Tensor[];
  readonly differentiable: boolean;
}

const float = (domain: Domain) => (shape: readonly number[]) => [{ shape, domain }];

/**
 * Partner shapes that broadcast against `shape`: the same, a scalar, without its first axis, with 1 for every second
 * axis.
 */
function partners(shape: readonly number[]): (readonly number[])[] {
  return [shape, [], shape.slice(1), shape.map((dimension, axis) => (axis % 2 === 0 ? 1 : dimension))];
}

function unary(kernel: string, domain: Domain, apply: (x: Tensor) => Tensor, differentiable = true): OpCase[] {
  return [{ name: kernel, kernels: [kernel], operands: float(domain), apply: ([x]) => apply(x!), differentiable }];
}

function binary(
  kernel: string,
  domains: readonly [Domain, Domain],
  apply: (a: Tensor, b: Tensor) => Tensor,
  differentiable = true,
): OpCase[] {
  return [0, 1, 2, 3].flatMap((way) =>
    [false, true].map((swapped) => ({
      name: `${kernel} broadcast ${way}${swapped ? ' swapped' : ''}`,
      kernels: [kernel],
      operands: (shape: readonly number[]) => {
        const shapes = [shape, partners(shape)[way]!];
        if (swapped) shapes.reverse();
        return shapes.map((operand, index) => ({ shape: operand, domain: domains[index]! }));
      },
      apply: ([a, b]: readonly Tensor[]) => apply(a!, b!),
      // tfjs's own gradients of these do not sum over broadcast axes, and it refuses them.
      differentiable: differentiable && !(way > 0 && ['Maximum', 'Minimum', 'SquaredDifference'].includes(kernel)),
    })),
  );
}

function reduction(
  kernel: string,
  domain: Domain,
  apply: (x: Tensor, axis: number[] | undefined, keep: boolean) => Tensor,
  differentiable = true,
): OpCase[] {
  const axes: [string, (rank: number) => number[] | undefined][] = [
    ['all', () => undefined],
    ['last', (rank) => (rank === 0 ? [] : [-1])],
    ['first', (rank) => (rank === 0 ? [] : [0])],
    ['none', () => []],
    ['outer', (rank) => (rank < 2 ? [] : [0, -1])],
  ];
  return axes.flatMap(([name, axis]) =>
    [false, true].map((keep) => ({
      name: `${kernel} over ${name}${keep ? ', kept' : ''}`,
      kernels: [kernel],
      operands: float(domain),
      apply: ([x]: readonly Tensor[]) => apply(x!, axis(x!.rank), keep),
      differentiable,
    })),
  );
}

/** For operations that need at least one axis: rank 0 becomes [1]. */
const ranked = (domain: Domain) => (shape: readonly number[]) => [{ shape: shape.length === 0 ? [1] : shape, domain }];

function ranking(
  name: string,
  kernels: readonly string[],
  apply: (x: Tensor) => Tensor | readonly Tensor[],
  domain: Domain = 'any',
  differentiable = true,
): OpCase {
  return { name, kernels, operands: ranked(domain), apply: ([x]) => apply(x!), differentiable };
}

const matrices = (
  name: string,
  left: (s: number[]) => number[],
  right: (s: number[]) => number[],
  transposeA: boolean,
  transposeB: boolean,
): OpCase => ({
  name,
  kernels: ['BatchMatMul'],
  operands: (shape) => {
    const dimensions = [2, 3, 2, 4, ...shape].slice(-4);
    return [left(dimensions), right(dimensions)].map((operand) => ({ shape: operand, domain: 'any' as const }));
  },
  apply: ([a, b]) => tf.matMul(a!, b!, transposeA, transposeB),
  differentiable: true,
});

const ids = (shape: readonly number[]): Operand => ({ shape, domain: 'integers' });
const rowsOf = (shape: readonly number[]): readonly number[] => (shape.length === 0 ? [3] : shape);

export const opCases: readonly OpCase[] = [
  ...binary('Add', ['any', 'any'], tf.add),
  ...binary('Sub', ['any', 'any'], tf.sub),
  ...binary('Multiply', ['any', 'any'], tf.mul),
  ...binary('RealDiv', ['any', 'away from zero'], tf.div),
  ...binary('Pow', ['positive', 'any'], tf.pow),
  ...binary('Maximum', ['any', 'any'], tf.maximum),
  ...binary('Minimum', ['any', 'any'], tf.minimum),
  ...binary('SquaredDifference', ['any', 'any'], tf.squaredDifference),
  ...binary('FloorDiv', ['any', 'away from zero'], (a, b) => tf.floorDiv(a, b), false),
  ...binary(
    'FloorDiv',
    ['integers', 'positive'],
    (a, b) => tf.floorDiv(a, tf.add(tf.cast(b, 'int32'), tf.scalar(1, 'int32'))),
    false,
  ),
  ...binary('Mod', ['any', 'away from zero'], tf.mod, false),
  ...binary(
    'Mod',
    ['integers', 'positive'],
    (a, b) => tf.mod(a, tf.add(tf.cast(b, 'int32'), tf.scalar(1, 'int32'))),
    false,
  ),
  ...binary('Equal', ['integers', 'integers'], tf.equal, false),
  ...binary('NotEqual', ['integers', 'integers'], tf.notEqual, false),
  ...binary('Greater', ['any', 'any'], tf.greater, false),
  ...binary('GreaterEqual', ['integers', 'integers'], tf.greaterEqual, false),
  ...binary('Less', ['any', 'any'], tf.less, false),
  ...binary('LessEqual', ['integers', 'integers'], tf.lessEqual, false),
  ...binary('LogicalAnd', ['booleans', 'booleans'], tf.logicalAnd, false),
  ...binary('LogicalOr', ['booleans', 'booleans'], tf.logicalOr, false),
  ...binary('LogicalXor', ['booleans', 'booleans'], tf.logicalXor, false),
  ...binary('Prelu', ['away from zero', 'any'], (a, b) => tf.prelu(a, b)).filter(
    ({ name }) => !name.includes('swapped'),
  ),
  {
    name: 'AddN of three',
    kernels: ['AddN'],
    operands: (shape) => [1, 2, 3].map(() => ({ shape, domain: 'any' })),
    apply: (operands) => tf.addN([...operands]),
    differentiable: true,
  },
  {
    name: 'Select',
    kernels: ['Select'],
    operands: (shape) => [
      { shape, domain: 'booleans' },
      { shape, domain: 'any' },
      { shape, domain: 'any' },
    ],
    apply: ([condition, a, b]) => tf.where(condition!, a!, b!),
    differentiable: true,
  },
  {
    name: 'Select of bools by a vector',
    kernels: ['Select'],
    operands: (shape) => [
      { shape: [2], domain: 'booleans' },
      { shape: [2, ...shape], domain: 'booleans' },
    ],
    apply: ([condition, a]) =>
      tf.where(tf.reshape(condition!, [2, ...a!.shape.slice(1).map(() => 1)]), a!, tf.logicalNot(a!)),
    differentiable: false,
  },

  ...unary('Neg', 'any', tf.neg),
  ...unary('Abs', 'away from zero', tf.abs),
  ...unary('Sign', 'any', tf.sign),
  ...unary('Relu', 'away from zero', tf.relu),
  ...unary('Relu6', 'away from zero', (x) => tf.relu6(tf.mul(x, 4))),
  ...unary('LeakyRelu', 'away from zero', (x) => tf.leakyRelu(x, 0.3)),
  ...unary('Elu', 'away from zero', tf.elu),
  ...unary('EluGrad', 'away from zero', tf.elu),
  ...unary('Floor', 'any', tf.floor),
  ...unary('Ceil', 'any', tf.ceil),
  ...unary('Round', 'any', tf.round),
  ...unary('Square', 'any', tf.square),
  ...unary('ClipByValue', 'any', (x) => tf.clipByValue(x, -0.5, 0.7)),
  ...unary('Step', 'away from zero', (x) => tf.step(x, 0.2)),
  ...unary('Exp', 'any', tf.exp),
  ...unary('Expm1', 'any', tf.expm1),
  ...unary('Log', 'positive', tf.log),
  ...unary('Log1p', 'positive', tf.log1p),
  ...unary('Sqrt', 'positive', tf.sqrt),
  ...unary('Rsqrt', 'positive', tf.rsqrt),
  ...unary('Reciprocal', 'away from zero', tf.reciprocal),
  ...unary('Tanh', 'any', tf.tanh),
  ...unary('Sigmoid', 'any', tf.sigmoid),
  ...unary('Softplus', 'any', tf.softplus),
  ...unary('Erf', 'any', tf.erf),
  ...unary('Sin', 'any', tf.sin),
  ...unary('Cos', 'any', tf.cos),
  ...unary('Tan', 'unit', tf.tan),
  ...unary('Asin', 'unit', tf.asin),
  ...unary('Acos', 'unit', tf.acos),
  ...unary('Atan', 'any', tf.atan),
  ...unary('Sinh', 'any', tf.sinh),
  ...unary('Cosh', 'any', tf.cosh),
  ...unary('Asinh', 'any', tf.asinh),
  ...unary('Acosh', 'above one', tf.acosh),
  ...unary('Atanh', 'unit', tf.atanh),
  ...unary('LogicalNot', 'booleans', tf.logicalNot, false),
  ...unary('IsNan', 'any', (x) => tf.isNaN(tf.log(x)), false),
  ...unary('IsInf', 'any', (x) => tf.isInf(tf.div(1, tf.relu(x))), false),
  ...unary('IsFinite', 'any', (x) => tf.isFinite(tf.div(1, tf.relu(x))), false),
  ...unary('ZerosLike', 'any', (x) => tf.add(x, tf.zerosLike(x))),
  ...unary('OnesLike', 'any', (x) => tf.mul(tf.add(x, tf.onesLike(x)), tf.onesLike(x))),
  ...unary('Identity', 'any', (x) => tf.clone(x)),
  ...unary('Cast', 'any', (x) => tf.cast(tf.mul(x, 10), 'int32'), false),
  ...unary('Cast', 'integers', (x) => tf.cast(tf.cast(x, 'bool'), 'float32'), false),
  ...unary('Fill', 'any', (x) => tf.add(x, tf.fill(x.shape, 3))),
  ...unary('Abs', 'integers', tf.abs, false),

  ...reduction('Sum', 'any', tf.sum),
  ...reduction('Sum', 'integers', tf.sum, false),
  ...reduction('Sum', 'booleans', tf.sum, false),
  ...reduction('Mean', 'any', tf.mean),
  ...reduction('Mean', 'integers', tf.mean, false),
  ...reduction('Max', 'any', tf.max),
  ...reduction('Max', 'integers', tf.max, false),
  ...reduction('Min', 'any', tf.min),
  ...reduction('Min', 'integers', tf.min, false),
  ...reduction('Prod', 'away from zero', tf.prod, false),
  ...reduction('All', 'booleans', tf.all, false),
  ...reduction('Any', 'booleans', tf.any, false),
  ranking('ArgMax', ['ArgMax'], (x) => tf.argMax(x, -1), 'integers', false),
  ranking('ArgMin', ['ArgMin'], (x) => tf.argMin(x, 0), 'integers', false),
  ...[0, -1].flatMap((axis) =>
    [false, true].flatMap((exclusive) =>
      [false, true].flatMap((reverse) => [
        ranking(
          `Cumsum ${axis} ${exclusive} ${reverse}`,
          ['Cumsum'],
          (x) => tf.cumsum(x, axis < 0 ? x.rank - 1 : 0, exclusive, reverse),
          'any',
          axis < 0,
        ),
        ranking(
          `Cumprod ${axis} ${exclusive} ${reverse}`,
          ['Cumprod'],
          (x) => tf.cumprod(x, axis < 0 ? x.rank - 1 : 0, exclusive, reverse),
          'any',
          false,
        ),
      ]),
    ),
  ),
  ranking('Softmax', ['Softmax'], (x) => tf.softmax(x, -1)),
  ranking('LogSoftmax', ['LogSoftmax'], (x) => tf.logSoftmax(x, -1)),
  ranking('logSumExp of an outer axis', ['Max', 'Sum'], (x) => tf.logSumExp(x, [0])),

  matrices(
    'MatMul',
    ([m, k]) => [m!, k!],
    ([, k, n]) => [k!, n!],
    false,
    false,
  ),
  matrices(
    'MatMul aᵀ',
    ([m, k]) => [k!, m!],
    ([, k, n]) => [k!, n!],
    true,
    false,
  ),
  matrices(
    'MatMul bᵀ',
    ([m, k]) => [m!, k!],
    ([, k, n]) => [n!, k!],
    false,
    true,
  ),
  matrices(
    'MatMul aᵀbᵀ',
    ([m, k]) => [k!, m!],
    ([, k, n]) => [n!, k!],
    true,
    true,
  ),
  matrices(
    'batched MatMul',
    ([b, m, k]) => [b!, 2, m!, k!],
    ([b, , k, n]) => [b!, 2, k!, n!],
    false,
    false,
  ),
  matrices(
    'batched MatMul aᵀ',
    ([b, m, k]) => [b!, k!, m!],
    ([b, , k, n]) => [b!, k!, n!],
    true,
    false,
  ),
  matrices(
    'batched MatMul bᵀ',
    ([b, m, k]) => [b!, 2, m!, k!],
    ([b, , k, n]) => [b!, 2, n!, k!],
    false,
    true,
  ),
  {
    ...matrices(
      'scaled MatMul of a transposition',
      ([m, k]) => [m!, k!],
      ([, k, n]) => [n!, k!],
      false,
      false,
    ),
    apply: ([a, b]) => tf.div(tf.matMul(a!, tf.transpose(b!)), 3),
  },
  {
    name: 'Einsum',
    kernels: ['Einsum'],
    operands: () => [
      { shape: [2, 3, 4], domain: 'any' },
      { shape: [4, 5, 3], domain: 'any' },
    ],
    apply: ([a, b]) => tf.einsum('bij,jki->bk', a!, b!),
    differentiable: false,
  },

  ranking('Reshape', ['Reshape'], (x) => tf.reshape(x, [-1])),
  ranking('Reshape with 1s', ['Reshape'], (x) => tf.reshape(x, [1, -1, 1])),
  ranking('ExpandDims', ['ExpandDims'], (x) => [tf.expandDims(x, 0), tf.expandDims(x, -1), tf.expandDims(x, 1)]),
  ranking('Transpose', ['Transpose'], (x) => tf.transpose(x)),
  ranking('Transpose last to first', ['Transpose'], (x) =>
    tf.transpose(x, [x.rank - 1, ...Array.from({ length: x.rank - 1 }, (_, axis) => axis)]),
  ),
  {
    name: 'Concat',
    kernels: ['Concat'],
    operands: (shape) => [1, 2].map((length) => ({ shape: [length, ...shape.slice(1)], domain: 'any' })),
    apply: (operands) => tf.concat([...operands], 0),
    differentiable: true,
  },
  {
    name: 'Pack',
    kernels: ['Pack'],
    operands: (shape) => [0, 1].map(() => ({ shape, domain: 'any' })),
    apply: (operands) => [tf.stack([...operands], 0), tf.stack([...operands], -1)],
    differentiable: true,
  },
  ranking('Unpack first', ['Unpack'], (x) => (x.shape[0]! > 1 ? tf.unstack(x, 0) : x)),
  ranking('Unpack last', ['Unpack'], (x) => (x.shape.at(-1)! > 1 ? tf.unstack(x, -1) : x)),
  ranking('SplitV by sizes', ['SplitV'], (x) => (x.shape[0]! > 1 ? tf.split(x, [1, x.shape[0]! - 1], 0) : x)),
  // Not into a single part, whose gradient fails inside tfjs.
  ranking('SplitV in equal parts', ['SplitV'], (x) => (x.shape.at(-1)! > 1 ? tf.split(x, x.shape.at(-1)!, -1) : x)),
  ranking('Slice', ['Slice'], (x) =>
    tf.slice(
      x,
      x.shape.map((dimension) => Math.min(1, dimension - 1)),
      x.shape.map(() => -1),
    ),
  ),
  ranking('Slice of the first axis', ['Slice'], (x) => tf.slice(x, [0], [1])),
  ranking(
    'StridedSlice',
    ['StridedSlice'],
    (x) =>
      tf.stridedSlice(
        x,
        x.shape.map(() => 0),
        [...x.shape],
        x.shape.map(() => 2),
      ),
    'any',
    false,
  ),
  ranking(
    'StridedSlice backwards',
    ['StridedSlice'],
    (x) => tf.stridedSlice(x, [-1], [-x.shape[0]! - 1], [-1]),
    'any',
    false,
  ),
  ranking(
    'StridedSlice with masks',
    ['StridedSlice'],
    (x) => tf.stridedSlice(x, [0, 0], [1, 0], [1, 1], 1, 2, 0, 1, 0),
    'any',
    false,
  ),
  ranking(
    'StridedSlice shrinking',
    ['StridedSlice'],
    (x) => tf.stridedSlice(x, [-1], [0], [1], 0, 1, 0, 0, 1),
    'any',
    false,
  ),
  ranking('PadV2', ['PadV2'], (x) =>
    tf.pad(
      x,
      x.shape.map((_, axis): [number, number] => [axis % 2, 1]),
      0.5,
    ),
  ),
  ranking(
    'MirrorPad',
    ['MirrorPad'],
    (x) =>
      tf.mirrorPad(
        x,
        x.shape.map((dimension): [number, number] => [dimension > 1 ? 1 : 0, 0]),
        'reflect',
      ),
    'any',
    false,
  ),
  ranking('Tile', ['Tile'], (x) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => 1 + (axis % 2)),
    ),
  ),
  ranking('Reverse all', ['Reverse'], (x) => tf.reverse(x)),
  ranking('Reverse last', ['Reverse'], (x) => tf.reverse(x, -1)),
  {
    name: 'BroadcastTo',
    kernels: ['BroadcastTo', 'Tile'],
    operands: (shape) => [{ shape: shape.map((dimension, axis) => (axis % 2 === 0 ? 1 : dimension)), domain: 'any' }],
    apply: ([x], shape) => tf.broadcastTo(x!, [...shape]),
    differentiable: true,
  },
  {
    name: 'BroadcastTo by its kernel',
    kernels: ['BroadcastTo'],
    operands: (shape) => [{ shape: shape.map(() => 1), domain: 'any' }],
    apply: ([x], shape) => tf.mul(x!, tf.ones([...shape])),
    differentiable: true,
  },
  ...[0, -1].map(
    (axis): OpCase => ({
      name: `GatherV2 along ${axis}`,
      kernels: ['GatherV2', 'UnsortedSegmentSum'],
      operands: (shape) => [{ shape: rowsOf(shape), domain: 'any' }, ids([2, 3])],
      apply: ([x, index]) => {
        const rows = x!.shape.at(axis)!;
        return tf.gather(x!, tf.mod(tf.abs(index!), tf.scalar(rows, 'int32')), axis < 0 ? x!.rank - 1 : axis);
      },
      differentiable: true,
    }),
  ),
  {
    name: 'GatherNd',
    kernels: ['GatherNd'],
    operands: (shape) => [{ shape: [3, ...shape], domain: 'any' }, ids([4, 1])],
    apply: ([x, index]) => tf.gatherND(x!, tf.mod(tf.abs(index!), tf.scalar(3, 'int32'))),
    differentiable: false,
  },
  {
    name: 'UnsortedSegmentSum',
    kernels: ['UnsortedSegmentSum'],
    operands: (shape) => [{ shape: rowsOf(shape), domain: 'any' }, ids([rowsOf(shape)[0]!])],
    apply: ([x, index]) => tf.square(tf.unsortedSegmentSum(x!, index as tf.Tensor1D, 4)),
    differentiable: true,
  },
  {
    name: 'OneHot',
    kernels: ['OneHot'],
    operands: (shape) => [ids(shape)],
    apply: ([index]) => [tf.oneHot(index!, 3), tf.oneHot(index!, 4, 0.9, 0.1, 'float32')],
    differentiable: false,
  },
  ranking('Range', ['Range'], (x) =>
    tf.add(
      tf.mul(tf.cast(tf.range(0, x.shape.at(-1)!, 1, 'int32'), 'float32'), x),
      tf.slice(tf.range(1, 0.4, -0.25), 0, 1),
    ),
  ),
  ranking('LinSpace', ['LinSpace'], (x) => tf.mul(tf.linspace(-1, 1, x.shape.at(-1)!), x)),
];
