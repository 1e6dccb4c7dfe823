import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { changedTags, checkTextChanges } from '../organizing/changed-tags.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import { isTerminal, type RunStatus } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';
import type { UpdateExperimentInput } from './organizing.input.js';
import { checkPriority } from './priority.js';

type Changes = Omit<UpdateExperimentInput, 'experimentId'>;

/**
 * Operations that keep experiments in order. All methods throw ProblemsError for mistakes that the client can correct.
 */
export interface OrganizingService {
  update(experimentId: string, changes: Changes): Promise<void>;
  archive(experimentId: string): Promise<void>;
  unarchive(experimentId: string): Promise<void>;
  setPriority(experimentId: string, priority: number): Promise<void>;
}

export function createOrganizingService({ dataSource }: { readonly dataSource: DataSource }): OrganizingService {
  return {
    async update(experimentId, changes) {
      const { name, notes } = changes;
      const problems = checkTextChanges(changes);
      if (problems.length > 0) throw new ProblemsError(problems);
      await inTransaction(dataSource, async ({ query }) => {
        // The row is locked, so that of two users who add tags at once, the second adds to the result of the first.
        const [former] = await query<{ tags: string[] }>(
          'SELECT tags FROM experiments WHERE id = $1 FOR NO KEY UPDATE',
          [experimentId],
        );
        if (former === undefined) throw notFound();
        await query(
          `UPDATE experiments SET name = coalesce($2, name), tags = $3, notes = CASE WHEN $4 THEN $5 ELSE notes END
            WHERE id = $1`,
          [experimentId, name?.trim() ?? null, changedTags(former.tags, changes), notes !== undefined, notes ?? ''],
        );
      });
    },

    archive: (experimentId) =>
      inTransaction(dataSource, async ({ query }) => {
        const status = await statusOf(query, experimentId);
        if (!isTerminal(status)) {
          const message = `The experiment is ${status}: archived, it would continue unseen.`;
          const hint = 'Wait until it ends, or cancel it with cancelExperiment, then archive it.';
          throw new ProblemsError([problem(['experimentId'], 'CONFLICT', message, hint)]);
        }
        // A final status never changes, so no lock is needed.
        await query('UPDATE experiments SET archived_at = coalesce(archived_at, now()) WHERE id = $1', [experimentId]);
      }),

    unarchive: (experimentId) =>
      inTransaction(dataSource, async ({ query }) => {
        const found = await query('UPDATE experiments SET archived_at = NULL WHERE id = $1 RETURNING id', [
          experimentId,
        ]);
        if (found.length === 0) throw notFound();
      }),

    async setPriority(experimentId, priority) {
      const problems = checkPriority(priority);
      if (problems.length > 0) throw new ProblemsError(problems);
      await inTransaction(dataSource, async ({ query }) => {
        // The job is locked first, in the order in which workers lock. A claimed or paused job keeps the priority for
        // when it waits again.
        await query(
          `UPDATE jobs SET priority = $2
            WHERE run_id = (SELECT id FROM runs WHERE experiment_id = $1) AND state IN ('queued', 'claimed', 'paused')`,
          [experimentId, priority],
        );
        const status = await statusOf(query, experimentId);
        if (isTerminal(status)) {
          const message = `The experiment has already ended: ${status}.`;
          throw new ProblemsError([problem(['experimentId'], 'CONFLICT', message, 'Clone it to run it again.')]);
        }
        await query('UPDATE experiments SET priority = $2 WHERE id = $1', [experimentId, priority]);
        // A worker that claimed meanwhile skipped the locked row, and may have taken the queue for empty.
        await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
      });
    },
  };
}

/** The status of the experiment's run. Throws ProblemsError NOT_FOUND. */
async function statusOf(query: Query, experimentId: string): Promise<RunStatus> {
  const [run] = await query<{ status: RunStatus }>('SELECT status FROM runs WHERE experiment_id = $1', [experimentId]);
  if (run === undefined) throw notFound();
  return run.status;
}

function notFound(): ProblemsError {
  return new ProblemsError([problem(['experimentId'], 'NOT_FOUND', 'There is no experiment with this id.')]);
}
