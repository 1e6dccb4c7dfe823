import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../../access/idempotency.js';
import { departure } from '../../database/operation-scope.js';
import { inTransaction } from '../../database/transaction.js';
import type { JobResults } from '../../events/job-results.js';
import { enqueueJob } from '../../jobs/enqueue-job.js';
import { isProblemCode, ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { requireStorageLeft } from '../../projects/require-quota.js';
import { channels } from '../../protocol/channels.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { PreparationTarget, PrepareJob, RowSource } from '../../protocol/preparation/prepare-job.js';
import type { PreparedRows } from '../../protocol/preparation/prepared-rows.js';
import type { Problem } from '../../protocol/run-event.js';
import type { Query } from '../../protocol/sql/query.js';
import { removeUnusedArtifacts } from '../../protocol/sql/remove-artifacts.js';
import { mediaTypes, recordArtifacts } from '../../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../../storage/artifact-store.js';
import { keepArtifacts } from '../../storage/keep-artifacts.js';
import type { WorkerReads } from '../../workers/worker.reads.js';
import { holdSources } from './hold-sources.js';
import { toNamedVersions } from './named-versions.js';
import { refuseClaimedName, refuseClaimedUploads } from './refuse-claimed.js';
import { requireCheckedRecipe } from './require-checked-recipe.js';
import { requireNamedModels } from './require-named-models.js';
import { type RequestedSource, toRowSource, type WrittenSource } from './row-sources.js';
import { takeAppended } from './take-appended.js';

/** Examples to take, by `takeAppended`. */
interface Waiting {
  readonly kind: 'waiting';
  readonly datasetId: string;
  readonly split: string | null;
  readonly path: readonly string[];
}

/** How long a caller waits for a worker to come online. */
const workerGraceMs = 30_000;
/** How often a caller that waits looks whether there is a worker. */
const lookIntervalMs = 5_000;

export interface PreparationRequest extends Pick<PrepareJob, 'recipe' | 'split' | 'textNames' | 'roles'> {
  readonly idempotent: IdempotentRequest;
  readonly target: PreparationTarget;
  readonly sources: readonly (RequestedSource | WrittenSource)[];
  /** Row id of what the caller makes, for the audit log. Default: the preparation. */
  readonly makes?: string;
  /** Checks beside those of the sources. Throws ProblemsError. Default: there are none. */
  readonly check?: () => Promise<void>;
}

/** A preparation that has ended well. */
export interface FinishedPreparation {
  readonly datasetId: string | null;
  readonly datasetVersionId: string | null;
  /** Of rows that become no version. */
  readonly rows: PreparedRows | null;
}

/** The jobs that make dataset versions: queued here, done by a worker. */
export interface Preparations {
  /**
   * Queues a preparation. Returns its id, or what the first call with the same key returned.
   * @throws ProblemsError for what is wrong with sources or key, whose paths begin at `sources`
   */
  start(request: PreparationRequest): Promise<string>;
  /**
   * Waits for the end of a preparation, however long it takes. Null where there is none of this id.
   * @throws ProblemsError with what was wrong; WORKER_UNAVAILABLE, after which it is canceled
   */
  finished(id: string): Promise<FinishedPreparation | null>;
  /** Forgets what a key stands for where that preparation did not succeed, so that the call can be repeated. */
  forgetFailed(request: IdempotentRequest): Promise<void>;
}

export function createPreparations(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly jobResults: Pick<JobResults, 'wait'>;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly store: ArtifactStore;
}): Preparations {
  const { dataSource, query, jobResults, workers, store } = options;

  async function settled(id: string): Promise<void> {
    const signal = departure() ?? undefined;
    for (let waitedMs = 0; ; waitedMs += lookIntervalMs) {
      if ((await jobResults.wait(id, lookIntervalMs, signal)) !== null) return;
      signal?.throwIfAborted();
      // Deleted with its project.
      if ((await readPreparation(query, id)) === null) return;
      if (waitedMs < workerGraceMs || (await workers.anyOnline())) continue;
      if (await dropWaiting(id)) throw new ProblemsError([noWorker]);
    }
  }

  /**
   * A source as the job has it; examples that wait are taken in the transaction that queues the job, and rows that are
   * written for it before that.
   */
  async function toLasting(projectId: string, source: RequestedSource | WrittenSource, index: number) {
    const path = ['sources', String(index), source.kind];
    if ('write' in source) return { kind: 'unwritten' as const, write: () => source.write() };
    if (source.kind !== 'appended') return toRowSource(query, projectId, source, path);
    const { datasetId, split } = source;
    return { kind: 'waiting' as const, datasetId, split, path };
  }

  function discard(files: readonly StoredArtifact[]): Promise<void> {
    const digests = files.map(({ digest }) => digest);
    return inTransaction(dataSource, async (transaction) => {
      await recordArtifacts(
        transaction.query,
        files.map((file) => ({ ...file, mediaType: mediaTypes.jsonLines })),
      );
      await removeUnusedArtifacts(transaction.query, digests, (digest) => store.remove(digest));
    });
  }

  /** Cancels a preparation that no worker has taken. False: one has. */
  function dropWaiting(id: string): Promise<boolean> {
    return inTransaction(dataSource, async (transaction) => {
      const dropped = await transaction.query(
        `UPDATE jobs SET state = 'canceled', settled_at = now() WHERE id = $1 AND state = 'queued' RETURNING id`,
        [id],
      );
      if (dropped.length === 0) return false;
      await transaction.query(
        `UPDATE preparations SET status = 'CANCELED', desired = 'CANCEL', finished_at = now() WHERE id = $1`,
        [id],
      );
      await transaction.query('SELECT pg_notify($1, $2)', [channels.transfers, id]);
      return true;
    });
  }

  return {
    async start(request) {
      const { idempotent, target, sources: requested, recipe, split, textNames, roles, check, makes } = request;
      const { projectId } = idempotent;
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      const [, lasting, namedVersions] = await together([
        check?.() ?? Promise.resolve(),
        together(requested.map(async (source, i) => toLasting(projectId, source, i))),
        toNamedVersions(query, projectId, recipe),
        requireNamedModels(query, projectId, recipe),
      ]);
      requireCheckedRecipe(recipe, lasting, { roles, split });
      await requireStorageLeft(query, projectId);
      let started = '';
      let isRepetition = false;
      const written: StoredArtifact[] = [];
      const queue = (readable: readonly (RowSource | Waiting)[]) =>
        inTransaction(dataSource, async (transaction) => {
          const id = randomUUID();
          started = await claimKey(transaction.query, idempotent, id);
          isRepetition = started !== id;
          if (isRepetition) return started;
          await refuseClaimedName(transaction.query, projectId, target);
          const sources: RowSource[] = [];
          await keepArtifacts(
            transaction.query,
            store,
            written.map((file) => ({ ...file, mediaType: mediaTypes.jsonLines })),
          );
          for (const source of readable) {
            if (source.kind !== 'waiting') sources.push(source);
            else {
              const taken = { ...source, preparationId: id };
              sources.push(await takeAppended(transaction.query, store, taken, (file) => written.push(file)));
            }
          }
          await holdSources(transaction.query, target, sources, namedVersions, { projectId, recipe });
          await refuseClaimedUploads(transaction.query, target, sources);
          await insertPreparation(transaction.query, { id, projectId, target, sources, recipe, split });
          await enqueueJob(transaction.query, {
            id,
            projectId,
            payload: {
              kind: 'prepare',
              preparationId: id,
              target,
              sources,
              recipe,
              namedVersions: [...namedVersions],
              split,
              textNames,
              roles,
            },
          });
          return makes ?? id;
        });
      try {
        const readable: (RowSource | Waiting)[] = [];
        for (const source of lasting) {
          if (source.kind !== 'unwritten') readable.push(source);
          else {
            const made = await source.write();
            written.push(made.file);
            readable.push(made.source);
          }
        }
        await queue(readable);
        // What a call at the same moment wrote is read, unless it is the same file: then it is kept.
        if (isRepetition) await discard(written);
      } catch (error) {
        // If this fails too, the first error still explains the failure; a file that stays only costs disk space.
        await discard(written).catch(() => undefined);
        throw error;
      }
      return started;
    },

    async finished(id) {
      const found = await readPreparation(query, id);
      if (found === null) return null;
      await settled(id);
      const row = await readPreparation(query, id);
      if (row === null) throw new ProblemsError([deletedMeanwhile]);
      if (row.status === 'SUCCEEDED') return row;
      const problems = row.status === 'CANCELED' ? [canceled] : row.problems;
      throw new ProblemsError(
        problems.map(({ path, code, message, hint }) =>
          isProblemCode(code)
            ? problem(path, code, message, hint)
            : problem(path, 'JOB_FAILED', `${code}: ${message}`, hint),
        ),
      );
    },

    async forgetFailed({ projectId, operation, key }) {
      if (key === null) return;
      await query(
        `DELETE FROM idempotency_keys k USING preparations p
          WHERE k.owner_id = $1 AND k.operation = $2 AND k.key = $3 AND p.id = k.result_id AND p.status IN ('FAILED', 'CANCELED')`,
        [projectId, operation, key],
      );
    },
  };
}

