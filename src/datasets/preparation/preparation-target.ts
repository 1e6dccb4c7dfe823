import { randomUUID } from 'node:crypto';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { PreparationTarget } from '../../protocol/preparation/prepare-job.js';
import type { PrepareDatasetInput } from './preparation.input.js';

type NamedTarget = Pick<PrepareDatasetInput, 'datasetId' | 'name' | 'description'>;

/** What becomes a dataset version. */
export type MadeVersion = Exclude<PreparationTarget, { readonly kind: 'rows' }>;

/**
 * The next version of a dataset, or a new dataset.
 * @throws ProblemsError where neither is named, or both
 */
export function preparationTarget({ datasetId, name, description }: NamedTarget): MadeVersion {
  if (datasetId != null) {
    if (name == null && description == null) {
      return { kind: 'version', datasetId: rowId('Dataset', datasetId, ['datasetId']), versionId: randomUUID() };
    }
    const message = 'Give either `datasetId`, or the name of a new dataset.';
    throw new ProblemsError([problem(['name'], 'INVALID_VALUE', message)]);
  }
  if (name != null) {
    const trimmed = name.trim();
    return {
      kind: 'newDataset',
      datasetId: randomUUID(),
      versionId: randomUUID(),
      name: trimmed,
      description: description ?? null,
    };
  }
  const hint = 'Give `name` for a new dataset, or `datasetId` for the next version of one.';
  throw new ProblemsError([problem(['name'], 'REQUIRED', 'What should be made is not said.', hint)]);
}
