import { ProblemsError, problem } from '../problems/problem.js';
import {
  bytesLeft,
  experimentsBeyondQuota,
  type StorageUse,
  storageBeyondQuota,
  storageQuotaHint,
  storageQuotaMessage,
  storageUse,
} from '../protocol/sql/project-quota.js';
import type { Query } from '../protocol/sql/query.js';

/** Before anything is done that makes a project grow. Throws ProblemsError QUOTA_EXCEEDED when nothing is left of its storage. */
export async function requireStorageLeft(query: Query, projectId: string, path: readonly string[] = []): Promise<void> {
  const use = await storageUse(query, projectId);
  if (use === null || use.usedBytes < use.maxBytes) return;
  const message = `The project's storage is used up: it holds ${use.usedBytes} bytes, and may hold ${use.maxBytes}.`;
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', message, storageQuotaHint)]);
}

/** A file that is larger than what is left. */
export function beyondStorage(use: StorageUse): ProblemsError {
  const message = `The file passes what is left of the project's storage: ${bytesLeft(use)} of ${use.maxBytes} bytes.`;
  return new ProblemsError([problem([], 'QUOTA_EXCEEDED', message, storageQuotaHint)]);
}

/** Last in a transaction that made a project grow. Throws ProblemsError QUOTA_EXCEEDED when it grew beyond its quota. */
export async function requireWithinStorage(query: Query, projectId: string, path: readonly string[]): Promise<void> {
  const use = await storageBeyondQuota(query, projectId);
  if (use === null) return;
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', storageQuotaMessage(use), storageQuotaHint)]);
}

/** Last in a transaction that queued an experiment. Throws ProblemsError QUOTA_EXCEEDED when more wait than may. */
export async function requireWithinQueue(query: Query, projectId: string, path: readonly string[]): Promise<void> {
  const beyond = await experimentsBeyondQuota(query, projectId, 'queued');
  if (beyond === null) return;
  const message = `As many experiments of the project wait as may: ${beyond.max}.`;
  const hint = 'Wait until a worker takes one, or cancel or pause one that waits.';
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', message, hint)]);
}
