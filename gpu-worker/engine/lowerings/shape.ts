import {
  type BroadCastToAttrs,
  type CastAttrs,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import { type ElementType, sizeOf, type Value } from '../graph/graph.js';
import { cast, type Lowering, lowering, normalizeAxes, normalizeAxis, reshape, unsupported } from './lowering.js';

/** The end of an ONNX Slice with a negative step that should include element 0. */
const beforeTheStart = -(2 ** 31);

interface Window {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
  readonly shape: readonly number[];
}

function slice(builder: GraphBuilder, x: Value, { axes, starts, ends, steps, shape }: Window): Value {
  const bounds = [starts, ends, axes, steps].map((values) => builder.int64s(values));
  return builder.node('Slice', [x, ...bounds], { shape, type: x.type });
}

/** The slice of `length` elements along one axis. */
export function sliced(builder: GraphBuilder, x: Value, axis: number, start: number, length: number): Value {
  const shape = x.shape.map((dimension, index) => (index === axis ? length : dimension));
  return slice(builder, x, { axes: [axis], starts: [start], ends: [start + length], steps: [1], shape });
}

/** Pads x along one axis with `before` and `after` copies of `value`. */
export function padded(
  builder: GraphBuilder,
  x: Value,
  axis: number,
  before: number,
  after: number,
  value: number,
): Value {
  const paddings = x.shape.map((_, index): [number, number] => (index === axis ? [before, after] : [0, 0]));
  return pad(builder, x, paddings, 'constant', value);
}

function pad(
  builder: GraphBuilder,
  x: Value,
  paddings: readonly (readonly [number, number])[],
  mode: 'constant' | 'reflect',
  value: number,
): Value {
  const amounts = builder.int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const inputs = mode === 'constant' ? [x, amounts, builder.scalar(x.type, value)] : [x, amounts];
  return builder.node('Pad', inputs, {
    shape: x.shape.map((dimension, axis) => dimension + paddings[axis]![0] + paddings[axis]![1]),
    type: x.type,
    attributes: { mode: { string: mode } },
  });
}

export function concat(builder: GraphBuilder, inputs: readonly Value[], axis: number): Value {
  if (inputs.length === 1) return inputs[0]!;
  const along = inputs.reduce((total, { shape }) => total + shape[axis]!, 0);
  return builder.node('Concat', inputs, {
    shape: inputs[0]!.shape.map((dimension, index) => (index === axis ? along : dimension)),
    type: inputs[0]!.type,
    attributes: { axis: { int: axis } },
  });
}

function split(builder: GraphBuilder, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const outputs = sizes.map((size) => ({
    shape: x.shape.map((dimension, index) => (index === axis ? size : dimension)),
    type: x.type,
  }));
  return builder.nodeOf('Split', [x, builder.int64s(sizes)], outputs, { attributes: { axis: { int: axis } } });
}

/** The shape with −1 replaced by the dimension that makes the sizes agree. */
function resolveShape(shape: readonly number[], size: number): number[] {
  const known = shape.reduce((product, dimension) => (dimension === -1 ? product : product * dimension), 1);
  return shape.map((dimension) => (dimension === -1 ? size / known : dimension));
}

function stridedSlice(builder: GraphBuilder, x: Value, attributes: StridedSliceAttrs): Value {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const plan = slice_util.sliceInfo(
    [...x.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  if (sizeOf(plan.finalShape) === 0) throw unsupported('StridedSlice', 'an empty result');
  const axes = x.shape.map((_, axis) => axis);
  // With a negative step an end of −1 means "before element 0", which ONNX would read as the last element.
  const ends = plan.end.map((bound, axis) => (bound < 0 ? (plan.strides[axis]! < 0 ? beforeTheStart : 0) : bound));
  const shape = plan.begin.map((start, axis) => Math.ceil((plan.end[axis]! - start) / plan.strides[axis]!));
  const window = { axes, starts: plan.begin, ends, steps: plan.strides, shape };
  return reshape(builder, slice(builder, x, window), plan.finalShape);
}

export const shapes: readonly Lowering[] = [
  lowering('Identity', (_, { x }) => x!),
  lowering<CastAttrs>('Cast', (builder, { x }, { dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw unsupported('Cast', `to ${dtype}`);
    return cast(builder, x!, dtype satisfies ElementType);
  }),
  lowering<ReshapeAttrs>('Reshape', (builder, { x }, { shape }) =>
    reshape(builder, x!, resolveShape(shape, sizeOf(x!.shape))),
  ),
  lowering<ExpandDimsAttrs>('ExpandDims', (builder, { input }, { dim }) => {
    const axis = normalizeAxis(dim, input!.shape.length + 1);
    return reshape(builder, input!, [...input!.shape.slice(0, axis), 1, ...input!.shape.slice(axis)]);
  }),
  lowering<TransposeAttrs>('Transpose', (builder, { x }, { perm }) =>
    builder.node('Transpose', [x!], {
      shape: perm.map((axis) => x!.shape[axis]!),
      type: x!.type,
      attributes: { perm: { ints: perm } },
    }),
  ),
  lowering<ConcatAttrs>('Concat', (builder, inputs, { axis }) => {
    const all = Object.values(inputs);
    const filled = all.filter(({ shape }) => sizeOf(shape) > 0);
    return concat(builder, filled.length === 0 ? all : filled, normalizeAxis(axis, all[0]!.shape.length));
  }),
  lowering<PackAttrs>('Pack', (builder, inputs, { axis }) => {
    const all = Object.values(inputs);
    const at = normalizeAxis(axis, all[0]!.shape.length + 1);
    const expanded = all.map((value) => reshape(builder, value, value.shape.toSpliced(at, 0, 1)));
    return concat(builder, expanded, at);
  }),
  lowering<UnpackAttrs>('Unpack', (builder, { value }, { axis }) => {
    const at = normalizeAxis(axis, value!.shape.length);
    const sizes = Array.from({ length: value!.shape[at]! }, () => 1);
    const shape = value!.shape.toSpliced(at, 1);
    return split(builder, value!, sizes, at).map((part) => reshape(builder, part, shape));
  }),
  lowering<SplitVAttrs>('SplitV', (builder, { x }, { numOrSizeSplits, axis }) => {
    const at = normalizeAxis(axis, x!.shape.length);
    const along = x!.shape[at]!;
    const sizes = Array.isArray(numOrSizeSplits)
      ? resolveSplits(numOrSizeSplits, along)
      : Array.from({ length: numOrSizeSplits }, () => along / numOrSizeSplits);
    return split(builder, x!, sizes, at);
  }),
  lowering<SliceAttrs>('Slice', (builder, { x }, { begin, size }) => {
    const starts = x!.shape.map((_, axis) => [begin].flat()[axis] ?? 0);
    const sizes = x!.shape.map((dimension, axis) => {
      const wanted = [size].flat()[axis] ?? -1;
      return wanted < 0 ? dimension - starts[axis]! : wanted;
    });
    const axes = x!.shape.map((_, axis) => axis);
    const ends = starts.map((start, axis) => start + sizes[axis]!);
    // tfjs leaves this check to its kernels; ONNX's Slice would silently return fewer elements.
    if (axes.some((axis) => starts[axis]! < 0 || ends[axis]! > x!.shape[axis]!)) {
      throw new EngineError(
        'INVALID_FUNCTION',
        `A slice from [${starts}] to [${ends}] leaves its tensor [${x!.shape}].`,
      );
    }
    return slice(builder, x!, { axes, starts, ends, steps: axes.map(() => 1), shape: sizes });
  }),
  lowering<StridedSliceAttrs>('StridedSlice', (builder, { x }, attributes) => stridedSlice(builder, x!, attributes)),
  lowering<PadV2Attrs>('PadV2', (builder, { x }, { paddings, constantValue }) =>
    pad(builder, x!, paddings, 'constant', constantValue),
  ),
  lowering<MirrorPadAttrs>('MirrorPad', (builder, { x }, { paddings, mode }) => {
    if (mode !== 'reflect') throw unsupported('MirrorPad', `mode ${mode}`);
    return pad(builder, x!, paddings, 'reflect', 0);
  }),
  lowering<TileAttrs>('Tile', (builder, { x }, { reps }) =>
    builder.node('Tile', [x!, builder.int64s(reps)], {
      shape: x!.shape.map((dimension, axis) => dimension * reps[axis]!),
      type: x!.type,
    }),
  ),
  lowering<ReverseAttrs>('Reverse', (builder, { x }, { dims }) => {
    const axes = normalizeAxes(dims, x!.shape.length);
    if (axes.length === 0) return x!;
    const every = (value: number): number[] => axes.map(() => value);
    return slice(builder, x!, {
      axes,
      starts: every(-1),
      ends: every(beforeTheStart),
      steps: every(-1),
      shape: x!.shape,
    });
  }),
  lowering<BroadCastToAttrs>('BroadcastTo', (builder, { x }, { shape }) =>
    builder.node('Expand', [x!, builder.int64s(shape)], { shape, type: x!.type }),
  ),
];

/** Split sizes with −1 replaced by the remaining size. */
function resolveSplits(sizes: readonly number[], along: number): number[] {
  const known = sizes.reduce((total, size) => (size === -1 ? total : total + size), 0);
  return sizes.map((size) => (size === -1 ? along - known : size));
}
