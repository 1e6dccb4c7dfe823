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

/** No copy has this number. */
const noCopy = 0xffffffff;

function firstTurn(of: CopySeed): number {
  return randomOfCopy(of, noCopy)();
}

/** A row to copy. */
export interface Source<Value> {
  readonly row: number;
  readonly value: Value;
  readonly copies: number;
}

/** A copy to make: it draws from `random` alone. */
export interface WantedCopy<Value> {
  readonly value: Value;
  readonly random: Random;
  /** Which of several methods has its turn: a drawn number for the row, one more for each copy and for each draw. */
  readonly turn: number;
}

export interface MadeCopy<Value> {
  readonly row: number;
  readonly copy: number;
  readonly value: Value;
}

/**
 * Makes copies that differ from their source and from one another. One that could not be made, or that equals another,
 * is drawn again from its own random numbers, `draws` times in all, and then left out: short texts get fewer copies.
 *
 * @param keyOf copies with the same key are equal
 * @param change of each wanted copy what it becomes, or null where nothing can be changed: all at once, for a model
 * that reads batches
 * @returns the copies in the order of their rows, those of a row in the order of their numbers
 */
export async function makeCopies<Value>(
  sources: readonly Source<Value>[],
  { seed, step, draws }: { readonly seed: number; readonly step: number; readonly draws: number },
  keyOf: (value: Value) => string,
  change: (wanted: readonly WantedCopy<Value>[]) => Promise<readonly (Value | null)[]>,
): Promise<MadeCopy<Value>[]> {
  const seen = sources.map(({ value }) => new Set([keyOf(value)]));
  const made: MadeCopy<Value>[][] = sources.map(() => []);
  const most = sources.reduce((count, { copies }) => Math.max(count, copies), 0);
  for (let copy = 0; copy < most; copy++) {
    let open = [...sources.keys()]
      .filter((index) => copy < sources[index]!.copies)
      .map((index) => {
        const of = { seed, step, row: sources[index]!.row };
        return { index, random: randomOfCopy(of, copy), turn: firstTurn(of) + copy };
      });
    for (let draw = 0; draw < draws && open.length > 0; draw++) {
      const changed = await change(
        open.map(({ index, random, turn }) => ({ value: sources[index]!.value, random, turn: turn + draw })),
      );
      open = open.filter(({ index }, order) => {
        const value = changed[order]!;
        if (value === null) return true;
        const key = keyOf(value);
        if (seen[index]!.has(key)) return true;
        seen[index]!.add(key);
        made[index]!.push({ row: sources[index]!.row, copy, value });
        return false;
      });
    }
  }
  return made.flat();
}
