import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { AssignedRoles } from '../../protocol/preparation/assigned-roles.js';

/**
 * What is wrong with the columns that roles are given to.
 * @param names of the columns that there are
 */
export function checkRoleColumns(roles: AssignedRoles, names: readonly string[]): InputProblem[] {
  return roles.flatMap(({ column }, i) => {
    if (names.includes(column)) return [];
    const path = ['roles', String(i), 'column'];
    return [problem(path, 'UNKNOWN_COLUMN', `The version has no column “${column}”.`, namesHint(column, names))];
  });
}

const numbers: readonly ColumnType[] = ['INTEGER', 'FLOAT'];
const lists: readonly ColumnType[] = ['TEXT_LIST', 'INTEGER_LIST', 'FLOAT_LIST'];

/** The types of columns that can have a role; roles that are not here any column can have. */
const typesOf: Partial<Record<AssignedRoles[number]['role'], readonly ColumnType[]>> = {
  NUMBER: [...numbers, 'INTEGER_LIST', 'FLOAT_LIST'],
  WEIGHT: numbers,
  TAGS: lists,
};

/** What is wrong with roles that the types of their columns do not allow. */
export function checkRoleTypes(
  roles: AssignedRoles,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
): InputProblem[] {
  return roles.flatMap(({ column, role }, i) => {
    const type = columns.find(({ name }) => name === column)?.type;
    const fitting = typesOf[role];
    if (type === undefined || fitting === undefined || fitting.includes(type)) return [];
    const message = `Column “${column}” holds ${type}; the role ${role} is for ${fitting.join(', ')}.`;
    const hint = 'Choose another role, or make a version in which the column has another type.';
    return [problem(['roles', String(i), 'role'], 'WRONG_COLUMN_TYPE', message, hint)];
  });
}
