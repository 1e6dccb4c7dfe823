import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { FileFormat } from './split-request.js';

/** An upload whose file has arrived. */
export interface ReceivedUpload {
  readonly id: string;
  readonly format: FileFormat;
  /** Artifact of the file. */
  readonly digest: string;
}

const path = ['uploadId'];

/** The upload, if its file has arrived and it was not used before. Throws ProblemsError NOT_FOUND, UPLOAD_NOT_READY. */
export async function requireReceivedUpload(query: Query, id: string, projectId: string): Promise<ReceivedUpload> {
  const [upload] = await query<{ format: FileFormat; status: string; digest: string | null; expired: boolean }>(
    `SELECT format, status, artifact_digest AS digest, expires_at <= now() AS expired
     FROM uploads WHERE id = $1 AND project_id = $2`,
    [id, projectId],
  );
  if (upload === undefined) {
    throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no upload with this id in the project.')]);
  }
  const { format, status, digest, expired } = upload;
  if (status === 'RECEIVED' && digest !== null) return { id, format, digest };
  if (status === 'CONSUMED') throw alreadyUsed();
  const message = expired ? 'The upload has expired without its file.' : 'The file of this upload has not arrived yet.';
  const hint = expired ? 'Create another upload.' : 'PUT the file to the url of the upload first.';
  throw new ProblemsError([problem(path, 'UPLOAD_NOT_READY', message, hint)]);
}

/**
 * Marks the upload as used, in the transaction that uses it. Throws ProblemsError when another transaction has used it.
 */
export async function consumeUpload(query: Query, id: string): Promise<void> {
  const consumed = await query(
    `UPDATE uploads SET status = 'CONSUMED' WHERE id = $1 AND status = 'RECEIVED' RETURNING id`,
    [id],
  );
  if (consumed.length === 0) throw alreadyUsed();
}

function alreadyUsed(): ProblemsError {
  return new ProblemsError([
    problem(
      path,
      'UPLOAD_NOT_READY',
      'The upload was used already.',
      'Create another upload, and send the file to it.',
    ),
  ]);
}
