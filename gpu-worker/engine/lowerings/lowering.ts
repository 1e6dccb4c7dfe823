import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { ElementType, Value } from '../graph/graph.js';

/** The inputs of a kernel, under tfjs's names. */
export type KernelInputs = Readonly<Record<string, Value>>;

/** Turns one tfjs kernel into graph nodes. */
export interface Lowering {
  readonly kernel: string;
  lower(builder: GraphBuilder, inputs: KernelInputs, attributes: NamedAttrMap): Value | readonly Value[];
}

/** A lowering with the attribute type that tfjs documents for the kernel. */
export function lowering<Attributes extends object = object>(
  kernel: string,
  lower: (builder: GraphBuilder, inputs: KernelInputs, attributes: Attributes) => Value | readonly Value[],
): Lowering {
  return {
    kernel,
    lower: (builder, inputs, attributes) => lower(builder, inputs, attributes as unknown as Attributes),
  };
}

export function cast(builder: GraphBuilder, value: Value, type: ElementType): Value {
  if (value.type === type) return value;
  return builder.node('Cast', [value], { shape: value.shape, type, attributes: { to: { type } } });
}

export function reshape(builder: GraphBuilder, value: Value, shape: readonly number[]): Value {
  return builder.node('Reshape', [value, builder.int64s(shape)], { shape, type: value.type });
}

/** Axes as non-negative numbers; tfjs's null means all axes. */
export function normalizeAxes(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, index) => index);
  return [axis].flat().map((index) => (index < 0 ? index + rank : index));
}

export function normalizeAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

export function unsupported(kernel: string, reason: string): EngineError {
  return new EngineError('UNSUPPORTED_KERNEL', `The lowering of ${kernel} does not cover ${reason}.`);
}
