import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archivedFilesPath } from '../../../src/preparation/check-file-options.js';
import { type Container, containerOf } from '../../../src/preparation/file-signature.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import { decompress, writeUnpacked } from './decompress.js';
import { UnpackBudget, type UnpackLimits, usualUnpackLimits } from './unpack-budget.js';
import { openZip, type ZipArchive } from './zip-archive.js';

/** A file of an upload, unpacked. */
export interface UnpackedFile {
  /** Its name: that of the upload, or its path in the archive. */
  readonly name: string;
  /** Where it lies on this machine. */
  readonly path: string;
  /** Whether it is an Excel workbook, which is a ZIP archive by itself. */
  readonly isWorkbook: boolean;
}

export interface Unpacked {
  readonly files: readonly [UnpackedFile, ...UnpackedFile[]];
  /** What the upload was packed in, the outermost first. */
  readonly containers: readonly Container[];
  readonly notices: readonly FileNotice[];
  /** Counts on when workbooks are read. */
  readonly budget: UnpackBudget;
}

export interface UnpackRequest {
  /** The uploaded file. */
  readonly path: string;
  readonly name: string;
  /** A folder for what is unpacked, which exists. */
  readonly folder: string;
  /** Which files of an archive are read, by their paths in it; null: all. */
  readonly archived: readonly string[] | null;
  readonly problemPath: readonly string[];
  readonly limits?: UnpackLimits;
}

/** A file in an archive in a compressed file is the most: `a.csv.gz` in a ZIP archive, or `a.zip.gz`. */
const maxLayers = 2;
const shownNames = 5;

/**
 * Unpacks an upload that is compressed, or an archive, into a folder; other uploads stay where they are. Files that
 * programs put into archives by themselves are skipped. Memory is constant.
 * @throws ProblemsError INVALID_FILE, EMPTY_FILE, TOO_LARGE, NOT_FOUND; StorageError
 */
export async function unpack(request: UnpackRequest): Promise<Unpacked> {
  const { path, name, folder, archived, problemPath, limits = usualUnpackLimits } = request;
  const budget = new UnpackBudget(await sizeOf(path), limits, problemPath);
  const containers: Container[] = [];
  const notices: FileNotice[] = [];
  let made = 0;
  const nextPath = () => join(folder, `unpacked-${made++}`);

  async function open(file: { readonly name: string; readonly path: string }, layers: number): Promise<UnpackedFile[]> {
    const container = containerOf(await firstBytes(file.path));
    if (container === null) return [{ ...file, isWorkbook: false }];
    if (container !== 'ZIP') {
      requireShallow(layers);
      if (layers === containers.length) containers.push(container);
      const inner = { name: file.name.replace(/\.(gz|gzip|zst|zstd)$/i, ''), path: nextPath() };
      await decompress(file.path, inner.path, container, budget, problemPath);
      return open(inner, layers + 1);
    }
    const zip = await openZip(file.path, budget, problemPath);
    try {
      if (isWorkbook(zip, problemPath)) return [{ ...file, isWorkbook: true }];
      requireShallow(layers);
      if (containers.includes('ZIP')) throw nested(problemPath);
      containers.push('ZIP');
      return await openArchive(zip, layers);
    } finally {
      zip.close();
    }
  }

  async function openArchive(zip: ZipArchive, layers: number): Promise<UnpackedFile[]> {
    const chosen = chooseFiles(zip, archived, problemPath);
    // What was chosen by name needs no word on what was not.
    const left = archived === null ? zip.files.filter((file) => !chosen.includes(file)).map(({ name }) => name) : [];
    if (left.length + zip.skipped.length > 0) notices.push(skipped([...left, ...zip.skipped]));
    const files: UnpackedFile[] = [];
    for (const file of chosen) {
      const inner = { name: file.name, path: nextPath() };
      await writeUnpacked(file.read(), inner.path, budget);
      files.push(...(await open(inner, layers + 1)));
    }
    return files;
  }

  function requireShallow(layers: number): void {
    if (layers >= maxLayers) throw nested(problemPath);
  }

  const [first, ...others] = await open({ name, path }, 0);
  if (archived !== null && !containers.includes('ZIP')) {
    throw new ProblemsError([problem(archivedFilesPath, 'INVALID_VALUE', 'The upload is no archive.')]);
  }
  return { files: [first!, ...others], containers, notices, budget };
}

/** The files of an archive that are read, in the order of their names: a version does not depend on the packer. */
function chooseFiles(zip: ZipArchive, archived: readonly string[] | null, problemPath: readonly string[]) {
  const names = zip.files.map(({ name }) => name);
  if (archived !== null) {
    return archived.map((name, index) => {
      const file = zip.files.find((each) => each.name === name);
      if (file !== undefined && archived.indexOf(name) === index) return file;
      const message = file === undefined ? `The archive has no file “${name}”.` : `“${name}” is named twice.`;
      const at = [...archivedFilesPath, String(index)];
      throw new ProblemsError([
        problem(at, file === undefined ? 'NOT_FOUND' : 'INVALID_VALUE', message, `It has ${list(names)}.`),
      ]);
    });
  }
  if (names.length === 0) {
    const message = 'The archive has no files.';
    throw new ProblemsError([problem(problemPath, 'EMPTY_FILE', message, 'Upload an archive with a file of data.')]);
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    const message = `The archive has two files with the path “${repeated}”.`;
    throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, 'Make the archive again.')]);
  }
  const read = zip.files.filter(({ name }) => !isDescription(name));
  const files = read.length === 0 ? zip.files : read;
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files that archives of data hold beside the data. */
function isDescription(name: string): boolean {
  return /(^|\/)(readme|licen[cs]e|copying|changelog|citation)[^/]*$|\.(md|pdf|html?|png|jpe?g|docx?)$/i.test(name);
}

function skipped(names: readonly string[]): FileNotice {
  return { code: 'ARCHIVED_FILES_SKIPPED', message: `Of the archive, these were not read: ${list(names)}.` };
}

function nested(problemPath: readonly string[]): ProblemsError {
  const message = 'The upload has archives inside of archives.';
  return new ProblemsError([problem(problemPath, 'INVALID_FILE', message, 'Upload the inner archive, or its files.')]);
}

/** What of Office a ZIP archive is. */
function isWorkbook({ files }: ZipArchive, problemPath: readonly string[]): boolean {
  const has = (name: RegExp) => files.some((file) => name.test(file.name));
  if (!has(/^\[Content_Types\]\.xml$/) && !has(/^mimetype$/)) return false;
  if (has(/^xl\/workbook\.xml$/)) return true;
  const what = has(/^xl\/workbook\.bin$/)
    ? 'a binary Excel workbook'
    : has(/^word\//)
      ? 'a Word document'
      : has(/^ppt\//)
        ? 'a PowerPoint document'
        : has(/^content\.xml$/)
          ? 'an OpenDocument file'
          : null;
  if (what === null) return false;
  const hint = 'Save a spreadsheet as .xlsx or CSV.';
  throw new ProblemsError([problem(problemPath, 'WRONG_FORMAT', `The file is ${what}.`, hint)]);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw toStorageError(error, 'read an uploaded file');
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw toStorageError(error, 'read an uploaded file');
  });
  return size;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map((name) => `“${name}”`);
  return names.length > shownNames ? `${shown.join(', ')} and ${names.length - shownNames} more` : shown.join(', ');
}
