import { join } from 'node:path';
import { openSafetensors, type SafetensorsFile, type TensorInfo } from '../../src/storage/safetensors-file.js';
import { type HeadNotes, headsFile, readNotes } from './head-notes.js';
import { type ModelFiles, refusePointer } from './model-files.js';
import { asFileProblem, invalidModel, listed } from './problems.js';
import { besideName } from './tensor-names.js';
import type { WeightFileNames } from './weight-file-names.js';

/** A model's weights, open for reading, in however many files they are. Only the files' headers are in memory. */
export interface WeightFiles {
  /** By their names in the files; those of `heads.safetensors` by `besideName`. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What Attune wrote of heads into the files it exported. */
  readonly notes: HeadNotes | null;
  /** One tensor as float32 in pieces. Errors: ProblemError INVALID_MODEL when the file is cut off in the meantime. */
  chunks(name: string): AsyncGenerator<Float32Array, void, void>;
  close(): Promise<void>;
}

/** Opens all files, and checks them and their index. Errors: ProblemError INVALID_MODEL, ACCESS_DENIED. */
export async function openWeights(
  { folder, isRemote }: Pick<ModelFiles, 'folder' | 'isRemote'>,
  { names, tensorFiles }: WeightFileNames,
): Promise<WeightFiles> {
  const open: { readonly name: string; readonly file: SafetensorsFile }[] = [];
  const close = async () => {
    await Promise.all(open.map(({ file }) => file.close()));
  };
  try {
    for (const name of names) {
      try {
        await refusePointer(join(folder, name), name);
        open.push({ name, file: await openSafetensors(join(folder, name)) });
      } catch (error) {
        throw asFileProblem(error, name, isRemote);
      }
    }
    // A heads.safetensors that Attune did not write is no part of the model.
    const ours = open.filter(({ name, file }) => name !== headsFile || readNotes(file.metadata) !== null);
    const notes = ours.map(({ file }) => readNotes(file.metadata)).find((found) => found !== null) ?? null;
    const tensors = new Map<
      string,
      { readonly ownName: string; readonly info: TensorInfo; readonly fileName: string; readonly file: SafetensorsFile }
    >();
    const findings: string[] = [];
    for (const { name: fileName, file } of ours) {
      for (const [ownName, info] of file.tensors) {
        const name = fileName === headsFile ? besideName(ownName) : ownName;
        const other = tensors.get(name);
        if (other !== undefined) findings.push(`${name} is in ${other.fileName} and in ${fileName}`);
        tensors.set(name, { ownName, info, fileName, file });
      }
    }
    for (const [name, fileName] of tensorFiles ?? []) {
      const found = tensors.get(name);
      if (found === undefined) findings.push(`${name} is in none of the files; the index says ${fileName}`);
      else if (found.fileName !== fileName)
        findings.push(`${name} is in ${found.fileName}; the index says ${fileName}`);
    }
    if (findings.length > 0) throw invalidModel(listed('the files of the weights do not fit together', findings));
    return {
      notes,
      tensors: new Map([...tensors].map(([name, { info }]) => [name, info])),
      async *chunks(name) {
        const { file, fileName, ownName } = tensors.get(name)!;
        try {
          yield* file.chunks(ownName);
        } catch (error) {
          throw asFileProblem(error, fileName, isRemote);
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
