import { wordsOf } from '../graphql/global-id.js';
import type { ObjectKind, ObjectRow } from '../graphql/object-kinds.js';
import { ProblemsError, problem } from '../problems/problem.js';

/** How many objects a problem names. */
const maxNamed = 20;

export function notThere(kind: ObjectKind, path: readonly string[]): ProblemsError {
  return new ProblemsError([problem(path, 'NOT_FOUND', `There is no ${wordsOf(kind)} with this id.`)]);
}

export function inUse(kind: ObjectKind, users: readonly ObjectRow[], path: readonly string[]): ProblemsError {
  const message = `The ${wordsOf(kind)} is used by ${listed(users)}.`;
  const hint =
    'Delete those first, or pass `cascade: true` to delete them too; with `dryRun: true` beside it, only to be told what would go.';
  return new ProblemsError([{ ...problem(path, 'IN_USE', message, hint), usedBy: users.slice(0, maxNamed) }]);
}

export function stillAtWork(working: readonly ObjectRow[], path: readonly string[]): ProblemsError {
  const message = `What is still at work is not deleted: ${listed(working)}.`;
  const hint = 'Cancel it, or wait until it ends.';
  return new ProblemsError([{ ...problem(path, 'CONFLICT', message, hint), usedBy: working.slice(0, maxNamed) }]);
}

/** The first three by name, and how many more there are. */
function listed(rows: readonly ObjectRow[]): string {
  const named = rows.slice(0, 3).map(({ kind, name }) => `the ${wordsOf(kind)} “${name}”`);
  const more = rows.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}
