import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { familyName } from '../models/family-name.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { isOnPairs, specOfModel } from '../models/spec-of-model.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireStorageLeft } from '../projects/require-quota.js';
import { traitsOf } from '../protocol/architectures/index.js';
import type { ExportFormat, OnnxVariant } from '../protocol/job.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { Query } from '../protocol/sql/query.js';
import { ggufOptions } from './gguf-options.js';
import type { ExportModelInput } from './model-export.input.js';

/**
 * Exports of models, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client
 * can correct.
 */
export interface ModelExportService {
  /** Checks the input and queues the export. Returns its id. */
  exportModel(input: ExportModelInput): Promise<string>;
  cancel(exportId: string): Promise<void>;
}

export function createModelExportService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): ModelExportService {
  const { dataSource, query } = options;
  return {
    async exportModel(input) {
      const { idempotencyKey, ...asked } = input;
      const { format } = input;
      const variants = checkedVariants(format, input.variants ?? null);
      const model = await requireBaseModel(query, input.modelId, null, ['modelId']);
      const request: IdempotentRequest = {
        projectId: model.projectId,
        operation: 'exportModel',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      checkFormat(model, format);
      const gguf = ggufOptions(model, input);
      await requireStorageLeft(query, model.projectId);
      const spec = await specOfModel(query, model.id);
      const readsPairs = isOnPairs(spec);
      const madeBy = spec === null ? null : { spec, testSplit: await testSplitOf(query, spec) };
      return inTransaction(dataSource, async (transaction) => {
        const exportId = randomUUID();
        const claimed = await claimKey(transaction.query, request, exportId);
        if (claimed !== exportId) return claimed;
        await transaction.query(
          `INSERT INTO model_exports (id, project_id, base_model_id, format, created_by, status) VALUES ($1, $2, $3, $4, $5, 'QUEUED')`,
          [exportId, model.projectId, model.id, format, actorId()],
        );
        await enqueueJob(transaction.query, {
          id: randomUUID(),
          projectId: model.projectId,
          payload: {
            kind: 'export',
            exportId,
            modelDigest: model.digest,
            format,
            readsPairs,
            ...variants,
            ...gguf,
            ...(model.licence === model.manifest.licence ? {} : { licence: model.licence }),
            madeBy,
            requireCertificate: input.requireCertificate ?? false,
          },
        });
        return exportId;
      });
    },

    cancel: (exportId) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'export', exportId, ['exportId']),
      ),
  };
}

/** The variants of a job. An export that names none, as before there were any, has none in its job. */
function checkedVariants(format: ExportFormat, variants: OnnxVariant[] | null): { readonly variants?: OnnxVariant[] } {
  if (variants === null) return {};
  if (format !== 'transformersJs') {
    const hint = 'Leave variants out, or export as TRANSFORMERS_JS.';
    throw new ProblemsError([problem(['variants'], 'INVALID_VALUE', 'This format has no variants.', hint)]);
  }
  if (variants.length === 0) {
    throw new ProblemsError([problem(['variants'], 'INVALID_VALUE', 'At least one variant is needed.', null)]);
  }
  return { variants };
}

/** The name of a split that is kept for the end, as the templates of splits and most public datasets have it. */
const testSplit = 'test';

/** The test split of an experiment's dataset version; null where it has none, or learned from it or measured on it. */
async function testSplitOf(
  query: Query,
  { datasetDigest, trainSplit, validationSplit }: RunSpec,
): Promise<string | null> {
  if ([trainSplit, validationSplit].includes(testSplit)) return null;
  const found = await query(
    `SELECT 1 FROM dataset_versions v, jsonb_array_elements(v.splits) AS split
      WHERE v.digest = $1 AND split ->> 'name' = $2 AND (split ->> 'exampleCount')::bigint > 0 LIMIT 1`,
    [datasetDigest, testSplit],
  );
  return found.length === 0 ? null : testSplit;
}

/** Checks that need no files of the model. */
function checkFormat({ name, manifest }: BaseModelRow, format: ExportFormat): void {
  if (format === 'peft' && manifest.adapter === null) {
    const message = `“${name}” has no adapter: all of its weights were trained.`;
    const hint = 'Export it as HUGGING_FACE, or train an adapter: hyperparameters { adapter: { lora: {} } }.';
    throw new ProblemsError([problem(['format'], 'NO_ADAPTER', message, hint)]);
  }
  if (format !== 'onnx' && !traitsOf(manifest.config).isInTransformers) {
    const message = `Models of the family ${familyName(manifest.config)} have no format that transformers or PEFT could load.`;
    throw new ProblemsError([problem(['format'], 'UNSUPPORTED_EXPORT', message, 'Export it as ONNX.')]);
  }
}
