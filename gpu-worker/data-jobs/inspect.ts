import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { InspectJob } from '../../src/protocol/model-inspection.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { inspectModel } from '../hugging-face/inspect/inspect-model.js';
import { ProblemError } from '../problem-error.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { withinQuota } from '../transfer-jobs/within-quota.js';
import type { DataTools } from './prepare.js';

/**
 * A person waits, and others wait behind it: what an import tries for half a minute is given up sooner here. And what
 * was downloaded is gone afterwards.
 */
const patience = {
  keepsFiles: false,
  stallMs: 10_000,
  longestWaitMs: 5_000,
  retryDelayMs: (repetition: number): number | null => (repetition < 2 ? 500 * 2 ** repetition : null),
};

/**
 * Tells what a base model is, without its weights.
 * @throws ProblemError for a source that can't be read, and TIMEOUT; RunStopped
 */
export async function inspect(
  { timeoutMs, storageLeftBytes, ...asked }: InspectJob,
  context: JobContext,
  { store, folder, availableBytes, importing }: DataTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const work = join(folder, temporaryName());
  const endsAt = performance.now() + timeoutMs;
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    const { requireRoom } = withinQuota(store, storageLeftBytes);
    const inspection = await inspectModel(asked, {
      ...importing,
      hub: { ...importing.hub, ...patience },
      store,
      downloadFolder: work,
      requireRoom,
      memoryBytes: availableBytes(),
      async freeDiskBytes() {
        const { bavail, bsize } = await statfs(work);
        return bavail * bsize;
      },
      onProgress() {
        beatOrLeave(context);
        if (performance.now() > endsAt) throw tookTooLong();
      },
    });
    return { kind: 'finished', result: { kind: 'inspect', inspection }, model: null };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function tookTooLong(): ProblemError {
  return new ProblemError({
    path: ['source'],
    code: 'TIMEOUT',
    message: 'what the source holds was not read in time',
    hint: 'Try again, or import the model, which may take any time.',
  });
}
