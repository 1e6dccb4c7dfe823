import { ProblemsError, problem } from '../../problems/problem.js';
import { StorageError } from '../../storage/storage-error.js';

/** The problem of an error that the client can do something about; other errors are returned unchanged. */
export function toArtifactProblem(error: unknown, field: 'uploadId' | 'datasetVersionId' | 'parts'): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.code === 'DISK_FULL') {
    const message = 'The server has no space left to read the file.';
    return new ProblemsError([problem([field], 'DISK_FULL', message, 'Free space on the server, then try again.')]);
  }
  if (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT') return error;
  const state = error.code === 'CORRUPT' ? 'was damaged on the server' : 'is no longer on the server';
  if (field !== 'uploadId') {
    const gone = `The file of the version ${state}.`;
    return new ProblemsError([problem([field], 'MISSING_ARTIFACT', gone, 'Send its file again, as another version.')]);
  }
  const message = `The file of the upload ${state}.`;
  return new ProblemsError([problem(['uploadId'], 'UPLOAD_NOT_READY', message, 'Create another upload.')]);
}
