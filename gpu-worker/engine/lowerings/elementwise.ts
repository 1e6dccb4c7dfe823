import type { ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';
import { broadcastShape } from '../graph/graph.js';
import { cast, type Lowering, lowering } from './lowering.js';

/** A broadcasting operator of two inputs, which tfjs has already converted to one dtype. */
export function binary(builder: GraphBuilder, op: string, a: Value, b: Value, type: ElementType = a.type): Value {
  return builder.node(op, [a, b], { shape: broadcastShape(a.shape, b.shape), type });
}

export function unary(builder: GraphBuilder, op: string, x: Value): Value {
  return builder.node(op, [x], { shape: x.shape, type: x.type });
}

export function select(builder: GraphBuilder, condition: Value, then: Value, otherwise: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(then.shape, otherwise.shape));
  return builder.node('Where', [condition, then, otherwise], { shape, type: then.type });
}

function arithmetic(kernel: string, op: string): Lowering {
  return lowering(kernel, (builder, { a, b }) => binary(builder, op, a!, b!));
}

/** A kernel that tfjs computes in float32, whatever its input's dtype. */
function floatFunction(kernel: string, op: string = kernel): Lowering {
  return lowering(kernel, (builder, { x }) => unary(builder, op, cast(builder, x!, 'float32')));
}

/** A kernel whose result has its input's dtype. */
function sameType(kernel: string, op: string = kernel): Lowering {
  return lowering(kernel, (builder, { x }) => unary(builder, op, x!));
}

const sum = (builder: GraphBuilder, inputs: readonly Value[]): Value =>
  inputs.reduce((total, next) => binary(builder, 'Add', total, next));

/**
 * tfjs's floor(a / b) is int32, even of floats. It is computed in float64, where every int32 quotient rounds the right
 * way; ONNX Runtime's integer division truncates, and traps on zero.
 */
function floorDivide(builder: GraphBuilder, a: Value, b: Value): Value {
  const quotient = binary(builder, 'Div', cast(builder, a, 'float64'), cast(builder, b, 'float64'));
  return cast(builder, unary(builder, 'Floor', quotient), 'int32');
}

/** In tfjs the remainder has the divisor's sign. ONNX's Mod does that only for integers. */
function modulo(builder: GraphBuilder, a: Value, b: Value): Value {
  if (a.type === 'int32') return binary(builder, 'Mod', a, b);
  const shape = broadcastShape(a.shape, b.shape);
  const remainderOf = (x: Value): Value =>
    builder.node('Mod', [x, b], { shape, type: a.type, attributes: { fmod: { int: 1 } } });
  const remainder = remainderOf(a);
  const zero = builder.scalar(a.type, 0);
  const signsDiffer = binary(
    builder,
    'Xor',
    binary(builder, 'Less', a, zero, 'bool'),
    binary(builder, 'Less', b, zero, 'bool'),
  );
  return select(builder, signsDiffer, remainderOf(binary(builder, 'Add', remainder, b)), remainder);
}

/** eˣ − 1 = tanh(x/2) · (eˣ + 1), which keeps its digits where eˣ is near 1. */
function expm1(builder: GraphBuilder, x: Value): Value {
  const half = binary(builder, 'Mul', x, builder.scalar('float32', 0.5));
  const onePlus = binary(builder, 'Add', unary(builder, 'Exp', x), builder.scalar('float32', 1));
  return binary(builder, 'Mul', unary(builder, 'Tanh', half), onePlus);
}

/**
 * log(1 + x) with u = 1 + x rounded: x where u = 1, else log(u) · x / (u − 1), whose rounding errors cancel (Goldberg
 * 1991, theorem 4). log(u) alone where u is infinite.
 */
function log1p(builder: GraphBuilder, x: Value): Value {
  const one = builder.scalar('float32', 1);
  const u = binary(builder, 'Add', x, one);
  const logU = unary(builder, 'Log', u);
  const corrected = binary(builder, 'Mul', logU, binary(builder, 'Div', x, binary(builder, 'Sub', u, one)));
  const infinite = binary(builder, 'Equal', u, builder.scalar('float32', Number.POSITIVE_INFINITY), 'bool');
  return select(builder, binary(builder, 'Equal', u, one, 'bool'), x, select(builder, infinite, logU, corrected));
}

