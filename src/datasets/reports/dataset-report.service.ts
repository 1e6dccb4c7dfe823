import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../../access/idempotency.js';
import { holdRows } from '../../database/hold-rows.js';
import { inTransaction } from '../../database/transaction.js';
import { rowId } from '../../graphql/global-id.js';
import { requestTransferCancel } from '../../jobs/cancel-transfer.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { requireTakenModel } from '../../models/licences/licence-of-model.js';
import { checkRoleTypes } from '../../preparation/checks/role-columns.js';
import { namesHint } from '../../problems/closest-name.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { schemaProblem } from '../../problems/schema-problem.js';
import { together } from '../../problems/together.js';
import type { AssignedRoles, SourcedRoles } from '../../protocol/preparation/assigned-roles.js';
import type { ReportJob } from '../../protocol/preparation/report-job.js';
import { PersonalDataSearch, usualScan } from '../../protocol/preparation/steps/personal-data.js';
import type { Query } from '../../protocol/sql/query.js';
import { type DatasetVersionRow, versionsByIds } from '../dataset.reads.js';
import { requireVersion } from '../require-version.js';
import type { CompareDatasetVersionsInput, ReportDatasetInput } from './dataset-report.input.js';

/** Reports, as the graph's mutations use them. Throws ProblemsError for mistakes that the client can correct. */
export interface DatasetReportService {
  /** Queues a report. Returns its id. */
  report(input: ReportDatasetInput): Promise<string>;
  /** Queues a comparison. Returns its id. */
  compare(input: CompareDatasetVersionsInput): Promise<string>;
  cancel(reportId: string): Promise<void>;
}

/** A version's texts are sampled beyond these, which take some ten seconds to read. */
const usual = { readRows: 200_000, encodedRows: 3000, mostNearRows: 1_000_000, seed: 0 } as const;

const nothingElse = {
  comparedWith: null,
  key: [],
  modelDigest: null,
  maxLength: null,
  featureModel: null,
  personalData: PersonalDataSearch.parse(usualScan),
  fewExamples: 10,
};

export function createDatasetReportService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
}): DatasetReportService {
  const { dataSource, query } = options;

  async function start(
    request: IdempotentRequest,
    version: DatasetVersionRow,
    comparedWithId: string | null,
    /** The models that it reads with. */
    reading: readonly ({ readonly id: string } | null)[],
    job: Omit<ReportJob, 'kind' | 'reportId'>,
  ): Promise<string> {
    return inTransaction(dataSource, async (transaction) => {
      const id = randomUUID();
      const claimed = await claimKey(transaction.query, request, id);
      if (claimed !== id) return claimed;
      // The versions are held by their foreign keys.
      const models = new Set(reading.flatMap((model) => (model === null ? [] : [model.id])));
      if ((await holdRows(transaction.query, 'base_models', [...models])).size < models.size) {
        throw new ProblemsError([problem([], 'CONFLICT', 'A model that the report needs was deleted at this moment.')]);
      }
      const payload: ReportJob = { kind: 'report', reportId: id, ...job };
      await transaction.query(
        `INSERT INTO dataset_reports (id, project_id, dataset_version_id, compared_with_id, request, status, created_by)
         VALUES ($1, $2, $3, $4, $5, 'QUEUED', $6)`,
        [id, version.projectId, version.id, comparedWithId, JSON.stringify(payload), actorId()],
      );
      await enqueueJob(transaction.query, { id, projectId: version.projectId, payload });
      return id;
    });
  }

  return {
    async report(input) {
      const { idempotencyKey, ...asked } = input;
      const version = await versionOf(query, input.datasetVersionId);
      const { projectId } = version;
      const request = { projectId, operation: 'reportDataset', key: idempotencyKey ?? null, input: asked };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const [model, featureModel] = await together([
        modelOf(query, input.modelId, projectId, 'modelId'),
        modelOf(query, input.featureModelId, projectId, 'featureModelId'),
      ]);
      if (input.maxLength != null && input.maxLength < 1) {
        throw new ProblemsError([problem(['maxLength'], 'INVALID_VALUE', 'A model reads at least one token.')]);
      }
      if (input.maxLength != null && model === null) {
        const message = 'Tokens are those of a model, and none is named.';
        const hint = 'Name the model whose tokens are meant in `modelId`, or leave `maxLength` out.';
        throw new ProblemsError([problem(['modelId'], 'REQUIRED', message, hint)]);
      }
      const contextLength = model?.manifest.contextLength ?? Number.POSITIVE_INFINITY;
      if (input.maxLength != null && input.maxLength > contextLength) {
        const message = `The model reads at most ${contextLength} tokens, fewer than ${input.maxLength}.`;
        throw new ProblemsError([problem(['maxLength'], 'INVALID_VALUE', message, `Choose ${contextLength} or less.`)]);
      }
      if (input.fewExamples < 0) {
        throw new ProblemsError([problem(['fewExamples'], 'INVALID_VALUE', 'There can not be fewer examples than 0.')]);
      }
      const personalData = searchOf(input.personalData ?? usualScan);
      return start(request, version, null, [model, featureModel], {
        ...nothingElse,
        ...usual,
        personalData,
        version: { digest: version.digest, roles: rolesOf(version, input.roles) },
        modelDigest: model?.digest ?? null,
        featureModel: featureModel && { modelId: featureModel.id, digest: featureModel.digest },
        maxLength: input.maxLength ?? null,
        fewExamples: input.fewExamples,
      });
    },

    async compare(input) {
      const { idempotencyKey, ...asked } = input;
      const version = await versionOf(query, input.datasetVersionId);
      const { projectId } = version;
      const request = { projectId, operation: 'compareDatasetVersions', key: idempotencyKey ?? null, input: asked };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const older = await requireVersion(query, input.comparedWithId, projectId, ['comparedWithId']);
      for (const [i, column] of input.key.entries()) requireColumn([version, older], column, ['key', String(i)]);
      const featureModel = await modelOf(query, input.featureModelId, projectId, 'featureModelId');
      return start(request, version, older.id, [featureModel], {
        ...nothingElse,
        ...usual,
        version: { digest: version.digest, roles: version.roles },
        comparedWith: { digest: older.digest, roles: older.roles },
        key: input.key,
        featureModel: featureModel && { modelId: featureModel.id, digest: featureModel.digest },
      });
    },

    cancel: (id) =>
      inTransaction(dataSource, (transaction) => requestTransferCancel(transaction.query, 'report', id, ['reportId'])),
  };
}

