import { ModelManifest, manifestBytes } from '../../src/protocol/model-manifest.js';
import { invalidModel, listed } from './problems.js';

/**
 * A manifest as it is stored. Some files of models lead to a manifest that could not be read again, for example one
 * with a number that JSON cannot express. Errors: ProblemError INVALID_MODEL, which then names the fields.
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
