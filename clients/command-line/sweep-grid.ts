import { CommandError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { jsonOrText } from './parse-options.js';

/** A path into the hyperparameters, with the values that it takes. */
export interface GridAxis {
  readonly path: string;
  readonly values: readonly unknown[];
}

/** A value for each axis. */
export type Combination = readonly (readonly [path: string, value: unknown])[];

/** `learningRate=1e-4,3e-4`. Throws CommandError. */
export function parseGrid(text: string): GridAxis {
  const [, path, list] = /^([A-Za-z][\w.]*)=(.+)$/.exec(text) ?? [];
  if (path === undefined || list === undefined) {
    throw new CommandError(
      'INVALID_OPTION',
      `“${text}” is no axis of a grid.`,
      'Such as learningRate=1e-4,3e-4.',
      exitCodes.usage,
    );
  }
  return { path, values: list.split(',').map((value) => jsonOrText(value.trim())) };
}

/** Every value of each axis with every value of the others; the last axis changes first. */
export function combinationsOf(axes: readonly GridAxis[]): Combination[] {
  return axes.reduce<Combination[]>(
    (before, { path, values }) =>
      before.flatMap((combination) => values.map((value) => [...combination, [path, value] as const])),
    [[]],
  );
}

/**
 * Some of the values in their order, each equally likely, by selection sampling (Knuth, The Art of Computer Programming
 * 2, 3.4.2, algorithm S); the same for the same seed.
 */
export function drawn<Value>(values: readonly Value[], count: number, seed: number): Value[] {
  const random = mulberry32(seed);
  const chosen: Value[] = [];
  values.forEach((value, i) => {
    if (random() * (values.length - i) < count - chosen.length) chosen.push(value);
  });
  return chosen;
}

/** Uniform numbers from 0 to 1 (Tommy Ettinger's generator with a state of 32 bits). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
