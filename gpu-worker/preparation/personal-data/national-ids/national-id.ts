import type { NumberShape } from '../number-shapes.js';

export interface NationalId {
  /** Country (ISO 3166-1 alpha-2) and the id's usual name. */
  readonly name: string;
  /**
   * The forms in which the id is written, each with the confidence that it has without a word around it. It follows how
   * many strings of that form are valid by chance: a bare nine-digit number with one check digit stays below 0.5.
   */
  readonly shapes: Readonly<Record<NumberShape, number>>;
  /** Whether letters, dates and check digits hold; gets capitals and digits without separators. */
  readonly isValid: (compact: string) => boolean;
  /** Words and phrases that announce the id, in the languages in which they are written. */
  readonly words: readonly string[];
}
