import type { TargetColumn } from '../datasets/targets.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { type ModelHead, outputNames, targetColumnsOf } from '../protocol/heads.js';
import { headsOf, type RunSpec } from '../protocol/methods/index.js';
import type { EvaluationTaskInput } from './evaluation.input.js';

/** A head of the model, and the columns that it is to be scored against. */
export interface ScoredTask {
  readonly task: string;
  readonly head: ModelHead;
  readonly columns: readonly TargetColumn[];
}

/**
 * The heads and columns to score, and the problems of the request that do not depend on the data.
 * @param spec of the experiment that the model came out of: its columns are the default; null for other models
 */
export function scoredTasks(
  tasks: readonly EvaluationTaskInput[],
  heads: readonly ModelHead[],
  spec: RunSpec | null,
): { readonly tasks: readonly ScoredTask[]; readonly problems: readonly InputProblem[] } {
  const problems: InputProblem[] = [];
  if (tasks.length === 0) problems.push(problem(['tasks'], 'REQUIRED', 'At least one task is needed.'));
  const names = heads.map(({ task }) => task);
  const scored = tasks.flatMap((asked, i): ScoredTask[] => {
    const path = ['tasks', String(i)];
    const { task } = asked;
    if (tasks.findIndex((each) => each.task === task) !== i) {
      problems.push(problem([...path, 'task'], 'INVALID_VALUE', `The task “${task}” is asked for twice.`));
    }
    const head = heads.find((each) => each.task === task);
    if (head === undefined) {
      const message = `The model has no head “${task}”.`;
      problems.push(problem([...path, 'task'], 'UNKNOWN_TASK', message, namesHint(task, names)));
      return [];
    }
    const { columns, problems: columnProblems } = columnsOf(asked, head, spec, path);
    problems.push(...columnProblems);
    return [{ task, head, columns }];
  });
  return { tasks: scored, problems };
}

/** @param path of the task in the input */
function columnsOf(
  { task, labelColumn, targetColumns }: EvaluationTaskInput,
  head: ModelHead,
  spec: RunSpec | null,
  path: readonly string[],
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
  if (learnt !== undefined) {
    return { columns: targetColumnsOf(learnt.head).map((name) => ({ name, path: listPath })), problems: [] };
  }
  const message = `The task “${task}” needs target columns: the model came out of no experiment that names them.`;
  return { columns: [], problems: [problem(listPath, 'REQUIRED', message)] };
}

function ofRightNumber(columns: readonly TargetColumn[], head: ModelHead, path: readonly string[]) {
  const needed = head.kind === 'regression' ? outputNames(head) : [];
  const count = Math.max(1, needed.length);
  if (columns.length === count) return { columns, problems: [] };
  const message = `The head “${head.task}” needs ${count === 1 ? 'one column' : `${count} columns`}, not ${columns.length}.`;
  const hint = needed.length === 0 ? null : `One for each output, in this order: ${needed.join(', ')}.`;
  return { columns: [], problems: [problem(path, 'INVALID_VALUE', message, hint)] };
}
