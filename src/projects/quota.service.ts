import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { SetProjectQuotaInput } from './quota.input.js';
import { requireProject } from './require-project.js';

const limits = ['maxStorageBytes', 'maxQueuedExperiments', 'maxRunningExperiments'] as const;

export interface QuotaService {
  /** Returns the project's id. Throws ProblemsError. */
  set(input: SetProjectQuotaInput): Promise<string>;
}

export function createQuotaService({ dataSource }: { readonly dataSource: DataSource }): QuotaService {
  return {
    async set(input) {
      const problems = limits.flatMap((limit) => checkLimit(limit, input[limit]));
      if (problems.length > 0) throw new ProblemsError(problems);
      return inTransaction(dataSource, async ({ query }) => {
        const { id } = await requireProject(query, input.projectSlug);
        await query(
          `UPDATE projects
              SET max_storage_bytes = CASE WHEN $2 THEN $3::bigint ELSE max_storage_bytes END,
                  max_queued_experiments = CASE WHEN $4 THEN $5::int ELSE max_queued_experiments END,
                  max_running_experiments = CASE WHEN $6 THEN $7::int ELSE max_running_experiments END
            WHERE id = $1`,
          [id, ...limits.flatMap((limit) => [input[limit] !== undefined, input[limit]?.toString() ?? null])],
        );
        // If more experiments may run now, workers look again at those they passed over.
        await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
        return id;
      });
    },
  };
}

function checkLimit(limit: (typeof limits)[number], value: number | bigint | null | undefined): InputProblem[] {
  if (value == null || (value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return [];
  return [problem([limit], 'INVALID_VALUE', 'A limit is 0 or more, and at most 2^53 - 1.', 'Send null for no limit.')];
}
