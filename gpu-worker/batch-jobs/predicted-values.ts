import type { ResultColumn, ResultContent, RowError } from '../../src/protocol/batch-prediction.js';
import type { TaskPrediction, TextPrediction } from '../../src/protocol/job.js';
import type { TextRow } from './read-rows.js';

/** Columns that are computed. The split of a row stands beside its text already. */
export type ComputedColumn = ResultColumn & { readonly content: Exclude<ResultContent, 'split'> };

export function isComputed(column: ResultColumn): column is ComputedColumn {
  return column.content !== 'split';
}

/** The types of computed columns in SQL. */
export const sqlTypes: Readonly<Record<ComputedColumn['content'], string>> = {
  label: 'VARCHAR',
  labels: 'VARCHAR[]',
  number: 'DOUBLE',
  spans: 'STRUCT("start" BIGINT, "end" BIGINT, "text" VARCHAR, "label" VARCHAR, "probability" DOUBLE)[]',
  probability: 'DOUBLE',
  labelProbabilities: 'DOUBLE[]',
  allLabels: 'STRUCT("label" VARCHAR, "probability" DOUBLE)[]',
  allDecisions: 'STRUCT("label" VARCHAR, "probability" DOUBLE, "threshold" DOUBLE, "isPredicted" BOOLEAN)[]',
  truncated: 'BOOLEAN',
  error: 'VARCHAR',
};

/**
 * The values of a row in the computed columns: its prediction, or null in each beside the error.
 * @param prediction null for a row with an error
 */
export function valuesOf(
  columns: readonly ComputedColumn[],
  { text, error }: Pick<TextRow, 'text' | 'error'>,
  prediction: TextPrediction | null,
): { readonly values: readonly unknown[]; readonly error: RowError | null } {
  const values = columns.map((column) => (prediction === null ? null : columnValue(column, prediction, text)));
  const isUnread = prediction?.tasks.some((each) => each.kind === 'reward' && each.value === null) === true;
  const found = error ?? (isUnread ? 'UNREAD_ANSWER' : values.every(holdsFinite) ? null : 'NON_FINITE');
  if (found === null) return { values, error: null };
  return { values: columns.map(({ content }) => (content === 'error' ? found : null)), error: found };
}

function columnValue({ content, task, output }: ComputedColumn, prediction: TextPrediction, text: string): unknown {
  const of = <Kind extends TaskPrediction['kind']>(kind: Kind) => taskOf(prediction, task, kind);
  switch (content) {
    case 'truncated':
      return prediction.truncated;
    case 'error':
      return null;
    case 'label':
      return of('classification').labels[0]?.label ?? null;
    case 'probability':
      return of('classification').labels[0]?.probability ?? null;
    case 'allLabels':
      return of('classification').labels;
    case 'labels':
      return decided(of('multiLabel')).map(({ label }) => label);
    case 'labelProbabilities':
      return decided(of('multiLabel')).map(({ probability }) => probability);
    case 'allDecisions':
      return of('multiLabel').labels;
    case 'number':
      return numberOf(prediction, task, output ?? 0);
    case 'spans':
      return of('tokenClassification').spans.map(({ start, end, label, probability }) => ({
        start,
        end,
        text: text.slice(start, end),
        label,
        probability,
      }));
    default:
      return content satisfies never;
  }
}

function numberOf(prediction: TextPrediction, task: string | null, output: number): number | null {
  const found = prediction.tasks.find((each) => each.task === task);
  if (found?.kind === 'reward') return found.value;
  return taskOf(prediction, task, 'regression').values[output]?.value ?? null;
}

function decided({ labels }: TaskPrediction & { readonly kind: 'multiLabel' }) {
  return labels.filter(({ isPredicted }) => isPredicted);
}

function taskOf<Kind extends TaskPrediction['kind']>(
  { tasks }: TextPrediction,
  task: string | null,
  kind: Kind,
): TaskPrediction & { readonly kind: Kind } {
  const found = tasks.find((each) => each.task === task);
  if (found?.kind !== kind) throw new Error(`The model has no ${kind} head “${task}”.`);
  return found as TaskPrediction & { readonly kind: Kind };
}

/** Whether all numbers of a value are finite, at any depth. JSON knows no others. */
function holdsFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(holdsFinite);
}
