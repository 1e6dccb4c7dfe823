import { createRandom, type Random } from '../../data/random.js';

/** Keeps the random numbers of augmentation apart from those of other steps with the same seed. */
const augmentationStream = 0x6175676d;

/** What the copies of a row depend on, and nothing else does. */
export interface CopySeed {
  readonly seed: number;
  /** The place of the step in its recipe. */
  readonly step: number;
  /** The row's number in the table, below 2⁵³. */
  readonly row: number;
}

/**
 * The random numbers of one copy of one row. They depend on the four numbers alone: the same rows have the same copies
 * in whatever order they are made, by however many threads, and whatever other rows there are.
 */
export function randomOfCopy({ seed, step, row }: CopySeed, copy: number): Random {
  return createRandom(seed, augmentationStream, step, row, Math.floor(row / 0x1_0000_0000), copy);
}

/** So often a copy is drawn anew that turned out equal to its source or to another copy. */
const draws = 4;

/**
 * Up to `count` copies of a value that differ from it and from one another; `change` gives null where it can change
 * nothing. A copy that stays equal to another after four draws is left out, so that short texts get fewer.
 *
 * @param keyOf copies with the same key are equal
 */
export function copiesOf<Value>(
  source: Value,
  count: number,
  seed: CopySeed,
  keyOf: (value: Value) => string,
  change: (source: Value, random: Random, copy: number) => Value | null,
): Value[] {
  const seen = new Set([keyOf(source)]);
  const copies: Value[] = [];
  for (let copy = 0; copy < count; copy++) {
    const random = randomOfCopy(seed, copy);
    for (let draw = 0; draw < draws; draw++) {
      const changed = change(source, random, copy);
      if (changed === null) break;
      const key = keyOf(changed);
      if (seen.has(key)) continue;
      seen.add(key);
      copies.push(changed);
      break;
    }
  }
  return copies;
}
