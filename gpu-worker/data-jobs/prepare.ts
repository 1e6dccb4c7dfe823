import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemsError, problem } from '../../src/problems/problem.js';
import type { NamedVersion } from '../../src/protocol/preparation/named-versions.js';
import type { PreparationProgress, PrepareJob } from '../../src/protocol/preparation/prepare-job.js';
import { mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { StorageError, systemErrorCode, toStorageError } from '../../src/storage/storage-error.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { verifiedPath } from '../../src/storage/verified-path.js';
import type { Engine } from '../engine/types.js';
import type { SourceTools } from '../hugging-face/open-source.js';
import { createMaskedModels } from '../preparation/augmentation/masked-models.js';
import type { IngestionSettings } from '../preparation/ingestion/ingest.js';
import { keptSteps } from '../preparation/kept-steps.js';
import { prepareRows } from '../preparation/prepare-rows.js';
import { atSource, type OpenedSource } from '../preparation/rows-of-sources.js';
import { tokenCounter } from '../preparation/token-counter.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { keptFolderOf, removeStaleSteps } from './stale-steps.js';
import { stopsWork } from './stops-work.js';

export interface DataTools {
  readonly store: ArtifactStore;
  /** Holds a folder for each job under way, on the file system of the store. */
  readonly folder: string;
  readonly ingestion: IngestionSettings;
  /** After so much work rows are kept; 0: after each step. Default: as keptSteps has it. */
  readonly keepStepsMs?: number;
  /** For steps that ask a model; few recipes have one. */
  readonly openEngine: () => Promise<Engine>;
  /** Bytes of memory that this process may still take. */
  readonly availableBytes: () => number;
  /** From where models that are inspected may come. */
  readonly importing: Pick<SourceTools, 'hub' | 'importFolders'>;
}

/**
 * Makes the rows of a dataset version.
 * @throws ProblemsError for what is wrong with sources, recipe or splits; RunStopped
 */
export async function prepare(
  job: PrepareJob,
  context: JobContext,
  { store, folder, ingestion, keepStepsMs, openEngine, availableBytes }: DataTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const work = join(folder, temporaryName());
  await removeStaleSteps(folder, new Date());
  const log = (text: string): void => context.log('info', `Preparation ${job.preparationId}: ${text}`);
  const kept = keptSteps(join(folder, keptFolderOf(job.preparationId)), job, log, {
    ...(keepStepsMs === undefined ? {} : { leastMs: keepStepsMs }),
    ...(keepStepsMs === 0 ? { share: Number.POSITIVE_INFINITY } : {}),
  });
  const verified = (digest: string) => verifiedPath(store, digest);
  const stops = stopsWork(context);
  const models = createMaskedModels({ openEngine, store, availableBytes }, stops.beat);
  const tell = (stage: PreparationProgress['stage'], step: number | null = null, rows: number | null = null): void =>
    context.progressed({ stage, step, rows });
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    tell('READING');
    const sources = await Promise.all(job.sources.map((source, i) => opened(verified, source, i, work)));
    const { path, ...made } = await prepareRows(
      {
        ...job,
        sources,
        folder: work,
        kept,
        onProgress: tell,
        versionPath: (id) => pathOfVersion(verified, job.namedVersions, id),
        tokenCounter: (model) => tokenCounter(store, model),
        maskedModel: models.open,
      },
      { ...ingestion, cancellation: stops.signal },
      stops.beat,
    );
    const stored = await store.adopt(path);
    await kept.forget();
    return {
      kind: 'finished',
      result: { kind: 'prepare', digest: stored.digest },
      model: null,
      files: [{ ...stored, mediaType: mediaTypes.parquet }],
      prepared: { ...made, digest: stored.digest },
    };
  } catch (error) {
    // Another attempt goes on from what is kept; where none will follow, nothing is.
    const isLast = error instanceof ProblemsError || error instanceof ProblemError;
    if (isLast || (error instanceof RunStopped && error.reason === 'cancel')) await kept.forget();
    throw toProblem(error, job);
  } finally {
    stops.end();
    await models.release();
    await rm(work, { recursive: true, force: true });
  }
}

