import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { orFirstResult } from '../../access/idempotency.js';
import { cancellation } from '../../database/operation-scope.js';
import { inTransaction } from '../../database/transaction.js';
import type { JobResults } from '../../events/job-results.js';
import { rowId } from '../../graphql/global-id.js';
import { requestTransferCancel } from '../../jobs/cancel-transfer.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { splitName } from '../../preparation/split-names.js';
import { type InputProblem, isProblemCode, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireProject } from '../../projects/require-project.js';
import type { AssignedRoles } from '../../protocol/preparation/assigned-roles.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import { type PreparationPreview, previewRows } from '../../protocol/preparation/preview.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import { maxExamples } from '../../protocol/preparation/step-report.js';
import type { Query } from '../../protocol/sql/query.js';
import { rejectedCountOf, rejectedRowsOf } from '../../protocol/sql/rejections.js';
import type { WorkerReads } from '../../workers/worker.reads.js';
import { toFileOptions } from '../file-options.input.js';
import { toGivenSplit } from '../to-split-request.js';
import type { AssignedRoleInput } from './column-role.type.js';
import { checkNewDataset, projectOf } from './dataset-versions.js';
import { toNamedVersions } from './named-versions.js';
import type { PrepareDatasetInput, PreviewPreparationInput, RowSourceInput } from './preparation.input.js';
import { preparationTarget } from './preparation-target.js';
import type { PreparationRequest, Preparations } from './preparations.js';
import { toRecipe } from './recipe.type.js';
import { requireCheckedRecipe } from './require-checked-recipe.js';
import { requireNamedModels } from './require-named-models.js';
import { type RequestedSource, toRowSource } from './row-sources.js';
import { lookAtAppended } from './take-appended.js';

const maxSources = 20;

/** Preparations, as the graph uses them. All methods throw ProblemsError for mistakes that the client can correct. */
export interface PreparationService {
  /** Queues a preparation; returns its id. */
  prepare(input: PrepareDatasetInput): Promise<string>;
  /** Tries a recipe on a sample. Throws also WORKER_UNAVAILABLE and TIMEOUT. */
  preview(input: PreviewPreparationInput): Promise<{ readonly preview: PreparationPreview; readonly recipe: Recipe }>;
  cancel(preparationId: string): Promise<void>;
}

export function createPreparationService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly preparations: Preparations;
  readonly jobResults: Pick<JobResults, 'wait'>;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly timeoutMs: number;
}): PreparationService {
  const { dataSource, query, preparations, jobResults, workers, timeoutMs } = options;

  async function toPreviewed(projectId: string, source: RequestedSource, path: readonly string[]): Promise<RowSource> {
    if (source.kind !== 'appended') return toRowSource(query, projectId, source, path);
    const { datasetId, split } = source;
    const isThere = await query('SELECT 1 FROM datasets WHERE id = $1 AND project_id = $2', [datasetId, projectId]);
    if (isThere.length > 0) return lookAtAppended(query, { datasetId, split, path, maxRows: previewRows });
    const message = 'The project has no dataset with this id.';
    throw new ProblemsError([problem([...path, 'datasetId'], 'NOT_FOUND', message)]);
  }

  return {
    async prepare(input) {
      const { idempotencyKey, ...asked } = input;
      const { id: projectId } = await requireProject(query, input.projectSlug);
      const [target, sources, recipe, split, roles] = await together([
        (async () => preparationTarget(input))(),
        requested(input.sources, input.datasetId ?? null),
        (async () => toRecipe(input.recipe))(),
        (async () => toGivenSplit({ split: input.split ?? null, splitColumn: input.splitColumn ?? null }))(),
        assigned(input.roles),
      ]);
      const idempotent = { projectId, operation: 'prepareDataset', key: idempotencyKey ?? null, input: asked };
      const request: PreparationRequest = {
        idempotent,
        target,
        sources,
        recipe,
        split,
        textNames: null,
        roles,
        check: async () => {
          if (target.kind === 'newDataset') {
            await checkNewDataset(query, projectId, target.name, target.description);
          } else if (target.kind === 'version' && (await projectOf(query, target.datasetId)) !== projectId) {
            throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'The project has no dataset with this id.')]);
          }
        },
      };
      return orFirstResult(query, idempotent, () => preparations.start(request));
    },

    async preview(input) {
      const { id: projectId } = await requireProject(query, input.projectSlug);
      const [recipe, asked] = await together([(async () => toRecipe(input.recipe))(), requested(input.sources)]);
      const [sources, namedVersions] = await together([
        together(asked.map((source, i) => toPreviewed(projectId, source, ['sources', String(i), source.kind]))),
        toNamedVersions(query, projectId, recipe),
        requireNamedModels(query, projectId, recipe),
      ]);
      requireCheckedRecipe(recipe, sources);
      if (!(await workers.anyOnline())) throw new ProblemsError([noWorker]);
      const id = randomUUID();
      await inTransaction(dataSource, (transaction) =>
        enqueueJob(transaction.query, {
          id,
          projectId,
          payload: {
            kind: 'preview',
            sources: [...sources],
            recipe,
            namedVersions: [...namedVersions],
            maxRows: previewRows,
          },
        }),
      );
      const signal = cancellation();
      const settled = await jobResults.wait(id, timeoutMs, signal ?? undefined);
      if (settled === null) {
        await query(`UPDATE jobs SET state = 'canceled', settled_at = now() WHERE id = $1 AND state = 'queued'`, [id]);
        signal?.throwIfAborted();
        throw new ProblemsError([tookTooLong]);
      }
      if (settled.state === 'succeeded' && settled.result.kind === 'preview') {
        return { preview: await withRejectionsOf(query, sources, settled.result.preview), recipe };
      }
      if (settled.state !== 'failed') throw new Error(`Preview ${id} ended as ${settled.state}.`);
      const { path, code, message, hint } = settled.problem;
      throw new ProblemsError([
        isProblemCode(code) ? problem(path, code, message, hint) : problem(path, 'JOB_FAILED', message, hint),
      ]);
    },

    cancel: (id) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'preparation', id, ['preparationId']),
      ),
  };
}

