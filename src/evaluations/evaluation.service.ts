import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { requireVersion } from '../datasets/require-version.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { requireBaseModel } from '../models/require-base-model.js';
import type { Query } from '../protocol/sql/query.js';
import { checkEvaluation, checkTrueLabels } from './check-evaluation.js';
import { Evaluation } from './evaluation.entity.js';
import type { EvaluateInput } from './evaluation.input.js';

export interface EvaluationService {
  /** Checks, and queues the scoring. Returns the evaluation's id. Throws ProblemsError. */
  evaluate(input: EvaluateInput): Promise<string>;
}

export function createEvaluationService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly examples: Pick<ExampleReader, 'countLabels'>;
}): EvaluationService {
  const { dataSource, query, examples } = options;
  return {
    async evaluate(input) {
      const model = await requireBaseModel(query, input.modelId, null, ['modelId']);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: model.projectId,
        operation: 'evaluate',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;

      const version = await requireVersion(query, input.datasetVersionId, model.projectId, ['datasetVersionId']);
      checkEvaluation(input, model.manifest, version);
      const labelColumns = [...new Set(input.tasks.map(({ labelColumn }) => labelColumn))];
      const { digest } = version;
      const { split, textColumn } = input;
      const pairColumn = input.textPairColumn ?? null;
      const textColumns = pairColumn === null ? [textColumn] : [textColumn, pairColumn];
      const counts = await examples.countLabels({ digest, textColumns, labelColumns });
      checkTrueLabels(input, model.manifest, counts);

      const tasks = input.tasks.map(({ task, labelColumn }) => ({ task, labelColumn }));
      return inTransaction(dataSource, async (transaction) => {
        const evaluationId = randomUUID();
        const claimed = await claimKey(transaction.query, request, evaluationId);
        if (claimed !== evaluationId) return claimed;
        await transaction.manager.insert(Evaluation, {
          id: evaluationId,
          projectId: model.projectId,
          createdBy: actorId(),
          baseModelId: model.id,
          datasetVersionId: version.id,
          split,
          textColumn,
          pairColumn,
          tasks,
          status: 'QUEUED',
        });
        await enqueueJob(transaction.query, {
          id: randomUUID(),
          projectId: model.projectId,
          payload: {
            kind: 'evaluate',
            evaluationId,
            modelDigest: model.digest,
            datasetDigest: version.digest,
            split,
            textColumn,
            pairColumn,
            tasks,
          },
        });
        return evaluationId;
      });
    },
  };
}
