import { poolQuery } from '../database/transaction.js';
import type { DatasetCommands } from './dataset-commands.js';
import { versionsFromUploads } from './making/versions-from-uploads.js';
import { versionsFromVersions } from './making/versions-from-versions.js';
import { openWorkshop, type WorkshopOptions } from './making/workshop.js';
import type { UploadService } from './upload.service.js';
import { requireOwnUpload } from './upload-parts.js';

interface DatasetServiceOptions extends WorkshopOptions {
  readonly uploads: UploadService;
}

/**
 * Creates datasets and versions. Ingestions run one after another, each before the short transaction that records its
 * result: a failed ingestion leaves neither rows nor files, and its upload may be used again.
 */
export async function createDatasetService({ uploads, ...options }: DatasetServiceOptions): Promise<DatasetCommands> {
  const workshop = await openWorkshop(options);
  return {
    createUpload: (request) => uploads.createUpload(request),
    async cancelUpload(uploadId, userId) {
      await requireOwnUpload(poolQuery(options.dataSource), uploadId, userId);
      await uploads.parts.cancel(uploadId);
    },
    ...versionsFromUploads(workshop),
    ...versionsFromVersions(workshop),
  };
}
