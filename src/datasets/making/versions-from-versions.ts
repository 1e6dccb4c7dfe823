import { randomUUID } from 'node:crypto';
import { joinVersions, resplit } from '../../../gpu-worker/preparation/ingestion/resplit.js';
import { claimKey, findFirstResult, type IdempotentRequest, orFirstResult } from '../../access/idempotency.js';
import { inTransaction } from '../../database/transaction.js';
import { checkJoinedSplits } from '../../preparation/split-names.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireStorageLeft, requireWithinStorage } from '../../projects/require-quota.js';
import { mediaTypes } from '../../storage/artifact-rows.js';
import { ArtifactMissing, keepArtifacts } from '../../storage/keep-artifacts.js';
import { verifiedPath } from '../../storage/verified-path.js';
import { Dataset } from '../dataset.entity.js';
import type { DatasetCommands } from '../dataset-commands.js';
import { DatasetVersion } from '../dataset-version.entity.js';
import { toArtifactProblem } from './artifact-problem.js';
import { copyVersion, nextNumber, type VersionAnew } from './version-rows.js';
import type { Workshop } from './workshop.js';

/** Versions made from the rows of others, which stay as they are: split anew, or joined. */
export function versionsFromVersions(
  workshop: Workshop,
): Pick<DatasetCommands, 'resplitDatasetVersion' | 'joinDatasetVersions'> {
  const { dataSource, store, query, ingestion, inTurn, inFolder, removeUnreferenced } = workshop;

  /** Makes the next version of a dataset from the files of versions, which stay as they are. */
  async function createAnew(request: {
    readonly idempotent: IdempotentRequest;
    /** The field of the input that names the versions. */
    readonly field: 'datasetVersionId' | 'parts';
    readonly datasetId: string;
    readonly from: readonly DatasetVersion[];
    readonly write: (paths: readonly string[]) => Promise<VersionAnew>;
  }): Promise<string> {
    const { idempotent, field, datasetId, from, write } = request;
    return orFirstResult(query, idempotent, async () => {
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      await requireStorageLeft(query, idempotent.projectId);
      let version: VersionAnew;
      try {
        version = await write(await Promise.all(from.map(({ digest }) => verifiedPath(store, digest))));
      } catch (error) {
        throw toArtifactProblem(error, field);
      }
      const newId = randomUUID();
      try {
        return await inTransaction(dataSource, async (transaction) => {
          const id = await claimKey(transaction.query, idempotent, newId);
          if (id !== newId) return id;
          await keepArtifacts(transaction.query, store, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
          const number = await nextNumber(transaction.query, datasetId);
          await copyVersion(transaction, version, { id, datasetId, number }, from);
          await requireWithinStorage(transaction.query, idempotent.projectId, [field]);
          return id;
        });
      } catch (error) {
        await removeUnreferenced(version.artifact.digest);
        throw error instanceof ArtifactMissing ? removedMeanwhile : error;
      }
    });
  }

  async function versionsOfProject(
    projectId: string,
    parts: readonly { readonly datasetVersionId: string }[],
  ): Promise<DatasetVersion[]> {
    const rows = await query<{ id: string }>(
      'SELECT v.id FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE d.project_id = $1 AND v.id = ANY($2::uuid[])',
      [projectId, parts.map(({ datasetVersionId }) => datasetVersionId)],
    );
    const known = new Set(rows.map(({ id }) => id));
    const problems = parts.flatMap(({ datasetVersionId }, i) =>
      known.has(datasetVersionId)
        ? []
        : [
            problem(
              ['parts', String(i), 'datasetVersionId'],
              'NOT_FOUND',
              'The project has no dataset version with this id.',
            ),
          ],
    );
    if (problems.length > 0) throw new ProblemsError(problems);
    const repository = dataSource.getRepository(DatasetVersion);
    return Promise.all(parts.map(({ datasetVersionId: id }) => repository.findOneByOrFail({ id })));
  }

  return {
    resplitDatasetVersion({ datasetVersionId, split, idempotencyKey }) {
      return inTurn(async () => {
        const [found] = await query<{ projectId: string }>(
          `SELECT d.project_id AS "projectId" FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1`,
          [datasetVersionId],
        );
        const former = await dataSource.getRepository(DatasetVersion).findOneBy({ id: datasetVersionId });
        if (found === undefined || former === null) throw noVersion();
        const { projectId } = found;
        const input = { datasetVersionId, split };
        const idempotent = { projectId, operation: 'resplitDatasetVersion', key: idempotencyKey, input };
        return createAnew({
          idempotent,
          field: 'datasetVersionId',
          datasetId: former.datasetId,
          from: [former],
          write: async (path) => {
            const { columns, leftOutColumns } = former;
            const exampleCount = Number(former.exampleCount);
            const request = { path: path[0]!, columns, leftOutColumns, exampleCount, split };
            const made = await inFolder((work) => resplit({ ...request, folder: work }, ingestion));
            return { ...former, ...made };
          },
        });
      });
    },

    joinDatasetVersions({ datasetId, parts, idempotencyKey }) {
      return inTurn(async () => {
        const dataset = await dataSource.getRepository(Dataset).findOneBy({ id: datasetId });
        if (dataset === null) {
          throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
        }
        const { projectId } = dataset;
        const checkSplits = async (): Promise<void> => {
          const wrong = checkJoinedSplits(parts.map(({ split }) => split));
          if (wrong.length > 0) throw new ProblemsError(wrong);
        };
        const [, versions] = await together([checkSplits(), versionsOfProject(projectId, parts)]);
        const idempotent = {
          projectId,
          operation: 'joinDatasetVersions',
          key: idempotencyKey,
          input: { datasetId, parts },
        };
        return createAnew({
          idempotent,
          field: 'parts',
          datasetId,
          from: versions,
          write: async (paths) => {
            const files = versions.map(({ columns, exampleCount }, i) => ({
              path: paths[i]!,
              columns,
              split: parts[i]!.split,
              exampleCount: Number(exampleCount),
            }));
            const made = await inFolder((work) => joinVersions({ parts: files, folder: work }, ingestion));
            const total = (field: 'exampleCount' | 'rejectedCount'): string =>
              String(versions.reduce((sum, version) => sum + Number(version[field]), 0));
            return {
              ...versions[0]!,
              ...made,
              leftOutColumns: versions.flatMap(({ leftOutColumns }) => leftOutColumns),
              notices: versions.flatMap(({ notices }) => notices),
              exampleCount: total('exampleCount'),
              rejectedCount: total('rejectedCount'),
              splitPlan: {
                splitColumn: null,
                fractions: [],
                seed: null,
                stratifyBy: null,
                keepTogether: [],
                joined: parts,
              },
            };
          },
        });
      });
    },
  };
}

const removedMeanwhile = new ProblemsError([
  problem([], 'CONFLICT', 'A version with the same rows was deleted at this moment.', 'Repeat the request.'),
]);

function noVersion(): ProblemsError {
  return new ProblemsError([problem(['datasetVersionId'], 'NOT_FOUND', 'There is no dataset version with this id.')]);
}
