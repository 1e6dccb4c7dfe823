import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, orFirstResult } from '../../access/idempotency.js';
import { beforeOwnTransaction, inTransaction } from '../../database/transaction.js';
import { checkName } from '../../organizing/names-and-tags.js';
import { checkJoinedSplits } from '../../preparation/split-names.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { requireWithinStorage } from '../../projects/require-quota.js';
import { type FileOptions, withHeader } from '../../protocol/datasets/file-options.js';
import type { SplitRequest } from '../../protocol/datasets/split-request.js';
import type { Query } from '../../protocol/sql/query.js';
import { noteRemovals } from '../../storage/artifact-removals.js';
import type { DatasetCommands } from '../dataset-commands.js';
import { checkDescription, datasetNameTaken, maxDatasetNameLength } from '../dataset-texts.js';
import { consumeUpload } from '../received-upload.js';
import type { MadeVersion } from './preparation-target.js';
import type { FinishedPreparation, PreparationRequest, Preparations } from './preparations.js';

/** All rows in one split. */
const oneSplit: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'all', fraction: 1 }],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
};

const nothingElse = { recipe: [], roles: [], textNames: null };

/** Datasets and versions for callers that wait until they are complete. */
export function waitedVersions(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly preparations: Preparations;
}): Omit<DatasetCommands, 'createUpload' | 'cancelUpload'> {
  const { dataSource, query, preparations } = options;

  /**
   * Queues and waits. Of a key from before there were preparations, the object itself is known: its id is returned.
   * @param toInput the path in the mutation's input that one of a preparation's stands for
   */
  async function prepared(request: PreparationRequest, toInput: ToInput): Promise<FinishedPreparation | string> {
    try {
      await preparations.forgetFailed(request.idempotent);
      const id = await orFirstResult(query, request.idempotent, () => preparations.start(request));
      return (await preparations.finished(id)) ?? id;
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      const kind = request.sources[0]?.kind ?? 'upload';
      const source = [kind, kind === 'upload' ? 'uploadId' : 'datasetVersionId'];
      throw new ProblemsError(
        error.problems.map((each) => {
          // Too large is what the rows of the sources are.
          const isQuota = each.code === 'QUOTA_EXCEEDED' && each.path.length === 0;
          return { ...each, path: toInput(isQuota ? ['sources', '0', ...source] : each.path) };
        }),
      );
    }
  }

  const versionId = (made: FinishedPreparation | string): string =>
    typeof made === 'string' ? made : present(made.datasetVersionId);

  return {
    async useUpload({ projectId, operation, idempotencyKey, input, uploadId, fileOptions, textNames, record }) {
      const idempotent = { projectId, operation, key: idempotencyKey, input };
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      return orFirstResult(query, idempotent, async () => {
        const sources = [{ kind: 'upload', uploadId, fileOptions, split: null } as const];
        const target = { kind: 'rows' } as const;
        // Under no key: the caller's stands for what it makes of the rows.
        const unkeyed = { ...idempotent, key: null };
        const request = {
          ...nothingElse,
          idempotent: unkeyed,
          target,
          sources,
          split: oneSplit,
          textNames: [...textNames],
        };
        const id = await beforeOwnTransaction(() => preparations.start(request)).catch((error: unknown) => {
          throw atFile(error);
        });
        const { rows } = (await preparations.finished(id).catch((error: unknown) => {
          throw atFile(error);
        }))!;
        try {
          return await inTransaction(dataSource, async (transaction) => {
            const newId = randomUUID();
            const claimed = await claimKey(transaction.query, idempotent, newId);
            if (claimed !== newId) return claimed;
            await consumeUpload(transaction.query, uploadId);
            await record(transaction, newId, present(rows));
            // The rows stand for the file: nothing needs its bytes any more.
            const gone = await transaction.query<{ digest: string }>(
              'DELETE FROM uploads WHERE id = $1 RETURNING artifact_digest AS digest',
              [uploadId],
            );
            await noteRemovals(
              transaction.query,
              gone.map(({ digest }) => digest),
            );
            await requireWithinStorage(transaction.query, projectId, ['uploadId']);
            return newId;
          });
        } finally {
          await beforeOwnTransaction(() => forget(dataSource, id));
        }
      });
    },

    async createDataset({ projectId, name, description, uploadId, fileOptions, split, idempotencyKey }) {
      const trimmed = name.trim();
      const input = { name: trimmed, description, uploadId, ...inputOf(fileOptions, split) };
      const [datasetId, versionId] = [randomUUID(), randomUUID()];
      const target = { kind: 'newDataset', datasetId, versionId, name: trimmed, description } as const;
      const made = await prepared(
        {
          ...nothingElse,
          idempotent: { projectId, operation: 'createDataset', key: idempotencyKey, input },
          target,
          makes: datasetId,
          sources: [{ kind: 'upload', uploadId, fileOptions, split: null }],
          split,
          check: () => checkNewDataset(query, projectId, trimmed, description),
        },
        toFile,
      );
      return typeof made === 'string' ? made : present(made.datasetId);
    },

    async addDatasetVersion({ datasetId, uploadId, fileOptions, split, idempotencyKey }) {
      const projectId = await projectOf(query, datasetId);
      const input = { datasetId, uploadId, ...inputOf(fileOptions, split) };
      const idempotent = { projectId, operation: 'addDatasetVersion', key: idempotencyKey, input };
      const sources = [{ kind: 'upload', uploadId, fileOptions, split: null } as const];
      const target = { kind: 'version', datasetId, versionId: randomUUID() } as const;
      const makes = target.versionId;
      return versionId(await prepared({ ...nothingElse, idempotent, target, makes, sources, split }, toFile));
    },

    async resplitDatasetVersion({ datasetVersionId, split, idempotencyKey }) {
      const [found] = await query<{ projectId: string; datasetId: string }>(
        `SELECT d.project_id AS "projectId", d.id AS "datasetId"
           FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1`,
        [datasetVersionId],
      );
      if (found === undefined) {
        const message = 'There is no dataset version with this id.';
        throw new ProblemsError([problem(['datasetVersionId'], 'NOT_FOUND', message)]);
      }
      const { projectId, datasetId } = found;
      const input = { datasetVersionId, split };
      const idempotent = { projectId, operation: 'resplitDatasetVersion', key: idempotencyKey, input };
      const sources = [{ kind: 'version', datasetVersionId, split: null } as const];
      const target = { kind: 'version', datasetId, versionId: randomUUID() } as const;
      const makes = target.versionId;
      return versionId(await prepared({ ...nothingElse, idempotent, target, makes, sources, split }, toFile));
    },

    async joinDatasetVersions({ datasetId, parts, idempotencyKey }) {
      const projectId = await projectOf(query, datasetId);
      const input = { datasetId, parts };
      const idempotent = { projectId, operation: 'joinDatasetVersions', key: idempotencyKey, input };
      const sources = parts.map((part) => ({ kind: 'version' as const, ...part }));
      const target = { kind: 'version', datasetId, versionId: randomUUID() } as const;
      const makes = target.versionId;
      const check = async (): Promise<void> => {
        const wrong = checkJoinedSplits(parts.map(({ split }) => split));
        if (wrong.length > 0) throw new ProblemsError(wrong);
      };
      return versionId(
        await prepared({ ...nothingElse, idempotent, target, makes, sources, split: null, check }, toPart),
      );
    },
  };
}

