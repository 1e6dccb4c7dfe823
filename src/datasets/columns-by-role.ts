import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { VersionRoles } from '../protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../protocol/preparation/column-role.js';

type RoleOfColumn = VersionRoles[number];

/** A column that an input leaves out, and that a version's roles say. */
export interface ChosenColumn extends RoleOfColumn {
  /** Path in the input of the field that it stands for. */
  readonly path: readonly string[];
}

/** The column that a role says; null, with a problem, where it says none or several. */
export interface ColumnOrProblem {
  readonly chosen: ChosenColumn | null;
  readonly problems: readonly InputProblem[];
}

/** What a field of an input is for, in a sentence such as “the column of the texts”, and its path. */
export interface LeftOutField {
  readonly what: string;
  readonly path: readonly string[];
}

/** The columns of a version with one of these roles, without those that the input names for something else. */
export function columnsWithRole(
  { roles }: { readonly roles: VersionRoles },
  wanted: readonly ColumnRole[],
  taken: readonly (string | null | undefined)[] = [],
): readonly RoleOfColumn[] {
  return roles.filter(({ column, role }) => wanted.includes(role) && !taken.includes(column));
}

/**
 * The only column of the first of these roles that any column has.
 * @param wanted in order of preference
 * @param taken columns that the input names for something else
 */
export function columnByRole(
  version: { readonly roles: VersionRoles },
  wanted: readonly ColumnRole[],
  field: LeftOutField,
  taken: readonly (string | null | undefined)[] = [],
): ColumnOrProblem {
  const found = wanted.map((role) => columnsWithRole(version, [role], taken)).find((columns) => columns.length > 0);
  return onlyOne(version, found ?? [], wanted, field, taken);
}

/**
 * The only one of these columns; else a problem that names them.
 * @param taken columns that the input names for something else: none of them could be named here
 */
export function onlyOne(
  { roles }: { readonly roles: VersionRoles },
  found: readonly RoleOfColumn[],
  wanted: readonly ColumnRole[],
  { what, path }: LeftOutField,
  taken: readonly (string | null | undefined)[] = [],
): ColumnOrProblem {
  const [first] = found;
  if (found.length === 1) return { chosen: { ...first!, path }, problems: [] };
  if (first !== undefined) {
    const candidates = found.map(({ column }) => column);
    const message = `The input does not name ${what}, and ${found.length} columns could be it by their roles: ${listed(found)}.`;
    return {
      chosen: null,
      problems: [{ ...problem(path, 'UNCLEAR_COLUMN', message, 'Name one of them.'), candidates }],
    };
  }
  const isTaken = roles.some(({ column, role }) => wanted.includes(role) && taken.includes(column));
  const message = `The input does not name ${what}, and no ${isTaken ? 'other ' : ''}column has the role ${wanted.join(' or ')}.`;
  const free = roles.filter(({ column }) => !taken.includes(column));
  const hint =
    roles.length === 0
      ? 'The version is older than roles: name the column.'
      : free.length === 0
        ? 'Name the column. The input names all columns with roles for something else.'
        : `Name the column. Roles are: ${listed(free)}.`;
  return { chosen: null, problems: [problem(path, 'REQUIRED', message, hint)] };
}

const shownColumns = 20;

function listed(columns: readonly RoleOfColumn[]): string {
  const shown = columns.slice(0, shownColumns).map(({ column, role }) => `${column} (${role})`);
  const rest = columns.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/**
 * Does what throws the problems of an input that roles have filled. To those of a column that the client did not name
 * it adds by what it was chosen; problems of what roles do not say come first, in place of those that it is missing.
 */
export async function tellingChosen<Result>(
  { chosen, problems }: { readonly chosen: readonly ChosenColumn[]; readonly problems: readonly InputProblem[] },
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    const result = await work();
    if (problems.length > 0) throw new ProblemsError(problems);
    return result;
  } catch (error) {
    if (!(error instanceof ProblemsError) || error.problems === problems) throw error;
    const others = error.problems.filter(
      ({ code, path }) => code !== 'REQUIRED' || !problems.some((each) => isWithin(each.path, path)),
    );
    throw new ProblemsError([...problems, ...others.map((each) => tellChosen(each, chosen))]);
  }
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.every((part, i) => path[i] === part);
}

function tellChosen(found: InputProblem, chosen: readonly ChosenColumn[]): InputProblem {
  const column = chosen.find(({ path }) => path.length === found.path.length && isWithin(found.path, path));
  if (column === undefined) return found;
  const field = column.path.findLast((part) => !/^\d+$/.test(part))!;
  const other =
    field === 'textPairColumn' ? `For single texts, give \`${field}: null\`.` : `Name another as \`${field}\`.`;
  const message = `${found.message} The input does not name it: “${column.column}” was taken by its role ${column.role}.`;
  return { ...found, message, hint: found.hint === null ? other : `${found.hint} ${other}` };
}
