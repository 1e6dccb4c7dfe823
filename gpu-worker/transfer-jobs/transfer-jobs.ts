import type { ExportedFile, ExportJob, ImportJob, JobPayload } from '../../src/protocol/job.js';
import type { ParityCertificate } from '../../src/protocol/parity-certificate.js';
import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import type { TransferProgress } from '../hugging-face/transfer-progress.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { ImportedModel, JobOutcome } from '../thread-protocol.js';

/** What an import or export gets from its job. */
interface TransferHooks {
  /** To be called at least once a second: it is the sign of life, and throws RunStopped when the job is to stop. */
  onProgress(progress: TransferProgress): void;
  /** Removes artifacts that were written and that nothing refers to. */
  discard(digests: readonly string[]): Promise<void>;
  /** Bytes that the project's quota lets the transfer write; null: any number. */
  readonly storageLeftBytes: number | null;
}

export interface Transfers {
  importModel(job: ImportJob, hooks: TransferHooks): Promise<ImportedModel>;
  exportModel(
    job: ExportJob,
    hooks: TransferHooks,
  ): Promise<{
    readonly files: readonly ExportedFile[];
    readonly artifacts: readonly ArtifactRecord[];
    readonly certificate?: ParityCertificate | undefined;
  }>;
}

/** Does one import or export. A fault of the job is an outcome; an error that is thrown is a fault of Attune. */
export async function transfer(job: JobPayload, context: JobContext, transfers: Transfers): Promise<JobOutcome> {
  try {
    return await move(job, context, transfers);
  } catch (error) {
    if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
    if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
    throw error;
  }
}

async function move(job: JobPayload, context: JobContext, transfers: Transfers): Promise<JobOutcome> {
  const hooks: TransferHooks = {
    onProgress({ file, bytesDone, bytesTotal }) {
      beatOrLeave(context);
      // Before the sizes are known there is nothing to report beyond the sign of life.
      if (bytesTotal === 0) return;
      context.progressed({ bytesDone, bytesTotal, currentFile: file === '' ? null : file });
    },
    discard: async (digests) => context.discard(digests),
    storageLeftBytes: context.storageLeftBytes,
  };
  beatOrLeave(context);
  switch (job.kind) {
    case 'import': {
      const model = await transfers.importModel(job, hooks);
      return { kind: 'finished', result: { kind: 'import', modelDigest: model.digest }, model };
    }
    case 'export': {
      const { files, artifacts, certificate } = await transfers.exportModel(job, hooks);
      const result = { kind: 'export' as const, files: [...files], certificate };
      return { kind: 'finished', result, model: null, files: artifacts };
    }
    case 'train':
    case 'evaluate':
    case 'predict':
    case 'generate':
    case 'predictBatch':
    case 'prepare':
    case 'preview':
    case 'inspect':
    case 'report':
    case 'exportRows':
    case 'makeItems':
    case 'scoreSamples':
    case 'recommend':
      throw new RangeError(`the transfer lane does no ${job.kind} jobs`);
    default:
      return job satisfies never;
  }
}
