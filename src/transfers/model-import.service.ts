import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest, orFirstResult } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { consumeUpload } from '../datasets/received-upload.js';
import { rowId } from '../graphql/global-id.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { checkLicence } from '../models/licences/check-licence.js';
import { deniedLicenceHint, requireTakenLicence } from '../models/licences/licence-of-model.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { together } from '../problems/together.js';
import { licencePolicyOf } from '../projects/licences/licence-policy.reads.js';
import { requireProject } from '../projects/require-project.js';
import { requireStorageLeft } from '../projects/require-quota.js';
import { saysNothing } from '../protocol/licences/hub-names.js';
import { judgeLicence } from '../protocol/licences/judge-licence.js';
import type { LicencePolicy } from '../protocol/licences/policy.js';
import type { ModelSource } from '../protocol/model-source.js';
import type { Query } from '../protocol/sql/query.js';
import { checkAdapterBase, requireAdapterBase } from './adapter-base.js';
import { checkRewardModel } from './check-reward-model.js';
import type { ImportBaseModelInput } from './model-import.input.js';
import { uploadedTokenizer } from './resolve-configuration.js';
import { resolveSource } from './resolve-source.js';

const maxNameLength = 200;

/**
 * Imports of models, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client
 * can correct.
 */
export interface ModelImportService {
  /** Checks the input and queues the import. Returns its id. */
  importBaseModel(input: ImportBaseModelInput): Promise<string>;
  cancel(importId: string): Promise<void>;
}

export function createModelImportService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): ModelImportService {
  const { dataSource, query } = options;
  return {
    async importBaseModel(input) {
      const project = await requireProject(query, input.projectSlug);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: project.id,
        operation: 'importBaseModel',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;

      const name = input.name.trim();
      const licence = saysNothing(input.licence ?? '') ? null : input.licence!.trim();
      const licencePolicy = await licencePolicyOf(query, project.id);
      return orFirstResult(query, request, async () => {
        const check = async (): Promise<ModelSource> => {
          const { source, problems } = await resolveSource(query, project.id, input.source);
          const wrong = [
            ...checkName(name),
            ...checkLicence(licence, ['licence']),
            ...checkTaken(licence, licencePolicy),
            ...problems,
            ...checkAdapterBase(input.source, input.adapterBaseModelId),
            ...checkRewardModel(input.source, input.isRewardModel),
            ...(await checkNameIsFree(query, project.id, name)),
          ];
          if (source === null || wrong.length > 0) throw new ProblemsError(wrong);
          return source;
        };
        const { adapterBaseModelId } = input;
        const [source, base] = await together([
          check(),
          adapterBaseModelId == null ? Promise.resolve(null) : requireTakenBase(query, adapterBaseModelId, project.id),
        ]);
        await requireStorageLeft(query, project.id);

        return inTransaction(dataSource, async (transaction) => {
          const importId = randomUUID();
          const claimed = await claimKey(transaction.query, request, importId);
          if (claimed !== importId) return claimed;
          const inserted = await transaction.query(
            `INSERT INTO model_imports (id, project_id, name, source, licence, adapter_base_model_id, created_by, status)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'QUEUED') ON CONFLICT DO NOTHING RETURNING id`,
            [importId, project.id, name, JSON.stringify(source), licence, base?.id ?? null, actorId()],
          );
          const uploadId = input.source.configuration?.tokenizer.uploadId;
          if (uploadId != null) {
            await consumeUpload(transaction.query, rowId('Upload', uploadId, uploadedTokenizer), uploadedTokenizer);
          }
          // Another call with this name was a moment faster.
          if (inserted.length === 0) throw new ProblemsError([nameTaken(name)]);
          await enqueueJob(transaction.query, {
            id: randomUUID(),
            projectId: project.id,
            payload: {
              kind: 'import',
              importId,
              source,
              licence,
              licencePolicy,
              adapterBaseDigest: base?.digest ?? null,
              ...(input.isRewardModel === true ? { isRewardModel: true } : {}),
            },
          });
          return importId;
        });
      });
    },

    cancel: (importId) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'import', importId, ['importId']),
      ),
  };
}

function checkName(name: string): InputProblem[] {
  if (name.length >= 1 && name.length <= maxNameLength) return [];
  return [problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)];
}

/** A model has the name, or an import that has not ended will give it to one. */
async function checkNameIsFree(query: Query, projectId: string, name: string): Promise<InputProblem[]> {
  const [found] = await query<{ taken: boolean }>(
    `SELECT EXISTS (SELECT FROM base_models WHERE project_id = $1 AND name = $2)
         OR EXISTS (SELECT FROM model_imports WHERE project_id = $1 AND name = $2 AND status IN ('QUEUED', 'RUNNING')) AS taken`,
    [projectId, name],
  );
  return found?.taken === true ? [nameTaken(name)] : [];
}

function nameTaken(name: string): InputProblem {
  const message = `The project has a model “${name}”, or is importing one.`;
  return problem(['name'], 'ALREADY_EXISTS', message, 'Choose another name.');
}

/** A licence that the request names and that the project refuses. What the model itself names the worker reads. */
function checkTaken(licence: string | null, policy: LicencePolicy): InputProblem[] {
  if (licence === null) return [];
  const { decision, reason } = judgeLicence(licence, policy);
  return decision === 'DENY' ? [problem(['licence'], 'LICENCE_DENIED', reason, deniedLicenceHint)] : [];
}

/** The model that an adapter is for, whose licence it has. */
async function requireTakenBase(query: Query, id: string, projectId: string): Promise<BaseModelRow> {
  const model = await requireAdapterBase(query, id, projectId);
  await requireTakenLicence(query, model, ['adapterBaseModelId']);
  return model;
}
