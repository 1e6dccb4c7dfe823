import type { StepColumn } from '../../preparation/checks/named-columns.js';
import { checkRecipe } from '../../preparation/checks/recipe.js';
import { ProblemsError } from '../../problems/problem.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';

/** A source; of a version the columns are known. */
type KnownSource =
  | { readonly kind: Exclude<RowSource['kind'], 'version'> | 'waiting' }
  | Pick<RowSource & { readonly kind: 'version' }, 'kind' | 'columns'>;

/** @throws ProblemsError for what is wrong with a recipe, as far as that shows before rows are read */
export function requireCheckedRecipe(recipe: Recipe, sources: readonly KnownSource[]): void {
  const problems = checkRecipe(recipe, columnsOf(sources));
  if (problems.length > 0) throw new ProblemsError(problems);
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
