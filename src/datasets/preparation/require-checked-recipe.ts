import type { StepColumn } from '../../preparation/checks/named-columns.js';
import { checkRecipe } from '../../preparation/checks/recipe.js';
import { checkRoleColumns } from '../../preparation/checks/role-columns.js';
import { checkSplitRequest } from '../../preparation/checks/split-request.js';
import { columnsAfter } from '../../preparation/checks/step-columns.js';
import { ProblemsError } from '../../problems/problem.js';
import type { LeftOutColumn } from '../../protocol/datasets/left-out-column.js';
import type { SplitRequest } from '../../protocol/datasets/split-request.js';
import type { AssignedRoles } from '../../protocol/preparation/assigned-roles.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';

/** A source; of a version the columns are known. */
type KnownSource =
  | { readonly kind: Exclude<RowSource['kind'], 'version'> | 'waiting' | 'unwritten' }
  | (Pick<RowSource & { readonly kind: 'version' }, 'kind' | 'columns'> & {
      readonly leftOutColumns: readonly LeftOutColumn[];
    });

/** What a preparation says of the version that it makes. */
interface Made {
  readonly roles: AssignedRoles;
  readonly split: SplitRequest | null;
}

/**
 * @param made of a preview there is nothing to say
 * @throws ProblemsError for what is wrong with a recipe, roles or the way to splits, as far as that shows before rows
 *   are read
 */
export function requireCheckedRecipe(
  recipe: Recipe,
  sources: readonly KnownSource[],
  { roles, split }: Made = { roles: [], split: null },
): void {
  const columns = columnsOf(sources);
  const problems = checkRecipe(recipe, columns);
  // After a step with a wrong column, those of the version are not known.
  const made =
    problems.length > 0 || columns === null
      ? null
      : recipe.reduce<readonly StepColumn[]>((before, step) => columnsAfter(step, before), columns);
  if (split !== null) problems.push(...checkSplitRequest(split, made, leftOutOf(sources)));
  if (made !== null) {
    const names = made.map(({ name }) => name);
    problems.push(...checkRoleColumns(roles, names));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}

function leftOutOf(sources: readonly KnownSource[]): LeftOutColumn[] {
  return sources.flatMap((source) => (source.kind === 'version' ? source.leftOutColumns : []));
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
