import type { StepColumn } from '../../preparation/checks/named-columns.js';
import { checkRecipe } from '../../preparation/checks/recipe.js';
import { checkRoleColumns } from '../../preparation/checks/role-columns.js';
import { columnsAfter } from '../../preparation/checks/step-columns.js';
import { ProblemsError } from '../../problems/problem.js';
import type { AssignedRoles } from '../../protocol/preparation/assigned-roles.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';

/** A source; of a version the columns are known. */
type KnownSource =
  | { readonly kind: Exclude<RowSource['kind'], 'version'> | 'waiting' }
  | Pick<RowSource & { readonly kind: 'version' }, 'kind' | 'columns'>;

/**
 * @param roles of columns of the version that is made
 * @throws ProblemsError for what is wrong with a recipe or roles, as far as that shows before rows are read
 */
export function requireCheckedRecipe(recipe: Recipe, sources: readonly KnownSource[], roles: AssignedRoles = []): void {
  const columns = columnsOf(sources);
  const problems = checkRecipe(recipe, columns);
  if (problems.length > 0) throw new ProblemsError(problems);
  if (columns === null) return;
  const made = recipe.reduce<readonly StepColumn[]>((before, step) => columnsAfter(step, before), columns);
  const unknown = checkRoleColumns(
    roles,
    made.map(({ name }) => name),
  );
  if (unknown.length > 0) throw new ProblemsError(unknown);
}

/** The columns of all sources; null where a file has to be read for them, or types have to be brought together. */
function columnsOf(sources: readonly KnownSource[]): readonly StepColumn[] | null {
  const columns = new Map<string, StepColumn>();
  for (const source of sources) {
    if (source.kind !== 'version') return null;
    for (const column of source.columns) {
      const known = columns.get(column.name);
      if (known !== undefined && known.type !== column.type) return null;
      columns.set(column.name, column);
    }
  }
  return [...columns.values()];
}