type ToInput = (path: readonly string[]) => string[];

/** Of mutations with one source, whose fields are those of their input. */
const toFile: ToInput = (path) => (path[0] === 'sources' ? path.slice(3) : [...path]);

/** Of the parts of a joined version. */
const toPart: ToInput = ([first, ...rest]) =>
  first === 'sources' ? ['parts', rest[0]!, 'datasetVersionId'] : first === undefined ? [] : [first, ...rest];

function atFile(error: unknown): unknown {
  if (!(error instanceof ProblemsError)) return error;
  return new ProblemsError(error.problems.map((each) => ({ ...each, path: toFile(each.path) })));
}

/** Removes a preparation whose rows were taken, or are not wanted. */
function forget(dataSource: DataSource, preparationId: string): Promise<void> {
  return inTransaction(dataSource, async ({ query }) => {
    const gone = await query<{ digest: string | null }>(
      `DELETE FROM preparations WHERE id = $1 RETURNING rows ->> 'digest' AS digest`,
      [preparationId],
    );
    await noteRemovals(
      query,
      gone.flatMap(({ digest }) => digest ?? []),
    );
  });
}

/** @throws ProblemsError NOT_FOUND */
export async function projectOf(query: Query, datasetId: string): Promise<string> {
  const [dataset] = await query<{ projectId: string }>('SELECT project_id AS "projectId" FROM datasets WHERE id = $1', [
    datasetId,
  ]);
  if (dataset !== undefined) return dataset.projectId;
  throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
}

/** @throws ProblemsError for a name or description that can not be, and ALREADY_EXISTS */
export async function checkNewDataset(
  query: Query,
  projectId: string,
  name: string,
  description: string | null,
): Promise<void> {
  const wrong: InputProblem[] = [...checkName(name, maxDatasetNameLength), ...checkDescription(description)];
  if (wrong.length > 0) throw new ProblemsError(wrong);
  const taken = await query('SELECT 1 FROM datasets WHERE project_id = $1 AND name = $2', [projectId, name]);
  if (taken.length > 0) throw datasetNameTaken(name, 'Add a version to it, or choose another name.');
}

/**
 * The input for idempotency keys. What is left out equals the input from before it could be given: options as a whole,
 * and a header that was assumed.
 */
function inputOf(fileOptions: FileOptions | null, split: SplitRequest): object {
  if (fileOptions === null) return { split };
  const { maxRejectedShare, ...others } = withHeader(fileOptions, true);
  return { fileOptions: maxRejectedShare == null ? others : { ...others, maxRejectedShare }, split };
}

function present<Value>(value: Value | null): Value {
  if (value !== null) return value;
  throw new ProblemsError([problem([], 'NOT_FOUND', 'The version was made, and has been deleted since.')]);
}

/** Whether a version can be made where it is to be. @throws ProblemsError */
export async function checkTarget(query: Query, projectId: string, target: MadeVersion): Promise<void> {
  if (target.kind === 'newDataset') {
    await checkNewDataset(query, projectId, target.name, target.description);
  } else if ((await projectOf(query, target.datasetId)) !== projectId) {
    throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'The project has no dataset with this id.')]);
  }
}