export const elementwise: readonly Lowering[] = [
  arithmetic('Add', 'Add'),
  arithmetic('Sub', 'Sub'),
  arithmetic('Multiply', 'Mul'),
  arithmetic('RealDiv', 'Div'),
  arithmetic('Pow', 'Pow'),
  arithmetic('Maximum', 'Max'),
  arithmetic('Minimum', 'Min'),
  lowering('AddN', (builder, inputs) => sum(builder, Object.values(inputs))),
  lowering('FloorDiv', (builder, { a, b }) => floorDivide(builder, a!, b!)),
  lowering('Mod', (builder, { a, b }) => modulo(builder, a!, b!)),
  lowering('SquaredDifference', (builder, { a, b }) => {
    const difference = binary(builder, 'Sub', a!, b!);
    return binary(builder, 'Mul', difference, difference);
  }),

  sameType('Neg'),
  sameType('Abs'),
  sameType('Sign'),
  sameType('Relu'),
  floatFunction('Floor'),
  floatFunction('Ceil'),
  // tfjs and ONNX both round half to even.
  floatFunction('Round'),
  lowering('Square', (builder, { x }) => binary(builder, 'Mul', x!, x!)),
  lowering<ClipByValueAttrs>('ClipByValue', (builder, { x }, { clipValueMin, clipValueMax }) =>
    builder.node('Clip', [x!, builder.scalar(x!.type, clipValueMin), builder.scalar(x!.type, clipValueMax)], {
      shape: x!.shape,
      type: x!.type,
    }),
  ),
  // Here NaN counts as not positive, while tfjs passes it through. Step is Relu's derivative, and Relu's forward pass
  // has already shown the NaN.
  lowering<StepAttrs>('Step', (builder, { x }, { alpha }) => {
    const positive = binary(builder, 'Greater', x!, builder.scalar(x!.type, 0), 'bool');
    const [one, other] = [builder.scalar(x!.type, 1), builder.scalar(x!.type, alpha)];
    return select(builder, positive, one, other);
  }),

  floatFunction('Exp'),
  floatFunction('Log'),
  floatFunction('Sqrt'),
  floatFunction('Reciprocal'),
  floatFunction('Tanh'),
  floatFunction('Sigmoid'),
  floatFunction('Erf'),
  floatFunction('Softplus'),
  floatFunction('Sin'),
  floatFunction('Cos'),
  floatFunction('Tan'),
  floatFunction('Asin'),
  floatFunction('Acos'),
  floatFunction('Atan'),
  floatFunction('Sinh'),
  floatFunction('Cosh'),
  floatFunction('Asinh'),
  floatFunction('Acosh'),
  floatFunction('Atanh'),
  floatFunction('Elu'),
  lowering('Rsqrt', (builder, { x }) => unary(builder, 'Reciprocal', unary(builder, 'Sqrt', x!))),
  lowering('Expm1', (builder, { x }) => expm1(builder, cast(builder, x!, 'float32'))),
  lowering('Log1p', (builder, { x }) => log1p(builder, cast(builder, x!, 'float32'))),
  lowering('Relu6', (builder, { x }) =>
    builder.node('Clip', [x!, builder.scalar(x!.type, 0), builder.scalar(x!.type, 6)], {
      shape: x!.shape,
      type: x!.type,
    }),
  ),
  lowering<LeakyReluAttrs>('LeakyRelu', (builder, { x }, { alpha }) => {
    const input = cast(builder, x!, 'float32');
    return builder.node('LeakyRelu', [input], {
      shape: input.shape,
      type: 'float32',
      attributes: { alpha: { float: alpha } },
    });
  }),
  lowering('Prelu', (builder, { x, alpha }) => {
    const positive = binary(builder, 'GreaterOrEqual', x!, builder.scalar(x!.type, 0), 'bool');
    return select(builder, positive, x!, binary(builder, 'Mul', x!, alpha!));
  }),
  // Derivative of Elu from its output: dy where y ≥ 0, else dy · (y + 1).
  lowering('EluGrad', (builder, { dy, y }) => {
    const positive = binary(builder, 'GreaterOrEqual', y!, builder.scalar(y!.type, 0), 'bool');
    const below = binary(builder, 'Mul', dy!, binary(builder, 'Add', y!, builder.scalar(y!.type, 1)));
    return select(builder, positive, dy!, below);
  }),
];
