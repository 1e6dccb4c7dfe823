import { ModelManifest, manifestBytes } from '../../src/protocol/model-manifest.js';
import { invalidModel, listed } from './problems.js';

/**
 * A manifest as it is stored. Errors: ProblemError INVALID_MODEL where it could not be read again, by the names of its
 * fields: a number that JSON has no word for, say, which files of a model can lead to.
 */
export function checkedManifestBytes(manifest: ModelManifest): Uint8Array {
  const bytes = manifestBytes(manifest);
  const read = ModelManifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (!read.success) {
    throw invalidModel(
      listed(
        'the files describe a model that cannot be stored',
        read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
      ),
      null,
      read.error,
    );
  }
  return bytes;
}
