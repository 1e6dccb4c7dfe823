import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { checkLicence } from './check-licence.js';

export interface ModelLicenceService {
  /** Sets the licence of a model in place of the one that it came with; null takes that back. Throws ProblemsError. */
  set(modelId: string, licence: string | null): Promise<void>;
}

export function createModelLicenceService({ dataSource }: { readonly dataSource: DataSource }): ModelLicenceService {
  return {
    async set(modelId, licence) {
      const problems = checkLicence(licence, ['licence']);
      if (problems.length > 0) throw new ProblemsError(problems);
      await inTransaction(dataSource, async ({ query }) => {
        const changed = await query('UPDATE base_models SET licence = $2 WHERE id = $1 RETURNING id', [
          modelId,
          licence?.trim() ?? null,
        ]);
        if (changed.length > 0) return;
        throw new ProblemsError([problem(['modelId'], 'NOT_FOUND', 'There is no base model with this id.')]);
      });
    },
  };
}
