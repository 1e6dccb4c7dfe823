import { checkSplit } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkPreferenceForm } from '../datasets/preferences/check-form.js';
import { preferencesByRoles } from '../datasets/preferences/form-by-roles.js';
import { toPreferenceForm } from '../datasets/preferences/preference-form.input.js';
import { withPromptByRole } from '../datasets/preferences/prompt-by-role.js';
import { type BaseModelRow, baseModelsByIds } from '../models/base-model.reads.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { PreferenceOptimizationSpec, RunSpec } from '../protocol/methods/index.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import type { PreferenceEvaluation } from '../protocol/preference-evaluation.js';
import { type PreferenceForm, preferenceColumns } from '../protocol/preference-form.js';
import { hasReference } from '../protocol/preference-objective.js';
import type { Query } from '../protocol/sql/query.js';
import { mostTokens, usualLengths } from '../protocol/usual-tokens.js';
import type { EvaluateInput } from './evaluation.input.js';
import type { PreferenceReadingInput } from './preference-reading.input.js';

/** What a language model is scored on, of judged answers. */
export interface ResolvedPreferences {
  readonly preference: PreferenceForm;
  readonly reading: PreferenceEvaluation;
  readonly reference: BaseModelRow | null;
}

/** The β of most published DPO trainings, and of the default objective. */
const usualBeta = 0.1;

/** The most characters of a chat template; those of public models have some thousands. */
const mostTemplateCharacters = 100_000;

const root = ['preferenceReading'];

/**
 * Checks what is asked of a language model and judged answers, and fills in what is left out.
 *
 * @param spec of the experiment that the model came out of; null for a model from elsewhere
 * @throws ProblemsError
 */
export async function resolvePreferences(
  query: Query,
  input: EvaluateInput,
  model: BaseModelRow,
  version: DatasetVersionRow,
  spec: RunSpec | null,
): Promise<ResolvedPreferences> {
  requireAnswers(model, input);
  const asked = input.preferenceReading ?? { withoutReference: false };
  const trained = spec?.method === 'preferenceOptimization' ? spec : null;
  const reference = await referenceOf(query, asked, model);
  const models = reference === null ? [model] : [model, reference];
  const { form, problems } = formOf(input, version, trained);
  refuse([
    ...checkSplit(version, input.split, ['split']),
    ...checkNothingElse(input),
    ...problems,
    ...(form === null ? [] : [...checkPairs(form), ...checkPreferenceForm(version, form, ['preference'])]),
    ...checkReading(asked, models),
  ]);
  const { objective, hyperparameters } = trained ?? {};
  const usual = Math.min(
    hyperparameters?.maxLength ?? usualLengths.conversation,
    ...models.map(({ manifest }) => manifest.contextLength),
  );
  return {
    preference: form!,
    reading: {
      referenceDigest: reference?.digest ?? null,
      beta: asked.beta ?? (objective !== undefined && hasReference(objective) ? objective.beta : usualBeta),
      maxLength: asked.maxLength ?? usual,
      truncationSide: asked.truncationSide ?? hyperparameters?.truncationSide ?? model.manifest.truncationSide,
      // A template that a training was given is the model's own since.
      chatTemplate: asked.chatTemplate ?? null,
      templateTime: asked.templateTime?.toISOString() ?? trained?.templateTime ?? new Date().toISOString(),
    },
    reference,
  };
}

/** Throws ProblemsError for a model that gives answers no probability. */
function requireAnswers({ name, manifest }: BaseModelRow, { alias }: EvaluateInput): void {
  if (predictedTokensOf(manifest) === 'causal') return;
  const message = `The model “${name}” is neither a reward model nor a decoder that predicts the next token.`;
  const hint = 'Leave `preference` and `preferenceReading` out, or choose another model.';
  throw new ProblemsError([problem([alias == null ? 'modelId' : 'alias'], 'NO_HEAD', message, hint)]);
}

function formOf(
  { preference }: Pick<EvaluateInput, 'preference'>,
  version: DatasetVersionRow,
  trained: PreferenceOptimizationSpec | null,
): { readonly form: PreferenceForm | null; readonly problems: readonly InputProblem[] } {
  if (preference != null) {
    const named = withPromptByRole(preference, version, ['preference']);
    return { form: toPreferenceForm(named.preference), problems: named.problems };
  }
  const isThere = (column: string) => version.columns.some(({ name }) => name === column);
  if (
    trained !== null &&
    trained.preference.kind !== 'thumbs' &&
    preferenceColumns(trained.preference).every(isThere)
  ) {
    return { form: trained.preference, problems: [] };
  }
  return preferencesByRoles(version, ['pairs', 'rated'], ['preference']);
}

