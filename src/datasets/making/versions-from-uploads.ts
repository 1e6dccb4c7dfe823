import { randomUUID } from 'node:crypto';
import { ingest } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { actorId } from '../../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest, orFirstResult } from '../../access/idempotency.js';
import { inTransaction, type Transaction } from '../../database/transaction.js';
import { checkName } from '../../organizing/names-and-tags.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireStorageLeft, requireWithinStorage } from '../../projects/require-quota.js';
import { type FileOptions, noFileOptions, withHeader } from '../../protocol/datasets/file-options.js';
import type { SplitRequest } from '../../protocol/datasets/split-request.js';
import { noteRemovals } from '../../storage/artifact-removals.js';
import { mediaTypes } from '../../storage/artifact-rows.js';
import { ArtifactMissing, keepArtifacts } from '../../storage/keep-artifacts.js';
import { verifiedPath } from '../../storage/verified-path.js';
import { Dataset } from '../dataset.entity.js';
import type { DatasetCommands } from '../dataset-commands.js';
import { checkDescription, datasetNameTaken, maxDatasetNameLength } from '../dataset-texts.js';
import { consumeUpload, type ReceivedUpload, requireReceivedUpload } from '../received-upload.js';
import { toArtifactProblem } from './artifact-problem.js';
import { insertVersion, nextNumber, type StoredVersion } from './version-rows.js';
import type { Workshop } from './workshop.js';

/** The parts of a client's request that control how the file becomes a version. */
interface HowToRead {
  readonly fileOptions: FileOptions | null;
  readonly split: SplitRequest;
  /** As `ingest` takes them. */
  readonly textNames?: readonly string[];
}

/** All rows in one split. */
const oneSplit: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'all', fraction: 1 }],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
};

