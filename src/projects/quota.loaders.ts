import { createKeyLoader } from '../database/by-key.js';
import { feedbackOfProjects } from '../protocol/sql/feedback-quota.js';
import { experimentsInQueue, storageOfProjects } from '../protocol/sql/project-quota.js';
import type { Query } from '../protocol/sql/query.js';
import { quotasByProjectIds } from './quota.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly quotas: ReturnType<typeof createQuotaLoaders>;
  }
}

/** Each loader takes project ids. */
export function createQuotaLoaders(query: Query) {
  return {
    quota: createKeyLoader(
      (ids) => quotasByProjectIds(query, ids),
      (row) => row.projectId,
    ),
    storage: createKeyLoader(
      (ids) => storageOfProjects(query, ids),
      (row) => row.projectId,
    ),
    feedback: createKeyLoader(
      (ids) => feedbackOfProjects(query, ids),
      (row) => row.projectId,
    ),
    inQueue: createKeyLoader(
      (ids) => experimentsInQueue(query, ids),
      (row) => row.projectId,
    ),
  };
}