function checkPairs({ kind }: PreferenceForm): InputProblem[] {
  if (kind !== 'thumbs') return [];
  const message = 'Answers with thumbs make no pairs of answers to the same prompt.';
  return [problem(['preference', 'thumbs'], 'INVALID_VALUE', message, 'Give `pairs` or `rated`.')];
}

/** The model to compare with; null: none is. Throws ProblemsError. */
async function referenceOf(
  query: Query,
  { referenceId, withoutReference }: PreferenceReadingInput,
  model: BaseModelRow,
): Promise<BaseModelRow | null> {
  const path = [...root, 'referenceId'];
  if (referenceId != null) {
    if (withoutReference) {
      const message = 'A reference is given, and `withoutReference` asks for none.';
      throw new ProblemsError([problem(path, 'INVALID_VALUE', message, 'Leave out one of the two.')]);
    }
    const reference = await requireBaseModel(query, referenceId, model.projectId, path);
    if (compares(reference, model)) return reference;
    const message = `Probabilities by the model “${reference.name}” can not be compared: it has another tokenizer, or predicts no next token.`;
    throw new ProblemsError([
      problem(path, 'INVALID_VALUE', message, 'Choose the model that this one was trained from.'),
    ]);
  }
  if (withoutReference) return null;
  const [started] = await query<{ id: string }>(
    `SELECT COALESCE(e.reference_model_id, e.base_model_id) AS id
       FROM runs r JOIN experiments e ON e.id = r.experiment_id WHERE r.id = $1`,
    [model.producedByRunId],
  );
  const [reference] = started === undefined ? [] : await baseModelsByIds(query, [started.id]);
  return reference !== undefined && compares(reference, model) ? reference : null;
}

function compares(reference: BaseModelRow, { manifest }: BaseModelRow): boolean {
  return (
    predictedTokensOf(reference.manifest) === 'causal' &&
    reference.manifest.tokenizer.digest === manifest.tokenizer.digest
  );
}

function checkReading(
  { beta, maxLength, chatTemplate }: PreferenceReadingInput,
  models: readonly BaseModelRow[],
): InputProblem[] {
  const problems: InputProblem[] = [];
  if (beta != null && !(beta > 0 && Number.isFinite(beta))) {
    problems.push(problem([...root, 'beta'], 'INVALID_VALUE', `β is ${beta}; it has to be above 0.`));
  }
  const at = [...root, 'maxLength'];
  if (maxLength != null && (maxLength < 2 || maxLength > mostTokens)) {
    problems.push(problem(at, 'INVALID_VALUE', `Must be from 2 to ${mostTokens}.`));
  }
  for (const { name, manifest } of models) {
    if (maxLength == null || maxLength > mostTokens || maxLength <= manifest.contextLength) continue;
    const message = `The model “${name}” reads at most ${manifest.contextLength} tokens, fewer than ${maxLength}.`;
    problems.push(problem(at, 'TOO_LONG', message));
  }
  const template = [...root, 'chatTemplate'];
  if (chatTemplate?.trim() === '') {
    problems.push(problem(template, 'REQUIRED', 'The chat template is empty.', 'Leave it out.'));
  }
  if ((chatTemplate?.length ?? 0) > mostTemplateCharacters) {
    const most = mostTemplateCharacters.toLocaleString('en');
    problems.push(problem(template, 'TOO_LONG', `A chat template has at most ${most} characters.`));
  }
  return problems;
}

/** Problems of fields that judged answers have no use for. */
function checkNothingElse({ textColumn, textPairColumn, tasks, tokens }: EvaluateInput): InputProblem[] {
  const given = Object.entries({ textColumn, textPairColumn, tasks, tokens }).filter(([, value]) => value != null);
  return given.map(([field]) =>
    problem(
      [field],
      'INVALID_VALUE',
      'A language model is scored on judged answers here.',
      'Leave it out, and name columns by `preference`; or leave `preference` and `preferenceReading` out.',
    ),
  );
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
