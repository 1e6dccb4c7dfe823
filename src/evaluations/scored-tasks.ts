import { columnByRole } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { TargetColumn } from '../datasets/targets.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { type ModelHead, outputNames, type TargetHead, type TargetKind, targetColumnsOf } from '../protocol/heads.js';
import { headsOf, type RunSpec } from '../protocol/methods/index.js';
import type { ColumnRole } from '../protocol/preparation/column-role.js';
import type { EvaluationTaskInput } from './evaluation.input.js';

/** A head of the model, and the columns that it is to be scored against. */
export interface ScoredTask {
  readonly task: string;
  readonly head: TargetHead;
  readonly columns: readonly TargetColumn[];
}

/**
 * The heads and columns to score, and the problems of the request that do not depend on the data.
 * @param asked null: all heads
 * @param spec of the experiment that the model came out of: its columns are the default where the version has them;
 * null for other models
 */
export function scoredTasks(
  asked: readonly EvaluationTaskInput[] | null,
  heads: readonly ModelHead[],
  spec: RunSpec | null,
  version: Pick<DatasetVersionRow, 'columns' | 'roles'>,
): { readonly tasks: readonly ScoredTask[]; readonly problems: readonly InputProblem[] } {
  const problems: InputProblem[] = [];
  const tasks = asked ?? heads.map(({ task }) => ({ task, labelColumn: null, targetColumns: null }));
  if (tasks.length === 0) problems.push(problem(['tasks'], 'REQUIRED', 'At least one task is needed.'));
  const names = heads.map(({ task }) => task);
  const scored = tasks.flatMap((each, i): ScoredTask[] => {
    const path = ['tasks', String(i)];
    const { task } = each;
    if (tasks.findIndex((other) => other.task === task) !== i) {
      problems.push(problem([...path, 'task'], 'INVALID_VALUE', `The task “${task}” is asked for twice.`));
    }
    const head = heads.find((known) => known.task === task);
    if (head === undefined || head.kind === 'reward') {
      const message = `The model has no head “${task}”.`;
      problems.push(problem([...path, 'task'], 'UNKNOWN_TASK', message, namesHint(task, names)));
      return [];
    }
    const { columns, problems: columnProblems } = columnsOf(each, head, spec, path, version);
    problems.push(...columnProblems);
    return [{ task, head, columns }];
  });
  return { tasks: scored, problems };
}

/** @param path of the task in the input */
function columnsOf(
  { task, labelColumn, targetColumns }: EvaluationTaskInput,
  head: TargetHead,
  spec: RunSpec | null,
  path: readonly string[],
  version: Pick<DatasetVersionRow, 'columns' | 'roles'>,
): { readonly columns: readonly TargetColumn[]; readonly problems: readonly InputProblem[] } {
  const listPath = [...path, 'targetColumns'];
  if (labelColumn != null && targetColumns != null) {
    const message = 'The target columns are given twice: by `labelColumn` and by `targetColumns`.';
    return { columns: [], problems: [problem(listPath, 'INVALID_VALUE', message, 'Leave out one of the two.')] };
  }
  if (labelColumn != null) {
    return ofRightNumber([{ name: labelColumn, path: [...path, 'labelColumn'] }], head, [...path, 'labelColumn']);
  }
  if (targetColumns != null) {
    const columns = targetColumns.map((name, i) => ({ name, path: [...listPath, String(i)] }));
    return ofRightNumber(columns, head, listPath);
  }
  const learnt = spec === null ? undefined : headsOf(spec).find((each) => each.task === task);
  const names = learnt === undefined ? [] : targetColumnsOf(learnt.head);
  const isThere = (name: string) => version.columns.some((column) => column.name === name);
  const ofTraining = { columns: names.map((name) => ({ name, path: listPath })), problems: [] };
  if (learnt !== undefined && names.every(isThere)) return ofTraining;
  const { column, isUnclear, problems } = columnByHead(version, head, listPath);
  if (column !== null) return { columns: [{ name: column, path: listPath }], problems: [] };
  if (learnt !== undefined) return ofTraining;
  if (isUnclear) return { columns: [], problems };
  const message = `The task “${task}” needs target columns: the model came out of no experiment that names them.`;
  return { columns: [], problems: [problem(listPath, 'REQUIRED', message, problems[0]?.hint ?? null)] };
}

const roleOfTargets = {
  classification: 'LABEL',
  multiLabel: 'LABELS',
  regression: 'NUMBER',
  tokenClassification: 'TAGS',
} as const satisfies Readonly<Record<TargetKind, ColumnRole>>;

/** The only column of true values for a head with one, by the roles of the version. */
function columnByHead(
  version: Pick<DatasetVersionRow, 'roles'>,
  head: TargetHead,
  path: readonly string[],
): { readonly column: string | null; readonly isUnclear: boolean; readonly problems: readonly InputProblem[] } {
  if (head.kind === 'regression' && outputNames(head).length > 1)
    return { column: null, isUnclear: false, problems: [] };
  const field = { what: `the column of the true values of “${head.task}”`, path };
  const { chosen, problems } = columnByRole(version, [roleOfTargets[head.kind]], field);
  const isUnclear = problems.some(({ code }) => code === 'UNCLEAR_COLUMN');
  return { column: chosen?.column ?? null, isUnclear, problems };
}

function ofRightNumber(columns: readonly TargetColumn[], head: ModelHead, path: readonly string[]) {
  const needed = head.kind === 'regression' ? outputNames(head) : [];
  const count = Math.max(1, needed.length);
  if (columns.length === count) return { columns, problems: [] };
  const message = `The head “${head.task}” needs ${count === 1 ? 'one column' : `${count} columns`}, not ${columns.length}.`;
  const hint = needed.length === 0 ? null : `One for each output, in this order: ${needed.join(', ')}.`;
  return { columns: [], problems: [problem(path, 'INVALID_VALUE', message, hint)] };
}
