import { sum } from '../statistics.js';
import { measureTitles } from './measures.js';
import type { Training } from './results.js';
import type { SideResult } from './side.js';
import type { Work } from './works.js';

/** One measure of one head, over the seeds. */
export interface Figure {
  readonly title: string;
  readonly attune: Spread;
  /** Null: Attune was measured alone. */
  readonly pytorch: Spread | null;
}

export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export function figuresOf(work: Work, trainings: readonly Training[]): Figure[] {
  return work.tasks.flatMap(({ task, kind }) =>
    Object.entries(measureTitles[kind]).map(([measure, title]) => {
      const of = (side: SideResult) => side.scores[task]![measure]!;
      return { title: `${task}, ${title}`, ...onBothSides(trainings, of) };
    }),
  );
}

/** What a number of a side's comes to over the seeds. */
export function onBothSides(trainings: readonly Training[], of: (side: SideResult) => number) {
  const theirs = trainings.flatMap(({ pytorch }) => (pytorch === null ? [] : [of(pytorch)]));
  return {
    attune: spreadOf(trainings.map(({ attune }) => of(attune))),
    pytorch: theirs.length === 0 ? null : spreadOf(theirs),
  };
}

function spreadOf(values: readonly number[]): Spread {
  return { mean: sum(values) / values.length, least: Math.min(...values), most: Math.max(...values) };
}

/** “0.812 (0.805–0.820)” */
export function written({ mean, least, most }: Spread, digits: number): string {
  return `${mean.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
