import { type InputProblem, problem } from '../../../problems/problem.js';
import { maxTasks, measuredBy, minTasks, TaskSpec } from '../../../protocol/methods/multi-task.js';
import { type HeadRequest, requestedHead, targetsOf } from '../../heads/request.js';
import { checkWeight } from '../../heads/weight.js';
import type { MethodRequest } from '../request.js';
import { requestTexts } from '../text-columns.js';
import type { NamedMultiTask } from './columns.js';

const path = ['method', 'multiTask'];

export function requestMultiTask(input: NamedMultiTask): MethodRequest {
  const { textColumn, lossWeighting } = input;
  const { pairColumn, ...texts } = requestTexts(input, path);
  const asked = input.tasks.map((task, i) => ({ task, ...requestedHead(task, [...path, 'tasks', String(i)]) }));
  const heads = asked.map(({ request }) => request);
  const known = asked.flatMap(({ task: { name }, request }) => (request === null ? [] : [{ name, head: request }]));
  return {
    ...texts,
    heads,
    problems: [...checkTasks(input.tasks, heads), ...asked.flatMap(({ problems }) => problems)],
    measured: () => (known.length < heads.length ? null : measuredBy({ tasks: known })),
    specOf: (base, resolved) => ({
      method: 'multiTask',
      ...base,
      textColumn,
      pairColumn,
      tasks: input.tasks.map(({ name, weight }, i) => ({ name, weight, head: resolved[i]! })),
      lossWeighting,
    }),
  };
}

function checkTasks(tasks: NamedMultiTask['tasks'], heads: readonly (HeadRequest | null)[]): InputProblem[] {
  const listPath = [...path, 'tasks'];
  const problems: InputProblem[] = [];
  if (tasks.length < minTasks) {
    problems.push(problem(listPath, 'REQUIRED', 'At least two tasks are required.', 'For one head use `supervised`.'));
  }
  if (tasks.length > maxTasks) {
    problems.push(problem(listPath, 'TOO_LONG', `There may be at most ${maxTasks} tasks.`));
  }
  const learnt = new Set<string>();
  for (const [i, { name, weight }] of tasks.entries()) {
    const at = [...listPath, String(i)];
    if (!TaskSpec.shape.name.safeParse(name).success) {
      const message = 'A name is a letter, then up to 62 letters, digits, `_` or `-`.';
      problems.push(problem([...at, 'name'], 'INVALID_VALUE', message));
    }
    if (tasks.findIndex((task) => task.name === name) !== i) {
      problems.push(problem([...at, 'name'], 'INVALID_VALUE', `Another task is called “${name}”.`));
    }
    const head = heads[i] ?? null;
    const targets = head === null ? [] : targetsOf(head);
    for (const target of targets) {
      if (!learnt.has(target.name)) continue;
      problems.push(problem(target.path, 'INVALID_VALUE', `Another task already learns “${target.name}”.`));
    }
    for (const target of targets) learnt.add(target.name);
    problems.push(...checkWeight(weight, [...at, 'weight']));
  }
  return problems;
}
