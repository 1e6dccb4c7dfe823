import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** How long faults are injected. Starting, the reference runs and the checks come on top of it. */
  readonly minutes: number;
  /** Determines what is trained, which faults come, and when. */
  readonly seed: number;
}

/** @throws TypeError on an unknown argument, RangeError on a value out of range */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0 && minutes <= 1440)) throw new RangeError('--minutes is a number above 0, of at most 1440.');
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError('--seed is an integer from 0 to 2³² - 1.');
  return { minutes, seed };
}
