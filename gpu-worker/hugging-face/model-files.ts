import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { systemErrorCode } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';
import { asFileProblem, formatBytes, invalidModel, mayNotRead, problem } from './problems.js';

/**
 * The files of a model, wherever they come from: some are there, others are fetched when they turn out to be needed.
 */
export interface ModelFiles {
  /** Where fetched files lie. */
  readonly folder: string;
  /** For people: `folder:/models/x`, `hub:org/name@<commit>`. */
  readonly source: string;
  /** Names of all files, with `/` between folders. */
  readonly names: ReadonlySet<string>;
  /** Whether files come over a network, so that the progress of an import is that of fetching them. */
  readonly isRemote: boolean;
  /**
   * Makes files of `names` readable in `folder`.
   * @param maxBytes a file that is known to be larger is refused before it is fetched. Errors: ProblemError
   *   INVALID_MODEL
   */
  fetch(names: readonly string[], maxBytes?: number): Promise<void>;
  /** Ends the use of `folder`. @param isImported whether all is imported, so that fetched files are needed no more */
  release(isImported: boolean): Promise<void>;
}

/**
 * The files of a folder on this machine, one level of folders inside it included.
 *
 * @param allowed folders that may be imported from; null: any. No link in the folder may lead out of them either
 * @throws ProblemError NOT_FOUND, ACCESS_DENIED
 */
export async function openFolder(path: string, allowed: readonly string[] | null): Promise<ModelFiles> {
  let folder: string;
  let names: string[];
  try {
    const roots = allowed === null ? null : await Promise.all(allowed.map(realRoot));
    folder = await realpath(path);
    if (roots !== null && !isWithin(folder, roots)) throw notAllowed(path);
    names = await namesIn(folder, roots);
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

/**
 * Reads a file of the model, and refuses one of more than `maxBytes`. Errors: ProblemError INVALID_MODEL,
 * ACCESS_DENIED.
 */
export async function readModelFile(files: ModelFiles, name: string, maxBytes: number): Promise<Buffer> {
  await files.fetch([name], maxBytes);
  const file = await open(join(files.folder, name), 'r').catch((error: unknown) => {
    throw asFileProblem(error, name, files.isRemote);
  });
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw fileTooLarge(name, size, maxBytes);
    }
    const bytes = await file.readFile();
    if (isPointer(bytes)) throw pointerProblem(name);
    return bytes;
  } finally {
    await file.close();
  }
}

/** The problem with a file that is far too large to be what its name says. */
export function fileTooLarge(name: string, bytes: number, maxBytes: number): ProblemError {
  return invalidModel(`${name} has ${formatBytes(bytes)}; the limit is ${formatBytes(maxBytes)}`);
}

const pointerStart = 'version https://git-lfs.github.com/spec/';

/** Whether bytes are a pointer of Git LFS: what a clone without it has in place of large files. */
function isPointer(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, pointerStart.length)).equals(
    Buffer.from(pointerStart),
  );
}

/** Refuses a file that is only a pointer of Git LFS. Errors: ProblemError INVALID_MODEL, those of the system. */
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

async function namesIn(folder: string, roots: readonly string[] | null): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const kind = await kindOf(folder, name, roots);
    if (kind === 'file') names.push(name);
    else if (kind === 'folder') {
      for (const inner of (await readdir(join(folder, name))).sort()) {
        if ((await kindOf(folder, `${name}/${inner}`, roots)) === 'file') names.push(`${name}/${inner}`);
      }
    }
  }
  return names;
}

/**
 * What a name leads to: entries of a hub's cache are links to files elsewhere. Null for a link to nothing, and for
 * anything else, such as a pipe, which would block its reader. Errors: ProblemError ACCESS_DENIED when it lies outside
 * of `roots`.
 */
async function kindOf(
  folder: string,
  name: string,
  roots: readonly string[] | null,
): Promise<'file' | 'folder' | null> {
  const real = await realpath(join(folder, name)).catch(() => null);
  if (real === null) return null;
  if (roots !== null && !isWithin(real, roots)) throw leadsOut(name);
  const found = await stat(real).catch(() => null);
  if (found?.isFile()) return 'file';
  return found?.isDirectory() ? 'folder' : null;
}

function realRoot(allowed: string): Promise<string> {
  return realpath(allowed).catch(() => resolve(allowed));
}

/** Whether a path lies in one of the folders. All are real paths. */
function isWithin(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep));
}

function leadsOut(name: string): ProblemError {
  return new ProblemError({
    path: ['source', 'path'],
    code: 'ACCESS_DENIED',
    message: `${name} is a link to where models may not be imported from`,
    hint: 'Copy the file itself into the folder. A hub’s cache can be imported from where the whole cache is allowed.',
  });
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
  if (code === 'EACCES' || code === 'EPERM') return mayNotRead(path, ['source', 'path'], error);
  return problem('INVALID_MODEL', `${path} cannot be read: ${code ?? 'the reason is unknown'}`, null, error);
}
