import { type InputProblem, ProblemsError } from '../problems/problem.js';
import { checkName, checkNotes, checkTagCount, checkTags, tidyTags } from './names-and-tags.js';

/** What to change in the texts about an object. Undefined: it stays as it is. Null: none, and the name stays. */
export interface TextChanges {
  readonly name?: string | null;
  readonly tags?: readonly string[] | null;
  readonly addTags?: readonly string[] | null;
  readonly removeTags?: readonly string[] | null;
  readonly notes?: string | null;
}

/** What is wrong with the texts themselves, whatever the object has now. */
export function checkTextChanges(changes: TextChanges, maxNameLength?: number): InputProblem[] {
  const { name, tags, addTags, notes } = changes;
  return [
    ...(name == null ? [] : checkName(name, maxNameLength)),
    ...checkTags(tags ?? [], ['tags']),
    ...checkTags(addTags ?? [], ['addTags']),
    ...checkNotes(notes ?? ''),
  ];
}

/**
 * The tags after a change: `tags` in place of the former ones, without `removeTags`, then with `addTags`.
 * @throws ProblemsError TOO_LONG when there would be too many
 */
export function changedTags(former: readonly string[], { tags, addTags, removeTags }: TextChanges): string[] {
  const kept = tags === undefined ? former : tidyTags(tags ?? []);
  const removed = new Set(tidyTags(removeTags ?? []));
  const next = tidyTags([...kept.filter((tag) => !removed.has(tag)), ...(addTags ?? [])]);
  const tooMany = checkTagCount(next.length, ['addTags']);
  if (tooMany.length > 0) throw new ProblemsError(tooMany);
  return next;
}