async function insertPreparation(
  query: Query,
  row: {
    readonly id: string;
    readonly projectId: string;
    readonly target: PreparationTarget;
    readonly sources: readonly RowSource[];
    readonly recipe: PrepareJob['recipe'];
    readonly split: PrepareJob['split'];
  },
): Promise<void> {
  await query(
    `INSERT INTO preparations (id, project_id, target, sources, recipe, split, status, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, 'QUEUED', $7)`,
    [
      row.id,
      row.projectId,
      JSON.stringify(row.target),
      JSON.stringify(row.sources),
      JSON.stringify(row.recipe),
      row.split === null ? null : JSON.stringify(row.split),
      actorId(),
    ],
  );
}

async function readPreparation(
  query: Query,
  id: string,
): Promise<(FinishedPreparation & { readonly status: TransferStatus; readonly problems: readonly Problem[] }) | null> {
  const [row] = await query<
    FinishedPreparation & { readonly status: TransferStatus; readonly problems: readonly Problem[] }
  >(
    `SELECT p.status, p.problems, p.rows, p.dataset_version_id AS "datasetVersionId", v.dataset_id AS "datasetId"
       FROM preparations p LEFT JOIN dataset_versions v ON v.id = p.dataset_version_id WHERE p.id = $1`,
    [id],
  );
  return row ?? null;
}

const noWorker = problem(
  [],
  'WORKER_UNAVAILABLE',
  'No worker is connected that could read the rows.',
  'Start a worker with `npm run worker`, or wait until one is back; see `serverInfo { workers { status } }`.',
);

const deletedMeanwhile = problem([], 'NOT_FOUND', 'The project was deleted while the rows were prepared.');

const canceled = problem([], 'CONFLICT', 'The preparation was canceled.', 'Ask for it again.');
