import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { systemErrorCode } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';
import { asProblem, formatBytes, invalidModel, problem } from './problems.js';

/** The files of a model, wherever they come from: some are there, others are fetched when they turn out to be needed. */
export interface ModelFiles {
  /** Where fetched files lie. */
  readonly folder: string;
  /** For people: `folder:/models/x`, `hub:org/name@<commit>`. */
  readonly source: string;
  /** All there are, with `/` between folders. */
  readonly names: ReadonlySet<string>;
  /** Whether fetching takes long, as from a hub: that is then what progress is about. */
  readonly isRemote: boolean;
  /** Makes files of `names` readable in `folder`. */
  fetch(names: readonly string[]): Promise<void>;
  /** Ends the use of `folder`; when all is imported, what was fetched is not needed any more. */
  release(isImported: boolean): Promise<void>;
}

/**
 * The files of a folder on this machine, one level of folders inside it included.
 *
 * @param allowed folders that may be imported from; null: any
 * @throws ProblemError NOT_FOUND, ACCESS_DENIED
 */
export async function openFolder(path: string, allowed: readonly string[] | null): Promise<ModelFiles> {
  let folder: string;
  let names: string[];
  try {
    folder = await realpath(path);
    if (allowed !== null && !(await isWithin(folder, allowed))) throw notAllowed(path);
    names = await namesIn(folder);
  } catch (error) {
    throw error instanceof ProblemError ? error : notReadable(path, error);
  }
  return {
    folder,
    source: `folder:${path}`,
    names: new Set(names),
    isRemote: false,
    fetch: async () => undefined,
    release: async () => undefined,
  };
}

/** Bytes of a file of the model, refused when it is larger than it can sensibly be. Errors: ProblemError INVALID_MODEL. */
export async function readModelFile(files: ModelFiles, name: string, maxBytes: number): Promise<Buffer> {
  await files.fetch([name]);
  const file = await open(join(files.folder, name), 'r').catch((error: unknown) => {
    throw asProblem(error, name);
  });
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw invalidModel(`${name} has ${formatBytes(size)}, where ${formatBytes(maxBytes)} are the limit`);
    }
    const bytes = await file.readFile();
    if (isPointer(bytes)) throw pointerProblem(name);
    return bytes;
  } finally {
    await file.close();
  }
}

const pointerStart = 'version https://git-lfs.github.com/spec/';

/** Whether bytes are a pointer of Git LFS: what a clone without it has in place of large files. */
export function isPointer(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, pointerStart.length)).equals(
    Buffer.from(pointerStart),
  );
}

/** Refuses a large file that is only a pointer to one. */
export async function refusePointer(path: string, name: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(pointerStart.length), 0, pointerStart.length, 0);
    if (isPointer(buffer.subarray(0, bytesRead))) throw pointerProblem(name);
  } finally {
    await file.close();
  }
}

function pointerProblem(name: string): ProblemError {
  return invalidModel(
    `${name} is a pointer of Git LFS, not the file itself`,
    'Run `git lfs pull` in the folder, or download the file.',
  );
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  // Entries of a hub's cache are links to files elsewhere: what they lead to counts.
  for (const name of (await readdir(folder)).sort()) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) names.push(name);
    else if (found?.isDirectory()) {
      for (const inner of await readdir(join(folder, name), { withFileTypes: true })) {
        if (inner.isFile() || inner.isSymbolicLink()) names.push(`${name}/${inner.name}`);
      }
    }
  }
  return names;
}

async function isWithin(folder: string, allowed: readonly string[]): Promise<boolean> {
  for (const one of allowed) {
    const root = await realpath(one).catch(() => resolve(one));
    if (folder === root || folder.startsWith(root.endsWith(sep) ? root : root + sep)) return true;
  }
  return false;
}

function notAllowed(path: string): ProblemError {
  return new ProblemError({
    path: ['source', 'path'],
    code: 'ACCESS_DENIED',
    message: `models may not be imported from ${path}`,
    hint: 'Whoever runs the worker says which folders may be read.',
  });
}

function notReadable(path: string, error: unknown): ProblemError {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ProblemError(
      {
        path: ['source', 'path'],
        code: 'NOT_FOUND',
        message: `there is no folder ${path} on the worker's machine`,
        hint: 'The path is that of a folder with config.json, tokenizer.json and model.safetensors in it.',
      },
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') return problem('ACCESS_DENIED', `the worker may not read ${path}`);
  return problem('INVALID_MODEL', `${path} cannot be read: ${code ?? 'failed'}`, null, error);
}
