import { checkLabelColumn, checkPairColumn, checkSplit, checkTextColumn } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { LabelCounts } from '../datasets/dataset-commands.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { EvaluateInput } from './evaluation.input.js';

type Input = Pick<EvaluateInput, 'split' | 'textColumn' | 'textPairColumn' | 'tasks'>;

const shownLabels = 5;

/** Checks what can be said without reading rows. Throws ProblemsError with all that is wrong. */
export function checkEvaluation(
  input: Input,
  { heads, config }: Pick<ModelManifest, 'heads' | 'config'>,
  version: Pick<DatasetVersionRow, 'columns' | 'splits'>,
): void {
  requireHead(heads);
  const pairColumn = input.textPairColumn ?? null;
  const problems: InputProblem[] = [
    ...checkSplit(version, input.split, ['split']),
    ...checkTextColumn(version, input.textColumn, ['textColumn']),
    ...(pairColumn === null ? [] : checkPairColumn(version, input.textColumn, pairColumn, ['textPairColumn'])),
    ...(pairColumn === null ? [] : checkReadsPairs(config, ['textPairColumn'])),
  ];
  if (input.tasks.length === 0) problems.push(problem(['tasks'], 'REQUIRED', 'At least one task is needed.'));
  for (const [i, { task, labelColumn }] of input.tasks.entries()) {
    const path = ['tasks', String(i)];
    const names = heads.map((head) => head.task);
    if (!names.includes(task)) {
      const message = `The model has no head “${task}”.`;
      problems.push(problem([...path, 'task'], 'UNKNOWN_TASK', message, namesHint(task, names)));
    }
    if (input.tasks.findIndex((each) => each.task === task) !== i) {
      problems.push(problem([...path, 'task'], 'INVALID_VALUE', `The task “${task}” is asked for twice.`));
    }
    problems.push(...checkLabelColumn(version, labelColumn, [...path, 'labelColumn']));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Checks the true labels of the split against those the heads know. Throws ProblemsError. */
export function checkTrueLabels(input: Input, { heads }: Pick<ModelManifest, 'heads'>, counts: LabelCounts): void {
  const problems = input.tasks.flatMap(({ task, labelColumn }, i) => {
    const path = ['tasks', String(i), 'labelColumn'];
    const known = new Set(heads.find((head) => head.task === task)?.labels);
    const found = (counts.labels[labelColumn] ?? []).filter(({ split }) => split === input.split);
    if (found.length === 0) {
      const message = `In the split “${input.split}” no example has a label in the column “${labelColumn}”.`;
      return [problem(path, 'EMPTY_SPLIT', message, 'Choose another split or column.')];
    }
    const unknown = found.map(({ label }) => label).filter((label) => !known.has(label));
    if (unknown.length === 0) return [];
    const named = unknown
      .sort()
      .slice(0, shownLabels)
      .map((label) => `“${label}”`);
    return [
      problem(
        path,
        'UNKNOWN_LABEL',
        `The column “${labelColumn}” has labels that the head “${task}” does not know: ${named.join(', ')}${unknown.length > named.length ? `, and ${unknown.length - named.length} more` : ''}.`,
        namesHint(unknown[0]!, [...known]),
      ),
    ];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Throws ProblemsError NO_HEAD for a bare encoder. */
export function requireHead(heads: ModelManifest['heads']): void {
  if (heads.length > 0) return;
  throw new ProblemsError([
    problem(
      ['modelId'],
      'NO_HEAD',
      'This model has no classification head: it turns text into vectors, not into labels.',
      'Create an experiment that starts from it, and use the model that comes out.',
    ),
  ]);
}
