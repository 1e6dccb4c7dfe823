import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreviewJob } from '../../src/protocol/preparation/preview.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { createMaskedModels } from '../preparation/augmentation/masked-models.js';
import { previewRows } from '../preparation/preview-rows.js';
import { tokenCounter } from '../preparation/token-counter.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { type DataTools, opened, pathOfVersion, type VerifiedPath } from './prepare.js';
import { stopsWork } from './stops-work.js';

/**
 * Tries a recipe on a sample.
 * @param verified remembers files that it has checked, which takes a second for a gigabyte
 * @throws ProblemsError for what is wrong with sources or recipe; RunStopped
 */
export async function previewRecipe(
  job: PreviewJob,
  context: JobContext,
  { store, folder, ingestion, openEngine, availableBytes }: DataTools,
  verified: VerifiedPath,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const work = join(folder, temporaryName());
  const stops = stopsWork(context);
  const models = createMaskedModels({ openEngine, store, availableBytes }, stops.beat);
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    const sources = await Promise.all(job.sources.map((source, i) => opened(verified, source, i, work)));
    const { recipe, namedVersions, maxRows } = job;
    const settings = { ...ingestion, cancellation: stops.signal };
    const request = {
      sources,
      recipe,
      maxRows,
      folder: work,
      versionPath: (id: string) => pathOfVersion(verified, namedVersions, id),
      tokenCounter: (model: string) => tokenCounter(store, model),
      maskedModel: models.open,
    };
    const preview = await previewRows(request, settings, stops.beat);
    return { kind: 'finished', result: { kind: 'preview', preview }, model: null };
  } finally {
    stops.end();
    await models.release();
    await rm(work, { recursive: true, force: true });
  }
}
