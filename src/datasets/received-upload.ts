import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';
import type { Query } from '../protocol/sql/query.js';

/** An upload whose file has arrived. */
export interface ReceivedUpload {
  readonly id: string;
  readonly format: UploadFormat;
  /** Artifact of the file. */
  readonly digest: string;
  readonly fileName: string;
}

const path = ['uploadId'];

/**
 * The upload of rows, if its file has arrived and it was not used before.
 * @throws ProblemsError NOT_FOUND, UPLOAD_NOT_READY
 */
export async function requireReceivedUpload(
  query: Query,
  id: string,
  projectId: string,
  at: readonly string[] = path,
): Promise<ReceivedUpload> {
  const { format, digest, fileName } = await requireReceived(query, id, projectId, at);
  return { id, format, digest, fileName };
}

/** Bytes of the largest document that is read whole. */
const maxDocumentBytes = 128 * 2 ** 20;

/**
 * The digest of an uploaded JSON document, under the same conditions.
 * @param at path of the upload in the input
 * @throws ProblemsError NOT_FOUND, UPLOAD_NOT_READY, WRONG_FORMAT, TOO_LARGE
 */
export async function requireReceivedDocument(
  query: Query,
  id: string,
  projectId: string,
  at: readonly string[],
): Promise<string> {
  const { format, digest, sizeBytes } = await requireReceived(query, id, projectId, at);
  if (format !== 'JSON' && format !== 'AUTO') {
    const hint = 'Create the upload with `format: JSON`, and send a tokenizer.json to it.';
    throw new ProblemsError([problem(at, 'WRONG_FORMAT', `The upload is a file of rows (${format}).`, hint)]);
  }
  if (sizeBytes <= maxDocumentBytes) return digest;
  throw new ProblemsError([problem(at, 'TOO_LARGE', 'The document is larger than 128 MiB.')]);
}

async function requireReceived(
  query: Query,
  id: string,
  projectId: string,
  at: readonly string[],
): Promise<{
  readonly format: UploadFormat;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly fileName: string;
}> {
  const [upload] = await query<{
    format: UploadFormat;
    status: string;
    digest: string | null;
    sizeBytes: number | null;
    fileName: string;
    expired: boolean;
  }>(
    `SELECT format, file_name AS "fileName", status, artifact_digest AS digest, size_bytes::float8 AS "sizeBytes", expires_at <= now() AS expired
     FROM uploads WHERE id = $1 AND project_id = $2`,
    [id, projectId],
  );
  if (upload === undefined) {
    throw new ProblemsError([problem(at, 'NOT_FOUND', 'There is no upload with this id in the project.')]);
  }
  const { format, status, digest, sizeBytes, fileName, expired } = upload;
  if (status === 'RECEIVED' && digest !== null) return { format, digest, sizeBytes: sizeBytes ?? 0, fileName };
  if (status === 'CONSUMED') throw alreadyUsed(at);
  const message = expired ? 'The upload has expired without its file.' : 'The file of this upload has not arrived yet.';
  const hint = expired ? 'Create another upload.' : 'PUT the file to the url of the upload first.';
  throw new ProblemsError([problem(at, 'UPLOAD_NOT_READY', message, hint)]);
}

/**
 * Marks the upload as used, in the transaction that uses it. Throws ProblemsError when another transaction has used it.
 */
export async function consumeUpload(query: Query, id: string, at: readonly string[] = path): Promise<void> {
  const consumed = await query(
    `UPDATE uploads SET status = 'CONSUMED' WHERE id = $1 AND status = 'RECEIVED' RETURNING id`,
    [id],
  );
  if (consumed.length === 0) throw alreadyUsed(at);
}

export function uploadUsed(at: readonly string[]): InputProblem {
  const hint = 'Create another upload, and send the file to it.';
  return problem(at, 'UPLOAD_NOT_READY', 'The upload was used already.', hint);
}

function alreadyUsed(at: readonly string[]): ProblemsError {
  return new ProblemsError([uploadUsed(at)]);
}
