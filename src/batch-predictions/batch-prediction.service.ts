import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction, type Transaction } from '../database/transaction.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { DatasetCommands } from '../datasets/dataset-commands.js';
import { toFileOptions } from '../datasets/file-options.input.js';
import { requireVersion } from '../datasets/require-version.js';
import { requireHead } from '../evaluations/check-evaluation.js';
import { trainedTexts } from '../evaluations/trained-texts.js';
import { rowId } from '../graphql/global-id.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { specOfModel } from '../models/spec-of-model.js';
import { requireStorageLeft } from '../projects/require-quota.js';
import { type BatchFormat, resultColumns } from '../protocol/batch-prediction.js';
import type { Query } from '../protocol/sql/query.js';
import { nameForFiles } from '../transfers/name-for-files.js';
import { BatchPrediction } from './batch-prediction.entity.js';
import type { PredictBatchInput } from './batch-prediction.input.js';
import { type BatchRows, checkSource, textsOf } from './check-batch.js';

/**
 * Batch predictions, as the graph's mutations use them. Throws ProblemsError for mistakes that the client can correct.
 */
export interface BatchPredictionService {
  /** Checks the input and queues the predictions. Returns the batch prediction's id. */
  predictBatch(input: PredictBatchInput): Promise<string>;
  cancel(id: string): Promise<void>;
}

/** Where the rows are from. */
type Source =
  | { readonly kind: 'version'; readonly version: DatasetVersionRow; readonly datasetName: string }
  | { readonly kind: 'upload'; readonly fileName: string };

/** The rows, as they are stored. */
interface StoredRows extends BatchRows {
  readonly digest: string;
  readonly rowCount: number;
  readonly rejectedCount: number;
}

const extensions: Readonly<Record<BatchFormat, string>> = { jsonLines: 'jsonl', csv: 'csv', parquet: 'parquet' };

export function createBatchPredictionService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly datasets: Pick<DatasetCommands, 'useUpload'>;
}): BatchPredictionService {
  const { dataSource, query, datasets } = options;

  async function predictVersion(model: BaseModelRow, input: PredictBatchInput, request: IdempotentRequest) {
    const first = await findFirstResult(query, request);
    if (first !== null) return first;
    const version = await requireVersion(query, input.datasetVersionId!, model.projectId, ['datasetVersionId']);
    const [dataset] = await query<{ name: string }>('SELECT name FROM datasets WHERE id = $1', [version.datasetId]);
    await requireStorageLeft(query, model.projectId);
    const split = version.splits.find(({ name }) => name === input.split);
    const rows = { ...version, rowCount: split?.exampleCount ?? version.exampleCount, rejectedCount: 0 };
    const source = { kind: 'version', version, datasetName: dataset?.name ?? '' } as const;
    return inTransaction(dataSource, async (transaction) => {
      const id = randomUUID();
      const claimed = await claimKey(transaction.query, request, id);
      if (claimed !== id) return claimed;
      await queue(transaction, id, model, input, source, rows);
      return id;
    });
  }

  async function predictUpload(model: BaseModelRow, input: PredictBatchInput, request: IdempotentRequest) {
    const uploadId = rowId('Upload', input.uploadId!, ['uploadId']);
    const [upload] = await query<{ fileName: string }>('SELECT file_name AS "fileName" FROM uploads WHERE id = $1', [
      uploadId,
    ]);
    const source = { kind: 'upload', fileName: upload?.fileName ?? '' } as const;
    const trained = trainedTexts(await specOfModel(query, model.id));
    return datasets.useUpload({
      projectId: model.projectId,
      operation: request.operation,
      idempotencyKey: request.key,
      input: request.input as object,
      uploadId,
      fileOptions: toFileOptions(input.fileOptions),
      textNames: [input.textColumn, trained?.textColumn].filter((name) => name != null),
      record: (transaction, id, { exampleCount, ...rows }) =>
        // Nobody has seen the guessed roles of a file that was just read.
        queue(transaction, id, model, input, source, { ...rows, roles: [], rowCount: exampleCount }),
    });
  }

  /** Inserts the batch prediction and its job, after the checks that need the columns of the rows. */
  async function queue(
    transaction: Transaction,
    id: string,
    model: BaseModelRow,
    input: PredictBatchInput,
    source: Source,
    rows: StoredRows,
  ): Promise<void> {
    const trained = trainedTexts(await specOfModel(query, model.id));
    const { textColumn, pairColumn } = textsOf(input, model.manifest, trained, rows);
    const { format, withProbabilities } = input;
    const split = input.split ?? null;
    const columns = resultColumns(model.manifest.heads, {
      taken: rows.columns.map(({ name }) => name),
      withSplit: source.kind === 'version' && split === null,
      withProbabilities,
    });
    const { projectId } = model;
    const { rowCount, digest } = rows;
    const fileName = fileNameOf(model, source, split, format);
    await transaction.manager.insert(BatchPrediction, {
      id,
      projectId,
      createdBy: actorId(),
      baseModelId: model.id,
      datasetVersionId: source.kind === 'version' ? source.version.id : null,
      sourceDigest: source.kind === 'upload' ? digest : null,
      sourceName: source.kind === 'upload' ? source.fileName : null,
      split,
      textColumn,
      pairColumn,
      format,
      columns,
      fileName,
      rowCount: String(rowCount),
      rejectedCount: String(rows.rejectedCount),
      status: 'QUEUED',
    });
    await enqueueJob(transaction.query, {
      id: randomUUID(),
      projectId,
      payload: {
        kind: 'predictBatch',
        batchPredictionId: id,
        modelDigest: model.digest,
        dataDigest: digest,
        split,
        rowCount,
        textColumn,
        pairColumn,
        format,
        columns,
        fileName,
      },
    });
  }

  return {
    async predictBatch(input) {
      const model = await requireNamedModel(query, input);
      checkSource(input);
      requireHead(model, input);
      // The project is filled in where an alias was not asked for: it is no part of what the client said.
      const { idempotencyKey, projectSlug: _, ...asked } = input;
      const request = {
        projectId: model.projectId,
        operation: 'predictBatch',
        key: idempotencyKey ?? null,
        input: asked,
      };
      return input.uploadId == null ? predictVersion(model, input, request) : predictUpload(model, input, request);
    },

    cancel: (id) =>
      inTransaction(dataSource, ({ query: inside }) =>
        requestTransferCancel(inside, 'batchPrediction', id, ['batchPredictionId']),
      ),
  };
}

/** e.g. `spam-filter-mails-v2-test.csv`: after the model and the rows. */
function fileNameOf({ name }: BaseModelRow, source: Source, split: string | null, format: BatchFormat): string {
  const model = nameForFiles(name, 'model');
  const rows =
    source.kind === 'version'
      ? `${nameForFiles(source.datasetName, 'dataset')}-v${source.version.number}${split === null ? '' : `-${split}`}`
      : nameForFiles(posix.parse(source.fileName).name, 'file');
  return `${model}-${rows}.${extensions[format]}`;
}
