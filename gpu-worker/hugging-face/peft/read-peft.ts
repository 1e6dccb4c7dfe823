import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SafetensorsError } from '../../../src/storage/safetensors.js';
import { openSafetensors } from '../../../src/storage/safetensors-file.js';
import { systemErrorCode } from '../../../src/storage/storage-error.js';
import { type HeadNotes, headsFile, readNotes } from '../head-notes.js';
import { refusePointer } from '../model-files.js';
import { formatBytes } from '../problems.js';
import { invalidAdapter, type PeftConfig, parsePeftConfig, unsupported } from './peft-config.js';

const configFile = 'adapter_config.json';
const weightsFile = 'adapter_model.safetensors';

/** PEFT writes a few kilobytes; lists of modules make some files longer. */
const maxConfigBytes = 4 * 2 ** 20;

/** A tensor of an adapter's files, not read yet. */
export interface StoredTensor {
  /** By safetensors' name. */
  readonly dtype: string;
  readonly shape: readonly number[];
  read(): Promise<Float32Array>;
}

/** An adapter in PEFT's layout, its tensors by the names they have there. */
export interface PeftFolder {
  readonly config: PeftConfig;
  /** Of `adapter_model.safetensors`. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Of `heads.safetensors`, which only Attune writes. */
  readonly heads: ReadonlyMap<string, StoredTensor>;
  readonly notes: HeadNotes | null;
}

/**
 * Opens an adapter's files for the time of `use`. Errors: those of `use`; ProblemError INVALID_MODEL (a file is
 * missing, damaged, far too large, or a pointer of Git LFS), UNSUPPORTED_MODEL (adapter_model.bin; see
 * `parsePeftConfig`).
 */
export async function withPeftFolder<Result>(
  folder: string,
  use: (adapter: PeftFolder) => Promise<Result>,
): Promise<Result> {
  const config = parsePeftConfig(await readConfig(join(folder, configFile)));
  if (!(await isFile(join(folder, weightsFile)))) throw await missingWeights(folder);
  return await withTensors(folder, weightsFile, async (tensors, metadata) => {
    if (!(await isFile(join(folder, headsFile))))
      return await use({ config, tensors, heads: new Map(), notes: readNotes(metadata) });
    return await withTensors(folder, headsFile, (more, notes) =>
      use({ config, tensors, heads: more, notes: readNotes(notes) }),
    );
  });
}

async function withTensors<Result>(
  folder: string,
  name: string,
  use: (tensors: ReadonlyMap<string, StoredTensor>, metadata: ReadonlyMap<string, string>) => Promise<Result>,
): Promise<Result> {
  try {
    await refusePointer(join(folder, name), name);
    const file = await openSafetensors(join(folder, name));
    try {
      const tensors = [...file.tensors].map(([tensor, { dtype, shape }]): [string, StoredTensor] => [
        tensor,
        { dtype, shape, read: () => file.read(tensor) },
      ]);
      return await use(new Map(tensors), file.metadata);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof SafetensorsError ? invalidAdapter(error.message, error) : error;
  }
}

async function readConfig(path: string): Promise<string> {
  if (!(await isFile(path))) throw invalidAdapter(`it has no ${configFile}`);
  const { size } = await stat(path);
  if (size > maxConfigBytes) {
    throw invalidAdapter(`${configFile} has ${formatBytes(size)}; the limit is ${formatBytes(maxConfigBytes)}`);
  }
  await refusePointer(path, configFile);
  return await readFile(path, 'utf8');
}

async function missingWeights(folder: string): Promise<Error> {
  if (await isFile(join(folder, 'adapter_model.bin'))) {
    return unsupported(
      'its weights are in adapter_model.bin, a pickle, which can run any code when it is opened',
      'Load it in PEFT and call save_pretrained, which writes adapter_model.safetensors.',
    );
  }
  return invalidAdapter(`it has no ${weightsFile}`);
}

/**
 * Whether a regular file is at a path; a pipe would block its reader. Errors: those of the system, except that nothing
 * is there.
 */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
