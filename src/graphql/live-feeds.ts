import type { StoredProjectEvent } from '../activity/project-event.js';
import type { ProjectLogEnd } from '../activity/project-event.reads.js';
import type { StoredRunEvent } from '../protocol/run-event.js';
import type { ModelExportRow, ModelImportRow } from '../transfers/transfer.reads.js';

/** Feeds behind the subscriptions. Each ends when its consumer returns or the server closes. */
export interface LiveFeeds {
  /** A run's events with seq > afterSeq: those stored, then those to come, without gap or repeat; ends after the last. */
  runEvents(runId: string, afterSeq: number): AsyncIterable<StoredRunEvent>;
  /** A project's events with seq > afterSeq, or those to come when it is null: without gap or repeat, without end. */
  projectEvents(projectId: string, afterSeq: number | null): AsyncIterable<StoredProjectEvent>;
  /** Which project it is, and how far its log is now; null when there is none of this slug. */
  projectLogEnd(slug: string): Promise<ProjectLogEnd | null>;
  /** An import as it is, then after each change, until it has ended. */
  modelImport(importId: string): AsyncIterable<ModelImportRow>;
  /** An export as it is, then after each change, until it has ended. */
  modelExport(exportId: string): AsyncIterable<ModelExportRow>;
  /** The id of each worker whose row changed. */
  workerChanges(): AsyncIterable<string>;
}
