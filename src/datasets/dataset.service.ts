import type { DataSource } from 'typeorm';
import { poolQuery } from '../database/transaction.js';
import type { JobResults } from '../events/job-results.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { WorkerReads } from '../workers/worker.reads.js';
import type { DatasetCommands } from './dataset-commands.js';
import { waitedVersions } from './preparation/dataset-versions.js';
import { createPreparations } from './preparation/preparations.js';
import type { UploadService } from './upload.service.js';
import { requireOwnUpload } from './upload-parts.js';

interface DatasetServiceOptions {
  readonly dataSource: DataSource;
  readonly uploads: UploadService;
  readonly jobResults: Pick<JobResults, 'wait'>;
  readonly workers: Pick<WorkerReads, 'anyOnline'>;
  readonly store: ArtifactStore;
}

/**
 * Creates datasets and versions. A worker makes them, and records them in one transaction: what fails leaves neither
 * rows nor files, and its upload may be used again.
 */
export function createDatasetService({ uploads, ...options }: DatasetServiceOptions): DatasetCommands {
  const query = poolQuery(options.dataSource);
  return {
    createUpload: (request) => uploads.createUpload(request),
    async cancelUpload(uploadId, userId) {
      await requireOwnUpload(query, uploadId, userId);
      await uploads.parts.cancel(uploadId);
    },
    ...waitedVersions({
      dataSource: options.dataSource,
      query,
      preparations: createPreparations({ ...options, query }),
    }),
  };
}
