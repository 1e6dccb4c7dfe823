import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { SetProjectQuotaInput } from './quota.input.js';
import { requireProject } from './require-project.js';

/** The limits, and where they are stored. */
const columns = {
  maxStorageBytes: 'max_storage_bytes',
  maxQueuedExperiments: 'max_queued_experiments',
  maxRunningExperiments: 'max_running_experiments',
  maxFeedbackTasks: 'max_feedback_tasks',
  maxFeedbackItems: 'max_feedback_items',
  maxRecordedFeedback: 'max_recorded_feedback',
} as const;
const limits = Object.keys(columns) as (keyof typeof columns)[];

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
        const given = limits.filter((limit) => input[limit] !== undefined);
        if (given.length > 0) {
          const sets = given.map((limit, i) => `${columns[limit]} = $${i + 2}`).join(', ');
          const values = given.map((limit) => input[limit]?.toString() ?? null);
          await query(`UPDATE projects SET ${sets} WHERE id = $1`, [id, ...values]);
        }
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
