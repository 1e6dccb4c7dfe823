import { columnsWithRole } from '../../../datasets/columns-by-role.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import { maxTasks, minTasks } from '../../../protocol/methods/multi-task.js';
import type { VersionRoles } from '../../../protocol/preparation/assigned-roles.js';
import { fillHead, type NamedHeadFields, targetRoles } from '../../heads/columns.js';
import type { ColumnSources, Filled } from '../filled.js';
import { fillTexts } from '../texts-by-role.js';
import type { MultiTaskInput, TaskInput } from './input.js';

type NamedTask = NamedHeadFields & Pick<TaskInput, 'name' | 'weight'>;

/** The input with all of its tasks and columns. */
export interface NamedMultiTask extends Pick<MultiTaskInput, 'lossWeighting'> {
  readonly textColumn: string;
  readonly textPairColumn: string | null;
  readonly tasks: NamedTask[];
}

const path = ['method', 'multiTask'];

/** A task that says nothing of its column has the one of its name; without tasks, each column to learn is one. */
export function fillMultiTask(
  input: MultiTaskInput,
  { version }: Pick<ColumnSources, 'version'>,
): Filled<NamedMultiTask> {
  const own = [input.textColumn, input.textPairColumn];
  const asked =
    input.tasks == null
      ? tasksOf(version, own)
      : { tasks: input.tasks.map((task) => ({ task, column: task.name })), problems: [] };
  const named = asked.tasks.flatMap(({ task }) => namedColumns(task));
  const filled = asked.tasks.map(({ task, column }, i) => ({
    task,
    ...fillHead(task, version, [...path, 'tasks', String(i)], [...own, ...named], column),
  }));
  const targets = filled.flatMap(({ chosen }) => chosen);
  const fields = filled.map((each) => each.fields);
  const taken = [...named, ...targets.map(({ column }) => column)];
  const { textColumn, textPairColumn, ...texts } = fillTexts(input, version, path, fields, taken);
  const isKnown = textColumn !== null && asked.problems.length === 0;
  const tasks = filled.map(({ task: { name, weight }, fields: head }): NamedTask => ({ ...head, name, weight }));
  const { lossWeighting } = input;
  return {
    input: isKnown ? { textColumn, textPairColumn, tasks, lossWeighting } : null,
    chosen: [...texts.chosen, ...targets],
    problems: [...texts.problems, ...asked.problems, ...filled.flatMap(({ problems }) => problems)],
  };
}

/** The columns that a task names itself. */
function namedColumns({ labelColumn, head }: TaskInput): string[] {
  const { classification, multiLabel, regression, tokenClassification } = head ?? {};
  const named = [labelColumn, classification?.labelColumn, multiLabel?.labelColumn, tokenClassification?.tagColumn];
  return [...named.flatMap((column) => column ?? []), ...(regression?.targetColumns ?? [])];
}

/** A task for each column that is to be learned, with a name like it. */
function tasksOf(
  version: { readonly roles: VersionRoles },
  taken: readonly (string | null | undefined)[],
): {
  readonly tasks: readonly { readonly task: TaskInput; readonly column: string }[];
  readonly problems: readonly InputProblem[];
} {
  const columns = columnsWithRole(version, targetRoles, taken);
  if (columns.length < minTasks || columns.length > maxTasks) {
    const message = `The input names no tasks, and ${columns.length} columns have one of the roles ${targetRoles.join(', ')}: tasks are ${minTasks} to ${maxTasks}.`;
    return { tasks: [], problems: [problem([...path, 'tasks'], 'REQUIRED', message, 'Name the tasks.')] };
  }
  const names = new Set<string>();
  const tasks = columns.map(({ column }) => {
    const name = freshName(column, names);
    names.add(name);
    return { task: { name, labelColumn: null, classWeights: null, head: null, weight: 1 }, column };
  });
  return { tasks, problems: [] };
}

const longestName = 60;

/** A name of the form of tasks' names: the column's, with `_` for characters that it may not have. */
function freshName(column: string, taken: ReadonlySet<string>): string {
  const plain = column.replace(/[^A-Za-z0-9_-]/g, '_');
  const name = (/^[A-Za-z]/.test(plain) ? plain : `task_${plain}`).slice(0, longestName);
  for (let number = 2; ; number++) {
    const fresh = taken.has(name) ? `${name}-${number}` : name;
    if (!taken.has(fresh)) return fresh;
  }
}
