import type { EvaluationOfRun, EvaluationRow } from '../../evaluations/evaluation.reads.js';
import { type ScoreMeasure, ScoreMeasureEnum } from '../../evaluations/score-measure.js';
import type { ClassificationScores } from '../../protocol/evaluation-scores.js';
import type { MetricDefinition } from '../../protocol/metric-definition.js';
import { bestIndex } from './best-index.js';

type Read = (scores: ClassificationScores) => number;
const readers = {
  ACCURACY: ({ accuracy }) => accuracy,
  LOSS: ({ loss }) => loss,
  MACRO_PRECISION: ({ macro }) => macro.precision,
  MACRO_RECALL: ({ macro }) => macro.recall,
  MACRO_F1: ({ macro }) => macro.f1,
  MICRO_F1: ({ micro }) => micro.f1,
  WEIGHTED_PRECISION: ({ weighted }) => weighted.precision,
  WEIGHTED_RECALL: ({ weighted }) => weighted.recall,
  WEIGHTED_F1: ({ weighted }) => weighted.f1,
} as const satisfies Readonly<Record<keyof typeof ScoreMeasureEnum, Read>>;

const comparedMeasures = Object.entries(readers).map(([name, read]) => ({
  measure: ScoreMeasureEnum[name as keyof typeof readers],
  direction: name === 'LOSS' ? ('LOWER_IS_BETTER' as const) : ('HIGHER_IS_BETTER' as const),
  read,
}));

export interface MeasureOfRuns {
  readonly measure: ScoreMeasure;
  readonly direction: MetricDefinition['direction'];
  /** One a run; null where there is no evaluation. */
  readonly values: readonly (number | null)[];
  /** To the first run; null where either is missing. */
  readonly differences: readonly (number | null)[];
  /** Position of the best one; null when there is none. */
  readonly best: number | null;
}

/** The same models' task on the same data, side by side. */
export interface EvaluationsOfRuns {
  /** One a run: its newest. */
  readonly evaluations: readonly (EvaluationOfRun | null)[];
  readonly tasks: readonly {
    readonly task: string;
    readonly labelColumn: string;
    readonly measures: readonly MeasureOfRuns[];
  }[];
}

/** Only what was scored on the same rows, texts and labels is put side by side. Tasks are listed in any order. */
function sameQuestion({ datasetVersionId, split, textColumn, pairColumn, tasks }: EvaluationRow): string {
  const named = tasks.map(({ task, labelColumn }) => [task, labelColumn]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  return JSON.stringify([datasetVersionId, split, textColumn, pairColumn, named]);
}

/**
 * Groups evaluations by what was asked, each with the newest of every run. What most runs can be compared in comes first, then what is newest.
 *
 * @param evaluations SUCCEEDED ones, newest first
 */
export function compareEvaluations(
  evaluations: readonly EvaluationOfRun[],
  runIds: readonly string[],
): EvaluationsOfRuns[] {
  const groups = new Map<string, (EvaluationOfRun | null)[]>();
  for (const evaluation of evaluations) {
    const question = sameQuestion(evaluation);
    const group = groups.get(question) ?? runIds.map(() => null);
    groups.set(question, group);
    const index = runIds.indexOf(evaluation.runId);
    group[index] ??= evaluation;
  }
  const count = (group: readonly (EvaluationOfRun | null)[]) => group.filter((each) => each !== null).length;
  // Sorting keeps the order of equal ones: that of their newest evaluations.
  return [...groups.values()].sort((a, b) => count(b) - count(a)).map(toSides);
}

function toSides(evaluations: readonly (EvaluationOfRun | null)[]): EvaluationsOfRuns {
  const asked = evaluations.find((each) => each !== null)!;
  const tasks = asked.tasks.map(({ task, labelColumn }) => {
    const scores = evaluations.map((each) => each?.scores?.find((score) => score.task === task) ?? null);
    const measures = comparedMeasures.map(({ measure, direction, read }) => {
      const values = scores.map((each) => (each === null ? null : read(each)));
      return { measure, direction, values, differences: toFirst(values), best: bestIndex(values, direction) };
    });
    return { task, labelColumn, measures };
  });
  return { evaluations, tasks };
}

function toFirst(values: readonly (number | null)[]): (number | null)[] {
  const first = values[0] ?? null;
  return values.map((value) => (value === null || first === null ? null : value - first));
}
