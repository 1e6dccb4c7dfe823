import { checkPairColumn, checkSplit, checkTextColumn } from '../datasets/check-columns.js';
import { columnsWithRole } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkTagsNoPairs } from '../evaluations/check-evaluation.js';
import { chooseTexts, type TrainedTexts } from '../evaluations/trained-texts.js';
import { checkModelReadsPairs } from '../models/check-reads-pairs.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { readsTokens } from '../protocol/heads.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { PredictBatchInput } from './batch-prediction.input.js';

/** The rows to predict for: those of a dataset version, or those of an uploaded file. */
export type BatchRows = Pick<DatasetVersionRow, 'columns' | 'roles' | 'splits' | 'leftOutColumns'>;

/** The problems of an input that show without its rows. */
export function checkSource({ datasetVersionId, uploadId, split, fileOptions }: PredictBatchInput): void {
  const problems: InputProblem[] = [];
  if (datasetVersionId != null && uploadId != null) {
    problems.push(problem(['uploadId'], 'INVALID_VALUE', 'Give either `datasetVersionId` or `uploadId`, not both.'));
  } else if (datasetVersionId == null && uploadId == null) {
    problems.push(problem(['datasetVersionId'], 'REQUIRED', 'Give `datasetVersionId`, or the `uploadId` of a file.'));
  }
  if (uploadId != null && split != null) {
    problems.push(problem(['split'], 'INVALID_VALUE', 'An uploaded file has no splits.', 'Leave `split` out.'));
  }
  if (datasetVersionId != null && fileOptions != null) {
    const hint = 'Leave `fileOptions` out.';
    problems.push(problem(['fileOptions'], 'INVALID_VALUE', 'Only an uploaded file is read by options.', hint));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}

/**
 * The columns of the texts: those that the input names, else those of the model's training, else those whose roles say
 * it, else the only column of texts. Throws ProblemsError.
 */
export function textsOf(
  input: PredictBatchInput,
  { config, heads }: Pick<ModelManifest, 'config' | 'heads'>,
  trained: TrainedTexts | null,
  rows: BatchRows,
): { readonly textColumn: string; readonly pairColumn: string | null } {
  const [only, second] = rows.columns.filter(({ type }) => type === 'TEXT');
  const isTrained = rows.columns.some(({ name }) => name === trained?.textColumn);
  const hasRole = columnsWithRole(rows, ['TEXT', 'TOKENS']).length > 0;
  const judged = !isTrained && !hasRole && second === undefined ? (only?.name ?? null) : null;
  const { textColumn, pairColumn, problems } = chooseTexts(
    { textColumn: input.textColumn ?? judged, textPairColumn: input.textPairColumn ?? null },
    trained,
    rows,
    heads.some(readsTokens),
  );
  const [textPath, pairPath] = [['textColumn'], ['textPairColumn']];
  const found = [...problems];
  if (input.split != null) found.push(...checkSplit(rows, input.split, ['split']));
  if (textColumn !== null) found.push(...checkTextColumn(rows, textColumn, textPath));
  if (pairColumn !== null) {
    found.push(
      ...(textColumn === null
        ? checkTextColumn(rows, pairColumn, pairPath)
        : checkPairColumn(rows, textColumn, pairColumn, pairPath)),
      ...checkModelReadsPairs({ config, heads }, pairPath),
      ...checkTagsNoPairs(heads, pairPath),
    );
  }
  if (found.length > 0) throw new ProblemsError(found);
  return { textColumn: textColumn!, pairColumn };
}