/** Datasets, versions and other rows of uploaded files. */
export function versionsFromUploads(
  workshop: Workshop,
): Pick<DatasetCommands, 'createDataset' | 'addDatasetVersion' | 'useUpload'> {
  const { dataSource, store, query, ingestion, inTurn, removeUnreferenced } = workshop;

  async function ingestUpload(upload: ReceivedUpload, how: HowToRead): Promise<StoredVersion> {
    try {
      const path = await verifiedPath(store, upload.digest);
      const { fileOptions, ...asked } = how;
      const options = fileOptions ?? noFileOptions;
      const version = await workshop.inFolder((folder) =>
        ingest({ path, format: upload.format, options, ...asked, folder }, ingestion),
      );
      return { ...version, upload, fileOptions: how.fileOptions };
    } catch (error) {
      throw toArtifactProblem(error, 'uploadId');
    }
  }

  /**
   * Ingests the upload, then records the version in one transaction; `record` inserts the row with the id `id`, and the
   * version.
   */
  async function createFromUpload(request: {
    readonly idempotent: IdempotentRequest;
    readonly uploadId: string;
    readonly how: HowToRead;
    readonly check: () => Promise<void>;
    readonly record: (transaction: Transaction, id: string, version: StoredVersion) => Promise<void>;
  }): Promise<string> {
    const { idempotent, uploadId, how, check, record } = request;
    const first = await findFirstResult(query, idempotent);
    if (first !== null) return first;
    return orFirstResult(query, idempotent, async () => {
      const [, upload] = await together([check(), requireReceivedUpload(query, uploadId, idempotent.projectId)]);
      await requireStorageLeft(query, idempotent.projectId);
      // Of a version that is deleted at this moment, with equal bytes, the file may be removed before this one is
      // recorded: then it is made again.
      const attempt = async (): Promise<string> => recordIngested(await ingestUpload(upload, how));
      return attempt().catch((error: unknown) => {
        if (error instanceof ArtifactMissing) return attempt();
        throw error;
      });
    });

    async function recordIngested(version: StoredVersion): Promise<string> {
      const newId = randomUUID();
      try {
        return await inTransaction(dataSource, async (transaction) => {
          const id = await claimKey(transaction.query, idempotent, newId);
          if (id !== newId) return id;
          await consumeUpload(transaction.query, uploadId);
          await keepArtifacts(transaction.query, store, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
          await record(transaction, newId, version);
          await requireWithinStorage(transaction.query, idempotent.projectId, ['uploadId']);
          return newId;
        });
      } catch (error) {
        await removeUnreferenced(version.artifact.digest);
        throw error;
      }
    }
  }

  return {
    useUpload({ projectId, operation, idempotencyKey, input, uploadId, fileOptions, textNames, record }) {
      return inTurn(() =>
        createFromUpload({
          idempotent: { projectId, operation, key: idempotencyKey, input },
          uploadId,
          how: { fileOptions, split: oneSplit, textNames },
          check: async () => undefined,
          async record(transaction, id, { artifact, upload, ...rows }) {
            await record(transaction, id, { ...rows, digest: artifact.digest });
            // The rows stand for the file: nothing needs its bytes any more.
            await transaction.query('DELETE FROM uploads WHERE id = $1', [uploadId]);
            await noteRemovals(transaction.query, [upload.digest]);
          },
        }),
      );
    },

    createDataset({ projectId, name, description, uploadId, fileOptions, split, idempotencyKey }) {
      const how = { fileOptions, split };
      const trimmed = name.trim();
      const input = { name: trimmed, description, uploadId, ...inputOf(how) };
      return inTurn(() =>
        createFromUpload({
          idempotent: { projectId, operation: 'createDataset', key: idempotencyKey, input },
          uploadId,
          how,
          async check() {
            const wrong = checkTexts(trimmed, description);
            if (wrong.length > 0) throw new ProblemsError(wrong);
            const taken = await query('SELECT 1 FROM datasets WHERE project_id = $1 AND name = $2', [
              projectId,
              trimmed,
            ]);
            if (taken.length > 0) throw nameTaken(trimmed);
          },
          async record(transaction, id, version) {
            const inserted = await transaction.manager
              .createQueryBuilder()
              .insert()
              .into(Dataset)
              .values({ id, projectId, createdBy: actorId(), name: trimmed, description })
              .orIgnore()
              .returning('id')
              .execute();
            if ((inserted.raw as unknown[]).length === 0) throw nameTaken(trimmed);
            await insertVersion(transaction, { id: randomUUID(), datasetId: id, number: 1 }, version);
          },
        }),
      );
    },

    addDatasetVersion({ datasetId, uploadId, fileOptions, split, idempotencyKey }) {
      const how = { fileOptions, split };
      return inTurn(async () => {
        const dataset = await dataSource.getRepository(Dataset).findOneBy({ id: datasetId });
        if (dataset === null) {
          throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
        }
        const { projectId } = dataset;
        const input = { datasetId, uploadId, ...inputOf(how) };
        return createFromUpload({
          idempotent: { projectId, operation: 'addDatasetVersion', key: idempotencyKey, input },
          uploadId,
          how,
          check: async () => undefined,
          async record(transaction, id, version) {
            const number = await nextNumber(transaction.query, datasetId);
            await insertVersion(transaction, { id, datasetId, number }, version);
          },
        });
      });
    },
  };
}

/**
 * The input for idempotency keys. What is left out equals the input from before it could be given: options as a whole,
 * and a header that was assumed.
 */
function inputOf({ fileOptions, split }: HowToRead): object {
  if (fileOptions === null) return { split };
  const { maxRejectedShare, ...others } = withHeader(fileOptions, true);
  return { fileOptions: maxRejectedShare == null ? others : { ...others, maxRejectedShare }, split };
}

function checkTexts(name: string, description: string | null): InputProblem[] {
  return [...checkName(name, maxDatasetNameLength), ...checkDescription(description)];
}

function nameTaken(name: string): ProblemsError {
  return datasetNameTaken(name, 'Add a version to it, or choose another name.');
}
