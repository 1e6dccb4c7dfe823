import { checkSplit } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkPreferenceForm } from '../datasets/preferences/check-form.js';
import { preferencesByRoles } from '../datasets/preferences/form-by-roles.js';
import { toPreferenceForm } from '../datasets/preferences/preference-form.input.js';
import { withPromptByRole } from '../datasets/preferences/prompt-by-role.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { rewardHeadOf } from '../protocol/heads.js';
import type { RunSpec } from '../protocol/methods/index.js';
import { type PreferenceForm, preferenceColumns } from '../protocol/preference-form.js';
import type { EvaluateInput } from './evaluation.input.js';

/**
 * How the rows hold the judgements that a reward model is scored on: as the input says it, as in the training, or as
 * the roles say it.
 *
 * @param spec of the experiment that the model came out of; null for a model from elsewhere
 * @throws ProblemsError NO_HEAD of a model that is no reward model; UNKNOWN_COLUMN and the like
 */
export function resolveRewards(
  input: EvaluateInput,
  model: Pick<BaseModelRow, 'name' | 'manifest'>,
  version: DatasetVersionRow,
  spec: RunSpec | null,
): PreferenceForm {
  if (rewardHeadOf(model.manifest) === null) {
    const message = `The model “${model.name}” is no reward model.`;
    const path = [input.alias == null ? 'modelId' : 'alias'];
    throw new ProblemsError([problem(path, 'NO_HEAD', message, 'Leave `preference` out, or choose another model.')]);
  }
  const { form, problems } = formOf(input, version, spec);
  refuse([
    ...checkSplit(version, input.split, ['split']),
    ...checkNothingElse(input),
    ...problems,
    ...(form === null ? [] : checkPreferenceForm(version, form, ['preference'])),
  ]);
  return form!;
}

function formOf(
  { preference }: Pick<EvaluateInput, 'preference'>,
  version: DatasetVersionRow,
  spec: RunSpec | null,
): { readonly form: PreferenceForm | null; readonly problems: readonly InputProblem[] } {
  if (preference != null) {
    const named = withPromptByRole(preference, version, ['preference']);
    return { form: toPreferenceForm(named.preference), problems: named.problems };
  }
  const isThere = (column: string) => version.columns.some(({ name }) => name === column);
  if (spec?.method === 'rewardModelling' && preferenceColumns(spec.preference).every(isThere)) {
    return { form: spec.preference, problems: [] };
  }
  return preferencesByRoles(version, ['pairs', 'thumbs', 'rated'], ['preference']);
}

/** Problems of fields that a reward model has no use for. */
function checkNothingElse({ textColumn, textPairColumn, tasks }: EvaluateInput): InputProblem[] {
  const given = Object.entries({ textColumn, textPairColumn, tasks }).filter(([, value]) => value != null);
  return given.map(([field]) =>
    problem(
      [field],
      'INVALID_VALUE',
      'A reward model is scored on judgements of answers.',
      'Leave it out, and name columns by `preference`.',
    ),
  );
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
