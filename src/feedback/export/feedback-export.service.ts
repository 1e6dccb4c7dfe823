import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../../access/idempotency.js';
import { inSnapshot } from '../../database/in-snapshot.js';
import { beforeOwnTransaction, inTransaction } from '../../database/transaction.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { requireStorageLeft } from '../../projects/require-quota.js';
import type { RowExport } from '../../protocol/preparation/row-export.js';
import type { Query } from '../../protocol/sql/query.js';
import { noteRemovals } from '../../storage/artifact-removals.js';
import { mediaTypes, recordArtifacts } from '../../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { jsonLineBlocks } from '../../storage/json-line-blocks.js';
import { keepArtifacts } from '../../storage/keep-artifacts.js';
import { nameForFiles } from '../../transfers/name-for-files.js';
import { feedbackTasksByIds } from '../feedback-task.reads.js';
import { taskKey } from '../task-key.js';
import { type Pseudonyms, pseudonymsOf } from './pseudonyms.js';
import { rawClaims } from './raw-answers.reads.js';
import { rawColumns, rawRow } from './raw-rows.js';

/** The formats of raw answers: those of rows as they are. */
export type FeedbackExportFormat = 'CSV' | 'JSONL' | 'PARQUET';

interface FeedbackExportRequest {
  /** Row id. */
  readonly taskId: string;
  readonly format: FeedbackExportFormat;
  /** Of CSV alone; null: they stay as they are. */
  readonly guardFormulas: boolean | null;
  readonly idempotencyKey: string | null;
  /** What the client sent, for the key. */
  readonly input: unknown;
}

/** Files of what people answered, one answer a row. */
export interface FeedbackExportService {
  /**
   * Queues the writing of a file; returns the id of the export.
   * @throws ProblemsError NOT_FOUND; NO_ROWS_LEFT where nobody has answered, skipped or flagged anything
   */
  export(request: FeedbackExportRequest): Promise<string>;
}

export function createFeedbackExportService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly store: ArtifactStore;
}): FeedbackExportService {
  const { dataSource, query, store } = options;

  async function writeLines(taskId: string, pseudonyms: Pseudonyms) {
    let rowCount = 0;
    const file = await inSnapshot(dataSource, (read) =>
      store.writeStream(
        jsonLineBlocks(async function* () {
          for await (const claim of rawClaims(read, taskId)) {
            rowCount++;
            yield rawRow(claim, pseudonyms);
          }
        }),
      ),
    );
    return { file, rowCount };
  }

  /** Removes the file, unless something else needs it. */
  function discard(file: StoredArtifact): Promise<void> {
    return beforeOwnTransaction(() =>
      inTransaction(dataSource, async (transaction) => {
        await recordArtifacts(transaction.query, [{ ...file, mediaType: mediaTypes.jsonLines }]);
        await noteRemovals(transaction.query, [file.digest]);
      }),
    );
  }

  return {
    async export({ taskId, format, guardFormulas, idempotencyKey, input }) {
      checkGuard(format, guardFormulas);
      const [task] = await feedbackTasksByIds(query, [taskId]);
      if (task === undefined) throw gone();
      const { projectId } = task;
      const idempotent: IdempotentRequest = { projectId, operation: 'exportFeedback', key: idempotencyKey, input };
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      await requireStorageLeft(query, projectId);
      const key = await beforeOwnTransaction(() =>
        inTransaction(dataSource, (transaction) => taskKey(transaction.query, taskId)),
      );
      const { file, rowCount } = await writeLines(taskId, pseudonymsOf(key));
      if (rowCount === 0) {
        await discard(file);
        const message = 'Nobody has answered, skipped or flagged an item of the task.';
        throw new ProblemsError([problem(['taskId'], 'NO_ROWS_LEFT', message)]);
      }
      const request = requestOf(format, guardFormulas ?? false);
      const name = `${nameForFiles(task.name, 'feedback')}-answers.${format.toLowerCase()}`;
      let isRepetition = false;
      try {
        const exportId = await inTransaction(dataSource, async (transaction) => {
          const id = randomUUID();
          const claimed = await claimKey(transaction.query, idempotent, id);
          isRepetition = claimed !== id;
          if (isRepetition) return claimed;
          const held = await transaction.query('SELECT 1 FROM feedback_tasks WHERE id = $1 FOR KEY SHARE', [taskId]);
          if (held.length === 0) throw gone();
          await keepArtifacts(transaction.query, store, [{ ...file, mediaType: mediaTypes.jsonLines }]);
          await transaction.query(
            `INSERT INTO dataset_exports (id, project_id, feedback_task_id, lines_digest, name, request, file_per_split,
               rows_to_write, status, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, false, $7, 'QUEUED', $8)`,
            [id, projectId, taskId, file.digest, name, JSON.stringify(request), rowCount, actorId()],
          );
          await enqueueJob(transaction.query, {
            id,
            projectId,
            payload: {
              kind: 'exportRows',
              datasetExportId: id,
              version: { digest: file.digest, columns: rawColumns.map(([column, type]) => ({ name: column, type })) },
              isLines: true,
              request,
              files: [{ name, splits: null }],
              rowCount,
            },
          });
          return id;
        });
        if (isRepetition) await discard(file);
        return exportId;
      } catch (error) {
        // If this fails too, the first error still explains the failure; a file that stays only costs disk space.
        await discard(file).catch(() => undefined);
        throw error;
      }
    },
  };
}

function requestOf(format: FeedbackExportFormat, guardFormulas: boolean): RowExport {
  const table = { splits: null, columns: null, splitColumn: null };
  return format === 'CSV' ? { format, ...table, guardFormulas } : { format, ...table };
}

/** @throws ProblemsError where the format has no formulas */
function checkGuard(format: FeedbackExportFormat, guardFormulas: boolean | null): void {
  if (format === 'CSV' || guardFormulas === null) return;
  const message = `${format} has no option \`guardFormulas\`; CSV has it.`;
  throw new ProblemsError([problem(['guardFormulas'], 'INVALID_VALUE', message, 'Leave it out, or choose CSV.')]);
}

function gone(): ProblemsError {
  return new ProblemsError([problem(['taskId'], 'NOT_FOUND', 'There is no feedback task with this id.')]);
}
