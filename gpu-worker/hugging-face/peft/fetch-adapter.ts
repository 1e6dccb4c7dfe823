import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '../../problem-error.js';
import type { ModelFiles } from '../model-files.js';
import { invalidModel } from '../problems.js';

/** The file that says that a folder holds an adapter. */
export const adapterConfigFile = 'adapter_config.json';

/** Makes the files of an adapter readable in its folder. Errors: ProblemError INVALID_MODEL, those of `fetch`. */
export async function fetchAdapter(files: ModelFiles): Promise<void> {
  const needed = [adapterConfigFile, 'adapter_model.safetensors', 'adapter_model.bin', 'heads.safetensors'];
  // The reader of adapters opens these names in the folder itself, and a pipe of such a name would block it.
  for (const name of needed) {
    if (!files.names.has(name) && (await lstat(join(files.folder, name)).catch(() => null)) !== null) {
      throw invalidModel(`${name} is neither a file nor a link to one`, 'Copy or download the whole adapter again.');
    }
  }
  await files.fetch(needed.filter((name) => files.names.has(name)));
}

/** The problem with an adapter of which nobody said which model it is for. */
export function withoutBase({ source }: Pick<ModelFiles, 'source'>): ProblemError {
  return new ProblemError({
    path: ['adapterBase'],
    code: 'REQUIRED',
    message: `${source} holds an adapter (${adapterConfigFile}), not a whole model`,
    hint: 'Import its base model first, and name it as the base of this adapter.',
  });
}
