import { type ChosenColumn, columnByRole, columnsWithRole, onlyOne } from '../../datasets/columns-by-role.js';
import type { InputProblem } from '../../problems/problem.js';
import type { TargetKind } from '../../protocol/heads.js';
import type { VersionRoles } from '../../protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';
import type {
  ClassificationHeadInput,
  HeadFields,
  HeadInput,
  MultiLabelHeadInput,
  RegressionHeadInput,
  TokenClassificationHeadInput,
} from './input.js';

/** An input with these fields given. */
type Given<Input, Field extends keyof Input> = Omit<Input, Field> & { [Each in Field]-?: NonNullable<Input[Each]> };

/** A head whose columns are named. */
export interface NamedHeadInput {
  readonly classification?: Given<ClassificationHeadInput, 'labelColumn'> | null;
  readonly multiLabel?: Given<MultiLabelHeadInput, 'labelColumn'> | null;
  readonly regression?: Given<RegressionHeadInput, 'targetColumns'> | null;
  readonly tokenClassification?: Given<TokenClassificationHeadInput, 'tagColumn'> | null;
}

export type NamedHeadFields = Omit<HeadFields, 'head'> & { readonly head?: NamedHeadInput | null };

/** Fields of a head with the columns that roles say; where they do not say them, no head, with problems. */
export interface FilledHead {
  readonly fields: NamedHeadFields;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}

const withoutHead: NamedHeadFields = { labelColumn: null, head: null };

/** By the role of a column, what a head predicts from it, and by which field the head names it. */
const targets = {
  LABEL: { kind: 'classification', field: 'labelColumn' },
  LABELS: { kind: 'multiLabel', field: 'labelColumn' },
  NUMBER: { kind: 'regression', field: 'targetColumns' },
  TAGS: { kind: 'tokenClassification', field: 'tagColumn' },
} as const satisfies Partial<Record<ColumnRole, { readonly kind: TargetKind; readonly field: string }>>;

export type TargetRole = keyof typeof targets;

export const targetRoles = Object.keys(targets) as TargetRole[];

/**
 * Names the columns that the fields of a head leave out, by the roles of a version; and where they do not say what is
 * predicted at all, that too.
 * @param path of the method or task in the input
 * @param taken columns that the input names for something else
 * @param preferred a column that is meant where several could be; undefined: none
 */
export function fillHead(
  fields: HeadFields,
  version: { readonly roles: VersionRoles },
  path: readonly string[],
  taken: readonly (string | null | undefined)[],
  preferred?: string,
): FilledHead {
  const { labelColumn, head } = fields;
  if (head == null && labelColumn == null) return headByRoles(fields, version, path, taken, preferred);
  if (head == null) return { fields: { ...fields, head: null }, chosen: [], problems: [] };
  for (const role of targetRoles) {
    const { kind, field } = targets[role];
    const asked = head[kind];
    if (asked == null || (asked as Readonly<Record<string, unknown>>)[field] != null) continue;
    const at = [...path, 'head', kind, field];
    const columns = columnsWithRole(version, [role], taken);
    const meant = columns.filter(({ column }) => column === preferred);
    const what = `the column of the ${valuesOf(role)}`;
    const { chosen, problems } =
      meant.length > 0
        ? onlyOne(version, meant, [role], { what, path: at }, taken)
        : columnByRole(version, [role], { what, path: at }, taken);
    if (chosen === null) return { fields: withoutHead, chosen: [], problems };
    const named = { ...head, [kind]: { ...asked, [field]: fieldValue(role, chosen.column) } };
    return { fields: { ...fields, head: named as NamedHeadInput }, chosen: [chosen], problems: [] };
  }
  return { fields: { ...fields, head: head as NamedHeadInput }, chosen: [], problems: [] };
}

function headByRoles(
  fields: HeadFields,
  version: { readonly roles: VersionRoles },
  path: readonly string[],
  taken: readonly (string | null | undefined)[],
  preferred?: string,
): FilledHead {
  const columns = columnsWithRole(version, targetRoles, taken);
  const meant = columns.filter(({ column }) => column === preferred);
  const field = { what: 'what to predict', path: [...path, 'head'] };
  const { chosen, problems } = onlyOne(version, meant.length > 0 ? meant : columns, targetRoles, field, taken);
  if (chosen === null) return { fields: withoutHead, chosen: [], problems };
  return { ...headOn(fields, chosen.role as TargetRole, chosen.column, path, chosen), problems: [] };
}

/** The head that a column's role asks for. */
function headOn(
  fields: HeadFields,
  role: TargetRole,
  column: string,
  path: readonly string[],
  chosen: ChosenColumn,
): Omit<FilledHead, 'problems'> {
  if (role === 'LABEL') {
    const at = [...path, 'labelColumn'];
    return { fields: { ...fields, labelColumn: column, head: null }, chosen: [{ ...chosen, path: at }] };
  }
  const { kind, field } = targets[role];
  const head = { [kind]: { [field]: fieldValue(role, column) } } as Partial<HeadInput> as NamedHeadInput;
  return { fields: { ...fields, head }, chosen: [{ ...chosen, path: [...path, 'head', kind, field] }] };
}

function fieldValue(role: TargetRole, column: string): string | string[] {
  return role === 'NUMBER' ? [column] : column;
}

function valuesOf(role: TargetRole): string {
  switch (role) {
    case 'LABEL':
      return 'labels';
    case 'LABELS':
      return 'lists of labels';
    case 'NUMBER':
      return 'numbers';
    case 'TAGS':
      return 'tags';
    default:
      return role satisfies never;
  }
}
