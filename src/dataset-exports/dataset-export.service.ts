import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { type DatasetVersionRow, versionsByIds } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { rowId } from '../graphql/global-id.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireStorageLeft } from '../projects/require-quota.js';
import type { Query } from '../protocol/sql/query.js';
import type { ExportDatasetVersionInput } from './dataset-export.input.js';
import { plannedFiles } from './exported-files.js';
import { foundForms } from './found-forms.js';
import { toRowExport } from './to-row-export.js';

/**
 * Exports of dataset versions, as the graph's mutations use them. Throws ProblemsError for mistakes that the client can
 * correct.
 */
export interface DatasetExportService {
  /** Checks the input and queues the export. Returns its id. */
  export(input: ExportDatasetVersionInput): Promise<string>;
  cancel(datasetExportId: string): Promise<void>;
}

export function createDatasetExportService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly examples: Pick<ExampleReader, 'readExamples'>;
}): DatasetExportService {
  const { dataSource, query, examples } = options;
  return {
    async export(input) {
      const { idempotencyKey, ...asked } = input;
      const version = await versionOf(query, input.datasetVersionId);
      const { projectId } = version;
      const request: IdempotentRequest = {
        projectId,
        operation: 'exportDatasetVersion',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const rows = await toRowExport(input, version, foundForms(examples, version));
      await requireStorageLeft(query, projectId);
      const [dataset] = await query<{ name: string }>('SELECT name FROM datasets WHERE id = $1', [version.datasetId]);
      const { name, files } = plannedFiles(dataset?.name ?? '', version, rows, input.filePerSplit);
      const rowCount = version.splits
        .filter((split) => rows.splits?.includes(split.name) ?? true)
        .reduce((sum, { exampleCount }) => sum + exampleCount, 0);
      return inTransaction(dataSource, async (transaction) => {
        const id = randomUUID();
        const claimed = await claimKey(transaction.query, request, id);
        if (claimed !== id) return claimed;
        // Kept from being deleted until deletions see the export.
        const held = await transaction.query('SELECT 1 FROM dataset_versions WHERE id = $1 FOR KEY SHARE', [
          version.id,
        ]);
        if (held.length === 0) throw gone();
        await transaction.query(
          `INSERT INTO dataset_exports (id, project_id, dataset_version_id, name, request, file_per_split, rows_to_write,
             status, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'QUEUED', $8)`,
          [id, projectId, version.id, name, JSON.stringify(rows), input.filePerSplit, rowCount, actorId()],
        );
        const columns = version.columns.map((column) => ({ name: column.name, type: column.type }));
        await enqueueJob(transaction.query, {
          id,
          projectId,
          payload: {
            kind: 'exportRows',
            datasetExportId: id,
            version: { digest: version.digest, columns },
            isLines: false,
            request: rows,
            files,
            rowCount,
          },
        });
        return id;
      });
    },

    cancel: (id) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'exportRows', id, ['datasetExportId']),
      ),
  };
}

async function versionOf(query: Query, id: string): Promise<DatasetVersionRow> {
  const [version] = await versionsByIds(query, [rowId('DatasetVersion', id, ['datasetVersionId'])]);
  if (version === undefined) throw gone();
  return version;
}

function gone(): ProblemsError {
  return new ProblemsError([problem(['datasetVersionId'], 'NOT_FOUND', 'There is no dataset version with this id.')]);
}
