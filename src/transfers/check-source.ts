import { posix, win32 } from 'node:path';
import { type InputProblem, problem } from '../problems/problem.js';
import type { FileSource } from '../protocol/model-source.js';
import type { FolderSourceInput, HubSourceInput } from './file-source.input.js';

const maxPathLength = 4096;
/** The form of a hub's repository names: one part, or an owner and a name. */
const repositoryForm = /^(?=.{1,192}$)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/;
const revisionForm = /^(?!.*\.\.)(?!\/)[\w./-]{1,255}$/;

/**
 * Where files are to be read from, and the problems with its form. Only the worker can tell whether it exists.
 *
 * @param input exactly one of the two is set, which the schema's @oneOf ensures
 */
export function resolveFiles(
  { folder, hub }: { readonly folder?: FolderSourceInput | null; readonly hub?: HubSourceInput | null },
  at: readonly string[],
): { readonly source: FileSource; readonly problems: readonly InputProblem[] } {
  if (folder != null) {
    const { path } = folder;
    return { source: { kind: 'folder', path }, problems: checkPath(path, [...at, 'folder', 'path']) };
  }
  const { repository, revision } = hub!;
  const problems = checkRepository(repository, revision, [...at, 'hub']);
  return { source: { kind: 'hub', repository, revision }, problems };
}

function checkPath(path: string, at: readonly string[]): InputProblem[] {
  if (path.length > maxPathLength) return [problem(at, 'TOO_LONG', `A path has at most ${maxPathLength} characters.`)];
  // The worker may run on another system than the API.
  if (posix.isAbsolute(path) || win32.isAbsolute(path)) return [];
  const message = `“${path}” is not an absolute path.`;
  return [problem(at, 'INVALID_VALUE', message, "Give the folder's whole path on the worker's machine.")];
}

function checkRepository(repository: string, revision: string, at: readonly string[]): InputProblem[] {
  const problems: InputProblem[] = [];
  if (!repositoryForm.test(repository) || repository.includes('..') || repository.includes('--')) {
    const message = `“${repository}” is not the name of a repository.`;
    const hint = 'A name looks like owner/name, without the address of the hub.';
    problems.push(problem([...at, 'repository'], 'INVALID_VALUE', message, hint));
  }
  if (!revisionForm.test(revision)) {
    problems.push(problem([...at, 'revision'], 'INVALID_VALUE', `“${revision}” is not a branch, tag or commit.`));
  }
  return problems;
}