/** As a version that is made of the sources, a preview counts the rejected rows of versions among them too. */
async function withRejectionsOf(
  query: Query,
  sources: readonly RowSource[],
  preview: PreparationPreview,
): Promise<PreparationPreview> {
  const versions = sources.flatMap((source) => (source.kind === 'version' ? [source.versionId] : []));
  if (versions.length === 0) return preview;
  const rejectedCount = preview.rejectedCount + (await rejectedCountOf(query, versions));
  const rows = await rejectedRowsOf(query, versions, maxExamples - preview.rejectedRows.length);
  return { ...preview, rejectedCount, rejectedRows: [...preview.rejectedRows, ...rows] };
}

/** @throws ProblemsError for a column that has two roles */
async function assigned(roles: readonly AssignedRoleInput[]): Promise<AssignedRoles> {
  const twice = roles.flatMap(({ column }, i) =>
    roles.findIndex((each) => each.column === column) === i
      ? []
      : [
          problem(
            ['roles', String(i), 'column'],
            'INVALID_VALUE',
            `The column “${column}” has a role in the list already.`,
          ),
        ],
  );
  if (twice.length > 0) throw new ProblemsError(twice);
  return roles.map(({ column, role }) => ({ column, role }));
}

/** @param of the dataset whose version is made; null: a new one's; absent: none is */
async function requested(sources: readonly RowSourceInput[], of?: string | null): Promise<RequestedSource[]> {
  if (sources.length === 0 || sources.length > maxSources) {
    const message = `There must be 1 to ${maxSources} sources, not ${sources.length}.`;
    throw new ProblemsError([problem(['sources'], 'INVALID_VALUE', message)]);
  }
  const wrong = [...checkSplits(sources), ...(of === undefined ? [] : checkAppended(sources, of))];
  if (wrong.length > 0) throw new ProblemsError(wrong);
  return sources.map(({ upload, version, appended }, i): RequestedSource => {
    const path = ['sources', String(i)];
    if (upload != null) {
      const { uploadId, fileOptions, split } = upload;
      return {
        kind: 'upload',
        uploadId: rowId('Upload', uploadId, [...path, 'upload', 'uploadId']),
        fileOptions: toFileOptions(fileOptions ?? null),
        split: split ?? null,
      };
    }
    if (appended != null) {
      const datasetId = rowId('Dataset', appended.datasetId, [...path, 'appended', 'datasetId']);
      return { kind: 'appended', datasetId, split: appended.split ?? null };
    }
    const { datasetVersionId, split } = version!;
    return {
      kind: 'version',
      datasetVersionId: rowId('DatasetVersion', datasetVersionId, [...path, 'version', 'datasetVersionId']),
      split: split ?? null,
    };
  });
}

function checkSplits(sources: readonly RowSourceInput[]): InputProblem[] {
  return sources.flatMap((source, i) =>
    (['upload', 'version', 'appended'] as const).flatMap((kind) => {
      const split = source[kind]?.split ?? null;
      if (split === null || splitName.test(split)) return [];
      const path = ['sources', String(i), kind, 'split'];
      const hint = 'Use letters, digits, _ and -.';
      return [problem(path, 'INVALID_VALUE', `“${split}” cannot name a split.`, hint)];
    }),
  );
}

/** Examples go into a version of their own dataset, once. */
function checkAppended(sources: readonly RowSourceInput[], datasetId: string | null): InputProblem[] {
  const appended = sources.flatMap(({ appended: source }, i) => (source == null ? [] : [{ source, i }]));
  return appended.flatMap(({ source, i }, place) => {
    const path = ['sources', String(i), 'appended', 'datasetId'];
    if (source.datasetId !== datasetId) {
      const message = 'Appended examples go into the next version of their own dataset.';
      return [problem(path, 'INVALID_VALUE', message, 'Name the same dataset in `datasetId`.')];
    }
    return place === 0 ? [] : [problem(path, 'INVALID_VALUE', 'The examples are a source already.', 'Name them once.')];
  });
}

const noWorker = problem(
  [],
  'WORKER_UNAVAILABLE',
  'No worker is connected that could read the rows.',
  'Start a worker with `npm run worker`, or wait until one is back; see `serverInfo { workers { status } }`.',
);

const tookTooLong = problem(
  [],
  'TIMEOUT',
  'There was no preview in time.',
  'Try again, or make the version with prepareDataset, which may take any time.',
);
