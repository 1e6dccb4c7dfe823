import { hash } from 'node:crypto';
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

interface MadeCopy<Value> {
  readonly row: number;
  readonly copy: number;
  readonly value: Value;
}

/** What copies are drawn with. */
export interface CopyDraws {
  readonly seed: number;
  readonly step: number;
  /** How often a copy is drawn at most. */
  readonly draws: number;
}

/** Copies of one source or of several that were made together. */
export interface CopyGroup<Value> {
  readonly sources: readonly Source<Value>[];
  /** In the order of their rows, those of a row in the order of their numbers. */
  readonly made: readonly MadeCopy<Value>[];
  /** Whether these are all copies of the sources: a source with very many has several groups. */
  readonly isLast: boolean;
}

/** What is made together: so many copies, with so many characters. */
const [mostCopies, mostCharacters] = [32_768, 33_554_432];

/**
 * Makes copies that differ from their source and from one another. One that could not be made, or that equals another,
 * is drawn again from its own random numbers, `draws` times in all, and then left out: short texts get fewer copies.
 *
 * @param keyOf copies with the same key are equal
 * @param change of each wanted copy what it becomes, or null where nothing can be changed: all at once, for a model
 * that reads batches
 * @param beat a sign of life
 */
export async function* makeCopies<Value>(
  sources: readonly Source<Value>[],
  how: CopyDraws,
  keyOf: (value: Value) => string,
  change: (wanted: readonly WantedCopy<Value>[]) => Promise<readonly (Value | null)[]>,
  beat: () => void,
): AsyncGenerator<CopyGroup<Value>> {
  const make = (group: readonly Source<Value>[], seen: readonly Set<string>[], key: typeof keyOf, first: number) =>
    makeTogether(group, how, { seen, first }, key, change, beat);
  for (const group of groupsOf(sources, keyOf)) {
    const most = mostAtOnce(group[0]!, keyOf);
    if (group.length > 1 || group[0]!.copies <= most) {
      const seen = group.map(({ value }) => new Set([keyOf(value)]));
      yield { sources: group, made: await make(group, seen, keyOf, 0), isLast: true };
      continue;
    }
    // The texts of all copies would fill the memory: they are told apart by their digests.
    const digest = (value: Value) => hash('sha1', keyOf(value), 'base64');
    const [source] = group as [Source<Value>];
    const seen = [new Set([digest(source.value)])];
    for (let first = 0; first < source.copies; first += most) {
      const part = [{ ...source, copies: Math.min(source.copies, first + most) }];
      const made = await make(part, seen, digest, first);
      yield { sources: group, made, isLast: first + most >= source.copies };
    }
  }
}

/** How many copies of a source are made at once. */
function mostAtOnce<Value>({ value }: Source<Value>, keyOf: (value: Value) => string): number {
  return Math.max(1, Math.min(mostCopies, Math.floor(mostCharacters / (keyOf(value).length + 1))));
}

/** Neighbours whose copies are made together; a source with too many is alone. */
function* groupsOf<Value>(
  sources: readonly Source<Value>[],
  keyOf: (value: Value) => string,
): Generator<readonly Source<Value>[]> {
  let group: Source<Value>[] = [];
  let share = 0;
  for (const source of sources) {
    const own = source.copies / mostAtOnce(source, keyOf);
    if (group.length > 0 && share + own > 1) {
      yield group;
      [group, share] = [[], 0];
    }
    group.push(source);
    share += own;
  }
  if (group.length > 0) yield group;
}

async function makeTogether<Value>(
  sources: readonly Source<Value>[],
  { seed, step, draws }: CopyDraws,
  { seen, first }: { readonly seen: readonly Set<string>[]; readonly first: number },
  keyOf: (value: Value) => string,
  change: (wanted: readonly WantedCopy<Value>[]) => Promise<readonly (Value | null)[]>,
  beat: () => void,
): Promise<MadeCopy<Value>[]> {
  const made: MadeCopy<Value>[][] = sources.map(() => []);
  const most = sources.reduce((count, { copies }) => Math.max(count, copies), 0);
  for (let copy = first; copy < most; copy++) {
    let open = [...sources.keys()]
      .filter((index) => copy < sources[index]!.copies)
      .map((index) => {
        const of = { seed, step, row: sources[index]!.row };
        return { index, random: randomOfCopy(of, copy), turn: firstTurn(of) + copy };
      });
    for (let draw = 0; draw < draws && open.length > 0; draw++) {
      beat();
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
