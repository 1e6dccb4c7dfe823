import { closestName } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { hubNames } from '../../protocol/licences/hub-names.js';
import { asEntry, isPattern, matchesPattern } from '../../protocol/licences/judge-licence.js';
import { parseSpdx, spdxIds } from '../../protocol/licences/spdx.js';

const maxEntries = 200;
const maxEntryLength = 100;
const otherNames = /^LicenseRef-[A-Za-z0-9.+_-]+$/i;

/** The lists of a policy by name, in the order in which they are checked. */
const lists = ['allow', 'warn', 'deny'] as const;
type Lists = Partial<Record<(typeof lists)[number], readonly string[] | null>>;

/**
 * What is wrong with the entries of a policy. A misspelt entry would match nothing, so that a licence that was to be
 * denied is not: names that nobody knows are refused.
 */
export function checkEntries(given: Lists): InputProblem[] {
  return lists.flatMap((list) => {
    const entries = given[list] ?? [];
    if (entries.length > maxEntries) {
      return [problem([list], 'TOO_LONG', `A list has at most ${maxEntries} entries, not ${entries.length}.`)];
    }
    return entries.flatMap((entry, i) => checkEntry(entry.trim(), [list, String(i)]));
  });
}

/** The same licence in two lists. @param given the lists with their entries as a policy has them */
export function checkTwice(given: Record<(typeof lists)[number], readonly string[]>): InputProblem[] {
  const seen = new Map<string, string>();
  return lists.flatMap((list) =>
    given[list].flatMap((entry, i) => {
      const key = entry.toLowerCase();
      const other = seen.get(key);
      seen.set(key, list);
      if (other === undefined || other === list) return [];
      return [problem([list, String(i)], 'INVALID_VALUE', `“${entry}” is in \`${other}\` and in \`${list}\`.`)];
    }),
  );
}

function checkEntry(entry: string, path: readonly string[]): InputProblem[] {
  if (entry.length < 1 || entry.length > maxEntryLength) {
    return [problem(path, 'INVALID_VALUE', `An entry has 1 to ${maxEntryLength} characters.`)];
  }
  if (isPattern(entry)) {
    if ([...spdxIds, ...hubNames].some((name) => matchesPattern(entry, name))) return [];
    const hint = 'A `*` stands for any characters: GPL-* matches GPL-2.0-only and GPL-3.0-or-later.';
    return [problem(path, 'INVALID_VALUE', `The pattern “${entry}” matches no licence that is known.`, hint)];
  }
  const expression = parseSpdx(entry);
  if (expression !== null && expression.kind !== 'licence') {
    const message = `“${entry}” names several licences.`;
    return [problem(path, 'INVALID_VALUE', message, 'Give each an entry of its own.')];
  }
  if (expression !== null || hubNames.includes(entry.toLowerCase()) || otherNames.test(entry)) return [];
  const closest = closestName(entry, [...spdxIds, ...hubNames]);
  return [
    problem(
      path,
      'INVALID_VALUE',
      `“${entry}” is no licence that SPDX or the model hub names.`,
      `${closest === null ? '' : `Did you mean “${asEntry(closest)}”? `}Another licence is written LicenseRef- and its name in model cards.`,
    ),
  ];
}
