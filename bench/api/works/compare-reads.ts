import { askOnce, type LoadFigures, type Pace } from '../load/load.js';
import type { Read, Side } from '../reads/sides.js';
import { short, spread } from '../result.js';
import type { Bench } from './work.js';

/** Of each side what its rounds measured. */
export type Rounds = ReadonlyMap<Side, readonly LoadFigures[]>;

/**
 * Asks all sides for the same rows, which must be equal, and then loads one after the other in turns, in each round
 * beginning with another one. A turn that does not count comes first, in which each side compiles.
 */
export async function compareReads<Found>(
  { load, rounds, seconds, log }: Bench,
  sides: readonly Side[],
  readOf: (side: Side) => Read<Found>,
  require: (found: Found) => void,
  pace: Pace,
): Promise<Rounds> {
  const firstAnswers = new Map<Side, string>();
  let expected: Found | undefined;
  for (const side of sides) {
    const { request, understand } = readOf(side);
    const answer = await askOnce(side.server, request);
    const found = understand(answer);
    require(found);
    expected ??= found;
    requireEqual(found, expected, side.name);
    firstAnswers.set(side, answer);
  }
  const figures = new Map<Side, LoadFigures[]>(sides.map((side) => [side, []]));
  for (let round = -1; round < rounds; round += 1) {
    const first = (round + sides.length) % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const { request } = readOf(side);
      const turn = await load.run(side.server, request, firstAnswers.get(side)!, seconds, pace);
      if (round >= 0) figures.get(side)!.push(turn);
    }
    if (round >= 0) {
      const said = sides.map((side) => `${side.name} ${short(figures.get(side)!.at(-1)!.perSecond)}`);
      log(`round ${round + 1}: ${said.join(', ')} requests a second`);
    }
  }
  return figures;
}

export const readColumns = [
  'side',
  'requests a second',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  "server's processor time a request, ms",
] as const;

export function readRows(rounds: Rounds): string[][] {
  return [...rounds].map(([{ name }, figures]) => [
    name,
    ...(['perSecond', 'p50', 'p95', 'p99', 'processorMs'] as const).map((key) =>
      spread(figures.map((each) => each[key])),
    ),
  ]);
}

function requireEqual(found: unknown, expected: unknown, name: string): void {
  const [text, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
  if (text === wanted) return;
  const at = [...text].findIndex((character, i) => character !== wanted[i]);
  const near = (whole: string): string => whole.slice(Math.max(0, at - 100), at + 100);
  throw new Error(`${name} has other rows: ${near(text)} in place of ${near(wanted)}.`);
}
