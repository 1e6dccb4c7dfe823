import { columnByRole, columnsWithRole } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { type RunSpec, textColumnsOf } from '../protocol/methods/index.js';
import type { EvaluateInput } from './evaluation.input.js';

/** The columns of the texts that a model was last trained on. */
export interface TrainedTexts {
  readonly textColumn: string;
  /** Null: it was trained on single texts. */
  readonly pairColumn: string | null;
}

/** The columns of texts to score on. Null: none is known, or none is wanted. */
export interface ChosenTexts {
  readonly textColumn: string | null;
  readonly pairColumn: string | null;
  readonly problems: readonly InputProblem[];
}

/** @param spec of the experiment that the model came out of; null for a model from elsewhere, which any texts suit as
 * they suit a reward model */
export function trainedTexts(spec: RunSpec | null): TrainedTexts | null {
  // A reward model reads answers with and without a prompt.
  if (spec === null || spec.method === 'rewardModelling') return null;
  const [textColumn, pairColumn] = textColumnsOf(spec);
  return { textColumn: textColumn!, pairColumn: pairColumn ?? null };
}

/**
 * The columns that the input names, else those of the training that the version has, else those whose roles say it.
 * What a column holds is checked later; a column of second texts that the model can not read is not chosen.
 * @param areWords whether a head tags words, which a column of lists has already divided
 */
export function chooseTexts(
  input: Pick<EvaluateInput, 'textColumn' | 'textPairColumn'>,
  trained: TrainedTexts | null,
  version: Pick<DatasetVersionRow, 'columns' | 'roles'>,
  areWords: boolean,
): ChosenTexts {
  const inVersion = (name: string | null | undefined): string | null =>
    version.columns.some((column) => column.name === name) ? name! : null;
  const named = input.textColumn ?? inVersion(trained?.textColumn);
  const field = { what: 'the column of the texts', path: ['textColumn'] };
  const byRole = columnByRole(version, areWords ? ['TOKENS', 'TEXT'] : ['TEXT', 'TOKENS'], field, [
    input.textPairColumn,
  ]);
  const textColumn = named ?? byRole.chosen?.column ?? null;
  const learntPair = trained?.pairColumn == null ? null : (inVersion(trained.pairColumn) ?? secondByRole(version));
  const pairColumn = input.textPairColumn ?? (learntPair === textColumn ? null : learntPair);
  const needless = checkPairs(trained, pairColumn !== null, ['textPairColumn']);
  const isUnclear = byRole.problems.some(({ code }) => code === 'UNCLEAR_COLUMN');
  const unknown = isUnclear ? byRole.problems : [noTextColumn(trained, version)];
  const problems = [...(textColumn === null ? unknown : []), ...needless];
  return { textColumn, pairColumn: needless.length === 0 ? pairColumn : null, problems };
}

/** The only column of second texts; null: there is none, or several. */
function secondByRole(version: Pick<DatasetVersionRow, 'roles'>): string | null {
  const [second, ...others] = columnsWithRole(version, ['SECOND_TEXT']);
  return others.length === 0 ? (second?.column ?? null) : null;
}

function noTextColumn(trained: TrainedTexts | null, { columns }: Pick<DatasetVersionRow, 'columns'>): InputProblem {
  const message =
    trained === null
      ? 'The column of the texts is needed: the model came out of no experiment that names it.'
      : `The model was trained on the column “${trained.textColumn}”, which the data do not have.`;
  const names = columns.map(({ name }) => name);
  const hint = `Name the column of the texts. ${namesHint(trained?.textColumn ?? '', names)}`;
  return problem(['textColumn'], 'REQUIRED', message, hint);
}

/**
 * A problem where second texts are missing of a model that was trained on pairs, or given to one that was trained on
 * single texts.
 * @param path of the second texts in the input
 */
export function checkPairs(
  trained: TrainedTexts | null,
  hasPairs: boolean,
  path: readonly ['pairs' | 'textPairColumn'],
): InputProblem[] {
  if (trained === null || hasPairs === (trained.pairColumn !== null)) return [];
  const { textColumn, pairColumn } = trained;
  if (pairColumn === null) {
    const message = `The model was trained on single texts, those of the column “${textColumn}”: it does not read pairs.`;
    return [problem(path, 'INVALID_VALUE', message, 'Leave the second texts out.')];
  }
  const message = `The model was trained on pairs, those of the columns “${textColumn}” and “${pairColumn}”: it needs the second texts too.`;
  const hint =
    path[0] === 'pairs' ? 'Give one second text for each text, as `pairs`.' : 'Name the column of the second texts.';
  return [problem(path, 'REQUIRED', message, hint)];
}
