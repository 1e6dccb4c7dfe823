import { may, type Viewer } from '../access/viewer.js';
import { viewerOfUser, viewersByKeyIds } from '../access/viewer.reads.js';
import type { Query } from '../protocol/sql/query.js';

/** Whoever got the URL of an upload. */
export interface UploadHolder {
  readonly projectId: string;
  /** Null of an upload that is older than its makers. */
  readonly userId: string | null;
  /** The API key that the URL was given to; null: it was given to a person who had signed in, or to this machine. */
  readonly apiKeyId: string | null;
}

/**
 * Whether the holder of an upload's URL could still get one: the API key has not ended, and the user may send data to
 * the project. Costs one statement on primary keys.
 */
export async function mayStillUpload(query: Query, holder: UploadHolder): Promise<boolean> {
  const { projectId, userId, apiKeyId } = holder;
  if (userId === null && apiKeyId === null) return true;
  const viewer = apiKeyId === null ? await userOf(query, userId!) : await viewerOfKey(query, apiKeyId);
  return viewer !== null && may(viewer, 'TRAIN', projectId);
}

async function viewerOfKey(query: Query, id: string): Promise<Viewer | null> {
  return (await viewersByKeyIds(query, [id])).get(id) ?? null;
}

/** A user whose rights no key narrows. */
function userOf(query: Query, userId: string): Promise<Viewer | null> {
  return viewerOfUser(query, userId, { kind: 'LOCAL' });
}
