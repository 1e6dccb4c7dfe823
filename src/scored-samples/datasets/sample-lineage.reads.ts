import type { ChildList } from '../../database/child-pages.js';
import { versionsFromVersion } from '../../datasets/dataset.reads.js';

/** Versions that were made of a batch of samples. */
export const versionsFromSamples: ChildList = {
  ...versionsFromVersion,
  from: `(SELECT DISTINCT dataset_version_id, samples_id FROM dataset_version_sources WHERE samples_id IS NOT NULL) s
    JOIN dataset_versions v ON v.id = s.dataset_version_id JOIN datasets d ON d.id = v.dataset_id`,
  parent: { column: 's.samples_id', type: 'uuid' },
};
