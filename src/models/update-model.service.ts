import type { DataSource } from 'typeorm';
import { isTaken } from '../database/taken.js';
import { inTransaction } from '../database/transaction.js';
import { changedTags, checkTextChanges } from '../organizing/changed-tags.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { refuseBundled } from './bundled-model.js';
import type { UpdateModelInput } from './update-model.input.js';

export interface UpdateModelService {
  /** Changes what people wrote about a model; the model itself stays as it is. Throws ProblemsError. */
  update(modelId: string, changes: Omit<UpdateModelInput, 'modelId'>): Promise<void>;
}

export function createUpdateModelService({ dataSource }: { readonly dataSource: DataSource }): UpdateModelService {
  return {
    async update(modelId, changes) {
      const { notes } = changes;
      const problems = checkTextChanges(changes);
      if (problems.length > 0) throw new ProblemsError(problems);
      const name = changes.name?.trim() ?? null;
      await inTransaction(dataSource, async ({ query }) => {
        // The row is locked, so that of two users who add tags at once, the second adds to the result of the first.
        const [former] = await query<{ name: string; tags: string[] }>(
          'SELECT name, tags FROM base_models WHERE id = $1 FOR UPDATE',
          [modelId],
        );
        if (former === undefined) {
          throw new ProblemsError([problem(['modelId'], 'NOT_FOUND', 'There is no base model with this id.')]);
        }
        if (name !== null && name !== former.name) await refuseBundled(query, modelId, ['name'], 'keeps its name');
        // An import under way has reserved the name that its model will have.
        const changed = await query(
          `UPDATE base_models m SET name = coalesce($2, name), tags = $3, notes = CASE WHEN $4 THEN $5 ELSE notes END
            WHERE id = $1
              AND NOT EXISTS (SELECT FROM model_imports i WHERE i.project_id = m.project_id AND i.name = $2
                                AND i.status IN ('QUEUED', 'RUNNING') AND m.name <> $2)
        RETURNING id`,
          [modelId, name, changedTags(former.tags, changes), notes !== undefined, notes ?? ''],
        );
        if (changed.length === 0) throw nameTaken(name);
      }).catch((error: unknown) => {
        throw isTaken(error) ? nameTaken(name) : error;
      });
    },
  };
}

function nameTaken(name: string | null): ProblemsError {
  const message = `The project has a model “${name}”, or is importing one.`;
  return new ProblemsError([problem(['name'], 'ALREADY_EXISTS', message, 'Choose another name.')]);
}
