import type { DataSource } from 'typeorm';
import { isTaken } from '../database/taken.js';
import { inTransaction } from '../database/transaction.js';
import { changedTags, checkTextChanges } from '../organizing/changed-tags.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { checkDescription, datasetNameTaken, maxDatasetNameLength } from './dataset-texts.js';
import type { UpdateDatasetInput } from './update-dataset.input.js';

export interface UpdateDatasetService {
  /** Changes what people wrote about a dataset; its versions stay as they are. Throws ProblemsError. */
  update(datasetId: string, changes: Omit<UpdateDatasetInput, 'datasetId'>): Promise<void>;
}

export function createUpdateDatasetService({ dataSource }: { readonly dataSource: DataSource }): UpdateDatasetService {
  return {
    async update(datasetId, changes) {
      const { description, notes } = changes;
      const problems = [...checkTextChanges(changes, maxDatasetNameLength), ...checkDescription(description ?? null)];
      if (problems.length > 0) throw new ProblemsError(problems);
      const name = changes.name?.trim() ?? null;
      await inTransaction(dataSource, async ({ query }) => {
        // The row is locked, so that of two users who add tags at once, the second adds to the result of the first.
        const [former] = await query<{ tags: string[] }>('SELECT tags FROM datasets WHERE id = $1 FOR UPDATE', [
          datasetId,
        ]);
        if (former === undefined) {
          throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
        }
        await query(
          `UPDATE datasets SET name = coalesce($2, name), tags = $3,
                  description = CASE WHEN $4 THEN $5 ELSE description END, notes = CASE WHEN $6 THEN $7 ELSE notes END
            WHERE id = $1`,
          [
            datasetId,
            name,
            changedTags(former.tags, changes),
            description !== undefined,
            description ?? null,
            notes !== undefined,
            notes ?? '',
          ],
        );
      }).catch((error: unknown) => {
        throw isTaken(error) ? datasetNameTaken(name ?? '', 'Choose another name.') : error;
      });
    },
  };
}
