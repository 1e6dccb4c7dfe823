import type { EvaluationOfRun, EvaluationRow } from '../../evaluations/evaluation.reads.js';
import { directionOf, type ScoreMeasure, scoreMeasuresOf, scoreOf } from '../../evaluations/score-measure.js';
import { scoresOf } from '../../evaluations/scores.js';
import type { EvaluationScores, PreferenceScores, TokenScores } from '../../protocol/evaluation-scores.js';
import { rewardTask } from '../../protocol/heads.js';
import type { MetricDefinition } from '../../protocol/metric-definition.js';
import { preferencesTask } from '../../protocol/preference-evaluation.js';
import { type TokenEvaluation, tokenTask } from '../../protocol/token-evaluation.js';
import { bestIndex } from '../best-index.js';

interface MeasureOfRuns {
  readonly measure: ScoreMeasure;
  readonly direction: MetricDefinition['direction'];
  /** One for each run; null where there is no evaluation. */
  readonly values: readonly (number | null)[];
  /** Differences from the first run's value; null where either is missing. */
  readonly differences: readonly (number | null)[];
  /** Index of the best value; null when there is none. */
  readonly best: number | null;
}

/** Evaluations of several runs on the same data and tasks, side by side. */
export interface EvaluationsOfRuns {
  /** The newest evaluation of each run. */
  readonly evaluations: readonly (EvaluationOfRun | null)[];
  readonly tasks: readonly {
    readonly task: string;
    readonly targetColumns: readonly string[];
    readonly measures: readonly MeasureOfRuns[];
  }[];
}

/**
 * A key that is equal for comparable evaluations: heads of the same kinds, scored on the same rows, texts and targets.
 * The order of the tasks does not matter.
 */
function sameQuestion(evaluation: EvaluationRow): string {
  const { datasetVersionId, split, textColumn, pairColumn, tasks, tokens, preference, preferenceReading, scores } =
    evaluation;
  const kinds = new Map(scoresOf(scores).map(({ task, kind }) => [task, kind]));
  const named = tasks
    .map(({ task, targetColumns }) => ({ task, kind: kinds.get(task), targetColumns }))
    .sort((a, b) => (a.task < b.task ? -1 : 1));
  const read = preferenceReading && { ...preferenceReading, referenceDigest: null, templateTime: null };
  const asked = [tokens && askedTokens(tokens), preference, read];
  return JSON.stringify([datasetVersionId, split, textColumn, pairColumn, named, ...asked]);
}

/** What decides which tokens are predicted. */
function askedTokens({ seed, conversations, ...tokens }: TokenEvaluation) {
  return {
    ...tokens,
    baselineDigest: null,
    // Only masks are drawn.
    seed: tokens.objective === 'masked' ? seed : null,
    conversations: conversations && { ...conversations, templateTime: null },
  };
}

/**
 * Groups comparable evaluations, each group with the newest evaluation of every run. The groups with most runs come
 * first; of equal ones, those with newer evaluations.
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
  // Sorting is stable, so equal groups keep the order of their newest evaluations.
  return [...groups.values()].sort((a, b) => count(b) - count(a)).map(toSides);
}

function toSides(evaluations: readonly (EvaluationOfRun | null)[]): EvaluationsOfRuns {
  const asked = evaluations.find((each) => each !== null)!;
  const allScores = evaluations.map((each) => scoresOf(each?.scores ?? null));
  const askedTasks = askedTasksOf(asked);
  const tasks = askedTasks.map(({ task, targetColumns }) => {
    const scores = allScores.map((each) => each.find((score) => score.task === task) ?? null);
    const kind = scores.find((each) => each !== null)?.kind;
    const measures = (kind === undefined ? [] : scoreMeasuresOf(kind)).map((measure) => {
      const direction = directionOf(measure);
      const values = scores.map((each) => (each === null ? null : scoreOf(each, measure)));
      if (!areComparable(scores, measure)) {
        return { measure, direction, values, differences: values.map(() => null), best: null };
      }
      return { measure, direction, values, differences: toFirst(values), best: bestIndex(values, direction) };
    });
    return { task, targetColumns, measures };
  });
  return { evaluations, tasks };
}

/** The tasks that scores are of: heads against columns, or the model itself, or a reward head, against none. */
function askedTasksOf({ tasks, tokens, preference, preferenceReading }: EvaluationRow): EvaluationRow['tasks'] {
  if (tokens !== null) return [{ task: tokenTask, targetColumns: [] }];
  if (preference === null) return tasks;
  return [{ task: preferenceReading === null ? rewardTask : preferencesTask, targetColumns: [] }];
}

/**
 * Tokens of different tokenizers are no units that a mean could be compared by; bytes of equal texts are. Implicit
 * rewards compare where their references are the same.
 */
function areComparable(all: readonly (EvaluationScores | null)[], measure: ScoreMeasure): boolean {
  const ofPairs = all.flatMap((each) => (each?.kind === 'preferences' ? [each] : []));
  if (ofPairs.length > 0) {
    const equal = (of: (each: PreferenceScores) => unknown) => new Set(ofPairs.map(of)).size <= 1;
    if (measure === 'accuracy') return equal(({ exampleCount }) => exampleCount);
    const references = new Set(ofPairs.flatMap(({ byReference }) => byReference?.digest ?? []));
    return equal(({ tokensDigest }) => tokensDigest) && (!measure.startsWith('byReference.') || references.size <= 1);
  }
  const scores = all.flatMap((each) => (each?.kind === 'tokens' ? [each] : []));
  const isEqual = (of: (each: TokenScores) => unknown) => new Set(scores.map(of)).size <= 1;
  return measure === 'bitsPerByte'
    ? isEqual(({ byteCount }) => byteCount)
    : isEqual(({ tokensDigest }) => tokensDigest);
}

function toFirst(values: readonly (number | null)[]): (number | null)[] {
  const first = values[0] ?? null;
  return values.map((value) => (value === null || first === null ? null : value - first));
}
