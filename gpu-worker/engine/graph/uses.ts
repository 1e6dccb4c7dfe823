import type { Node } from './graph.js';

/** A place where a value is read. */
export interface Use {
  readonly node: Node;
  /** Index of the value among the node's inputs. */
  readonly operand: number;
}

/** The producer and the readers of each value of a graph. */
export interface Uses {
  producerOf(id: number): Node | undefined;
  of(id: number): readonly Use[];
  isOutput(id: number): boolean;
  /** The number, if the value is a constant of one float32 element; else undefined. */
  scalarOf(id: number): number | undefined;
}
