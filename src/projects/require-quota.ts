import { ProblemsError, problem } from '../problems/problem.js';
import { type FeedbackQuota, feedbackBeyondQuota, feedbackQuotaHints } from '../protocol/sql/feedback-quota.js';
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

/** Called before a project grows. Throws ProblemsError QUOTA_EXCEEDED when the project's storage is used up. */
export async function requireStorageLeft(query: Query, projectId: string, path: readonly string[] = []): Promise<void> {
  const use = await storageUse(query, projectId);
  if (use === null || use.usedBytes < use.maxBytes) return;
  const message = `The project's storage is used up: it holds ${use.usedBytes} bytes, and may hold ${use.maxBytes}.`;
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', message, storageQuotaHint)]);
}

/** The refusal of a file that is larger than the storage left. */
export function beyondStorage(use: StorageUse): ProblemsError {
  const message = `The file is larger than the storage that the project has left: ${bytesLeft(use)} of ${use.maxBytes} bytes.`;
  return new ProblemsError([problem([], 'QUOTA_EXCEEDED', message, storageQuotaHint)]);
}

/**
 * Called last in a transaction that made a project grow. Throws ProblemsError QUOTA_EXCEEDED when the project exceeds
 * its quota.
 */
export async function requireWithinStorage(query: Query, projectId: string, path: readonly string[]): Promise<void> {
  const use = await storageBeyondQuota(query, projectId);
  if (use === null) return;
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', storageQuotaMessage(use), storageQuotaHint)]);
}

/**
 * Called last in a transaction that queued an experiment. Throws ProblemsError QUOTA_EXCEEDED when too many experiments
 * wait.
 */
export async function requireWithinQueue(query: Query, projectId: string, path: readonly string[]): Promise<void> {
  const beyond = await experimentsBeyondQuota(query, projectId, 'queued');
  if (beyond === null) return;
  const message = `The project has reached its limit of waiting experiments: ${beyond.max}.`;
  const hint = 'Wait until a worker takes one, or cancel or pause a waiting experiment.';
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', message, hint)]);
}

/**
 * Called last in a transaction that added to a project's feedback. Throws ProblemsError QUOTA_EXCEEDED when there is
 * too much of it.
 */
export async function requireWithinFeedback(
  query: Query,
  projectId: string,
  what: FeedbackQuota,
  path: readonly string[],
): Promise<void> {
  const message = await feedbackBeyondQuota(query, projectId, what);
  if (message === null) return;
  throw new ProblemsError([problem(path, 'QUOTA_EXCEEDED', message, feedbackQuotaHints[what])]);
}
