import type { TestProject } from 'vitest/node';
import { findMiniLm, preparePython } from './python-environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly python: string;
    /** Folder of all-MiniLM-L6-v2; null where it is not installed. */
    readonly miniLm: string | null;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const log = (line: string) => console.log(line);
  const python = await preparePython(process.env.ATTUNE_INTEROP_PYTHON, log);
  const miniLm = process.env.ATTUNE_INTEROP_MODEL ?? (await findMiniLm(python));
  if (miniLm === null)
    log('Without all-MiniLM-L6-v2 (its folder in ATTUNE_INTEROP_MODEL) the checks on real weights are skipped.');
  project.provide('python', python);
  project.provide('miniLm', miniLm);
}
