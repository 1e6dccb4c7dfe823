/** Holds one answer to what it has to be. */
export interface Constraint {
  /** The tokens that may come next, as bits; of id i the bit i mod 32 of the word ⌊i/32⌋. */
  mask(): Uint32Array;
  /** The answer goes on with a token of the mask. */
  accept(id: number): void;
  /** Whether nothing may follow. */
  isComplete(): boolean;
}
