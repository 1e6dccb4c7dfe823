import { may, type Viewer } from '../access/viewer.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';

/**
 * Whether a viewer may see what others said in a task: whoever may train always does, and annotators once the task is
 * closed, or if it is not blind. Everybody sees what is their own.
 */
export function maySeeOthers(
  viewer: Viewer,
  { projectId, blind, status }: Pick<FeedbackTaskRow, 'projectId' | 'blind' | 'status'>,
): boolean {
  if (may(viewer, 'TRAIN', projectId)) return true;
  return may(viewer, 'ANNOTATE', projectId) && (!blind || status === 'CLOSED');
}
