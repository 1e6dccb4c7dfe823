import { type InputProblem, problem } from '../../problems/problem.js';
import type { PreferenceForm } from '../../protocol/preference-form.js';
import type { VersionRoles } from '../../protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';
import { type ChosenColumn, columnByRole, columnsWithRole } from '../columns-by-role.js';

/** The form of a version's judgements, by the roles of its columns; null, with problems, where these do not say. */
export interface PreferencesByRoles {
  readonly form: PreferenceForm | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}

interface Sought {
  readonly field: string;
  readonly what: string;
  /** In order of preference. */
  readonly roles: readonly ColumnRole[];
  readonly isOptional?: true;
}

const prompt = { field: 'promptColumn', what: 'the column of the prompts' } as const;
const answer = {
  field: 'completionColumn',
  what: 'the column of the answers',
  roles: ['COMPLETION', 'TEXT'],
} as const;

const columnsOf: Readonly<Record<PreferenceForm['kind'], readonly Sought[]>> = {
  pairs: [
    { ...prompt, roles: ['PROMPT'], isOptional: true },
    { field: 'chosenColumn', what: 'the column of the better answers', roles: ['CHOSEN'] },
    { field: 'rejectedColumn', what: 'the column of the other answers', roles: ['REJECTED'] },
  ],
  rated: [
    { ...prompt, roles: ['PROMPT', 'SECOND_TEXT'] },
    answer,
    { field: 'ratingColumn', what: 'the column of the ratings', roles: ['NUMBER'] },
  ],
  thumbs: [
    { ...prompt, roles: ['PROMPT'], isOptional: true },
    { ...answer, roles: ['COMPLETION'] },
    { field: 'thumbColumn', what: 'the column of the thumbs', roles: ['LABEL'] },
  ],
};

/**
 * How rows hold judgements: pairs in the columns CHOSEN and REJECTED; thumbs in LABEL, beside COMPLETION; ratings in
 * NUMBER, beside COMPLETION or TEXT. Strengths and probabilities have no role: an input names them.
 *
 * @param kinds the forms that a method takes
 * @param path of the form in the input
 */
export function preferencesByRoles(
  version: { readonly roles: VersionRoles },
  kinds: readonly PreferenceForm['kind'][],
  path: readonly string[],
): PreferencesByRoles {
  const has = (...roles: ColumnRole[]) => columnsWithRole(version, roles).length > 0;
  const present: Readonly<Record<PreferenceForm['kind'], boolean>> = {
    pairs: has('CHOSEN', 'REJECTED'),
    thumbs: has('COMPLETION') && has('LABEL'),
    rated: has('COMPLETION', 'TEXT') && has('NUMBER'),
  };
  const kind = kinds.find((each) => present[each]);
  if (kind === undefined) {
    const other = (Object.keys(present) as PreferenceForm['kind'][]).find((each) => present[each]);
    const message =
      other === undefined
        ? 'The input does not say how rows hold judgements of answers, and no columns have roles that do: CHOSEN and REJECTED, or COMPLETION with LABEL or NUMBER.'
        : `The rows hold judgements as \`${other}\`, and this method learns from ${kinds.map((each) => `\`${each}\``).join(' or ')}.`;
    const hint = 'Name the columns, e.g. `pairs: { chosenColumn: "chosen", rejectedColumn: "rejected" }`.';
    return { form: null, chosen: [], problems: [problem(path, 'REQUIRED', message, hint)] };
  }
  const found = columnsOf[kind].map(({ field, what, roles, isOptional }) => {
    const at = { what, path: [...path, kind, field] };
    if (isOptional && columnsWithRole(version, roles).length === 0) return { field, chosen: null, problems: [] };
    return { field, ...columnByRole(version, roles, at) };
  });
  const problems = found.flatMap((each) => each.problems);
  if (problems.length > 0) return { form: null, chosen: [], problems };
  const columns = Object.fromEntries(found.map(({ field, chosen }) => [field, chosen?.column ?? null]));
  const unnamed = kind === 'pairs' ? { strengthColumn: null, probabilityColumn: null } : {};
  return {
    form: { kind, ...columns, ...unnamed } as PreferenceForm,
    chosen: found.flatMap(({ chosen }) => (chosen === null ? [] : [chosen])),
    problems: [],
  };
}