/** Gives the path of an artifact whose bytes are those of its digest, as `verifiedPath` does. */
export type VerifiedPath = (digest: string) => Promise<string>;

/** The file of a version that the steps of a recipe name. */
export async function pathOfVersion(
  verified: VerifiedPath,
  versions: readonly NamedVersion[],
  id: string,
): Promise<string> {
  const version = versions.find(({ datasetVersionId }) => datasetVersionId === id);
  if (version === undefined) throw new RangeError(`The job does not say which file the version ${id} has.`);
  return verified(version.digest).catch((error: unknown) => {
    throw missingFile(error, 'version');
  });
}

/** @param work a folder for files of the job */
export async function opened(
  verified: VerifiedPath,
  source: PrepareJob['sources'][number],
  index: number,
  work: string,
): Promise<OpenedSource> {
  if (source.kind === 'appended' && source.lines !== null) {
    const path = join(work, `appended${index}`);
    await writeFile(path, source.lines);
    return { ...source, path };
  }
  try {
    return { ...source, path: await verified(source.digest) };
  } catch (error) {
    throw atSource(missingFile(error, source.kind), index, source.kind);
  }
}

/** The problem of a file that is gone or damaged; other errors unchanged. */
export function missingFile(error: unknown, kind: PrepareJob['sources'][number]['kind']): unknown {
  if (!(error instanceof StorageError) || (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT')) return error;
  const state = error.code === 'CORRUPT' ? 'was damaged on the server' : 'is no longer on the server';
  switch (kind) {
    case 'version': {
      const gone = `The file of the version ${state}.`;
      const hint = 'Send its file again, as another version.';
      return new ProblemsError([problem(['datasetVersionId'], 'MISSING_ARTIFACT', gone, hint)]);
    }
    case 'upload': {
      const gone = `The file of the upload ${state}.`;
      return new ProblemsError([problem(['uploadId'], 'UPLOAD_NOT_READY', gone, 'Create another upload.')]);
    }
    case 'appended': {
      const gone = `The file of the appended examples ${state}.`;
      const hint = 'They wait again: prepare the dataset once more.';
      return new ProblemsError([problem(['datasetId'], 'MISSING_ARTIFACT', gone, hint)]);
    }
    case 'feedback': {
      const gone = `The file of the rows that feedback became ${state}.`;
      const hint = 'Ask for the dataset once more.';
      return new ProblemsError([problem(['taskIds'], 'MISSING_ARTIFACT', gone, hint)]);
    }
    case 'samples': {
      const gone = `The file of the rows that samples became ${state}.`;
      const hint = 'Ask for the dataset once more.';
      return new ProblemsError([problem(['samplesId'], 'MISSING_ARTIFACT', gone, hint)]);
    }
    default:
      return kind satisfies never;
  }
}

/** The field of a source that names what is read. */
const idOfSource = {
  upload: 'uploadId',
  version: 'datasetVersionId',
  appended: 'datasetId',
  feedback: 'taskIds',
  samples: 'samplesId',
} as const;

function toProblem(error: unknown, { sources: [first] }: PrepareJob): unknown {
  const isSystemError = systemErrorCode(error) !== undefined;
  const failure = isSystemError ? toStorageError(error, 'prepare rows') : error;
  if (!(failure instanceof StorageError) || failure.code !== 'DISK_FULL') return error;
  const kind = first?.kind ?? 'upload';
  const path = ['sources', '0', kind, idOfSource[kind]];
  const message = 'The worker has no space left for the rows on their way into the version.';
  return new ProblemsError([
    problem(path, 'DISK_FULL', message, "Free space in the worker's ATTUNE_HOME, then try again."),
  ]);
}
