import { checkRoleColumns } from '../../src/preparation/checks/role-columns.js';
import { ProblemsError } from '../../src/problems/problem.js';
import type { AssignedRoles } from '../../src/protocol/preparation/assigned-roles.js';
import type { RowSource } from '../../src/protocol/preparation/prepare-job.js';
import type { Recipe } from '../../src/protocol/preparation/recipe.js';

/**
 * What somebody says of the columns of a version: in the request, or, of columns that the request says nothing of, when
 * the versions were made that the rows are from. Columns that a step renames keep their roles.
 * @param names of the columns that were made
 * @throws ProblemsError UNKNOWN_COLUMN for a column of the request that was not made
 */
export function saidRoles(
  given: AssignedRoles,
  sources: readonly RowSource[],
  recipe: Recipe,
  names: readonly string[],
): AssignedRoles {
  const problems = checkRoleColumns(given, names);
  if (problems.length > 0) throw new ProblemsError(problems);
  const said = new Map(
    sources.flatMap((source) => (source.kind === 'version' ? source.saidRoles : [])).map((each) => [each.column, each]),
  );
  for (const step of recipe) {
    if (step.kind !== 'renameColumns') continue;
    const moved = step.names.flatMap(({ from, to }) => {
      const found = said.get(from);
      return found === undefined ? [] : [{ from, role: { ...found, column: to } }];
    });
    for (const { from } of moved) said.delete(from);
    for (const { role } of moved) said.set(role.column, role);
  }
  for (const each of given) said.set(each.column, each);
  return [...said.values()].filter(({ column }) => names.includes(column));
}
