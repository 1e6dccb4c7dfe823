/** A part of the code whose rooms are in an order, e.g. `src`. */
export interface House {
  readonly folder: string;
  /** Rooms of other houses that this one may import from, e.g. `src/protocol`. */
  readonly shared: readonly string[];
  /** Top first. */
  readonly rooms: readonly string[];
}

/** The imports that break the layout, a sentence each. */
export function checkLayout(root: string, houses: readonly House[]): Promise<string[]>;
