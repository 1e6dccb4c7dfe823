import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafetensorsError } from '../../src/storage/safetensors.js';
import { openSafetensors } from '../../src/storage/safetensors-file.js';
import { type AdapterNotes, headsFile, readNotes } from './adapter-notes.js';
import { invalidAdapter, type PeftConfig, parsePeftConfig, unsupported } from './peft-config.js';

/** A tensor of an adapter's files, not read yet. */
export interface StoredTensor {
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
  readonly notes: AdapterNotes | null;
}

/**
 * Opens an adapter's files for the time of `use`. Errors: those of `use`; ProblemError INVALID_MODEL (a file is missing or damaged),
 * UNSUPPORTED_MODEL (adapter_model.bin; see `parsePeftConfig`).
 */
export async function withPeftFolder<Result>(
  folder: string,
  use: (adapter: PeftFolder) => Promise<Result>,
): Promise<Result> {
  const config = parsePeftConfig(await readConfig(join(folder, 'adapter_config.json')));
  const path = join(folder, 'adapter_model.safetensors');
  if (!(await exists(path))) throw await missingWeights(folder);
  return await withTensors(path, async (tensors, metadata) => {
    const heads = join(folder, headsFile);
    if (!(await exists(heads))) return await use({ config, tensors, heads: new Map(), notes: readNotes(metadata) });
    return await withTensors(heads, (more, notes) => use({ config, tensors, heads: more, notes: readNotes(notes) }));
  });
}

async function withTensors<Result>(
  path: string,
  use: (tensors: ReadonlyMap<string, StoredTensor>, metadata: ReadonlyMap<string, string>) => Promise<Result>,
): Promise<Result> {
  try {
    const file = await openSafetensors(path);
    try {
      const tensors = [...file.tensors].map(([name, { shape }]): [string, StoredTensor] => [
        name,
        { shape, read: () => file.read(name) },
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
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw invalidAdapter('it has no adapter_config.json', error);
  }
}

async function missingWeights(folder: string): Promise<Error> {
  if (await exists(join(folder, 'adapter_model.bin'))) {
    return unsupported(
      'its weights are in adapter_model.bin, a pickle, which can run any code when it is opened',
      'Load it in PEFT and call save_pretrained, which writes adapter_model.safetensors.',
    );
  }
  return invalidAdapter('it has no adapter_model.safetensors');
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