async function versionOf(query: Query, id: string): Promise<DatasetVersionRow> {
  const path = ['datasetVersionId'];
  const [version] = await versionsByIds(query, [rowId('DatasetVersion', id, path)]);
  if (version !== undefined) return version;
  throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no dataset version with this id.')]);
}

/** A model that a report reads with: as of those that experiments start from, the project takes its licence. */
async function modelOf(query: Query, id: string | null | undefined, projectId: string, field: string) {
  return id == null ? null : (await requireTakenModel(query, id, projectId, [field])).model;
}

/** What the version says its columns are for, but for those that somebody says more of. */
function rolesOf(version: DatasetVersionRow, given: AssignedRoles): SourcedRoles {
  for (const [i, { column }] of given.entries()) requireColumn([version], column, ['roles', String(i), 'column']);
  const wrong = checkRoleTypes(given, version.columns);
  if (wrong.length > 0) throw new ProblemsError(wrong);
  const said = new Set(given.map(({ column }) => column));
  const kept = version.roles.filter(({ column }) => !said.has(column));
  return [...kept, ...given.map(({ column, role }) => ({ column, role, source: 'SAID' as const }))];
}

/** @throws ProblemsError INVALID_VALUE with the path of each mistake */
function searchOf(given: PersonalDataSearch | typeof usualScan): PersonalDataSearch {
  const parsed = PersonalDataSearch.safeParse({ ...given });
  if (parsed.success) return parsed.data;
  throw new ProblemsError(parsed.error.issues.map((issue) => schemaProblem(issue, ['personalData'])));
}

function requireColumn(versions: readonly DatasetVersionRow[], column: string, path: readonly string[]): void {
  if (versions.every(({ columns }) => columns.some(({ name }) => name === column))) return;
  const [first, ...others] = versions.map(({ columns }) => columns.map(({ name }) => name));
  const shared = first!.filter((name) => others.every((names) => names.includes(name)));
  const hint = namesHint(column, shared);
  throw new ProblemsError([problem(path, 'UNKNOWN_COLUMN', `There is no column “${column}”.`, hint)]);
}
