import { checkSplit, checkTextColumn } from '../datasets/check-columns.js';
import { columnByRole, columnsWithRole } from '../datasets/columns-by-role.js';
import { checkForm } from '../datasets/conversations/check-form.js';
import { toConversationForm } from '../datasets/conversations/conversation-form.input.js';
import { formByRoles } from '../datasets/conversations/form-by-roles.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { baseModelsByIds } from '../models/base-model.reads.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { type ConversationForm, requiredColumns } from '../protocol/conversation-form.js';
import type { InstructionTuningSpec, LanguageModellingSpec, RunSpec } from '../protocol/methods/index.js';
import type { LanguageObjective } from '../protocol/methods/language-modelling.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import type { Query } from '../protocol/sql/query.js';
import type { TokenEvaluation } from '../protocol/token-evaluation.js';
import { mostTokens, usualLengths, usualMasking } from '../protocol/usual-tokens.js';
import type { EvaluateInput } from './evaluation.input.js';
import type { TokenEvaluationInput } from './token-evaluation.input.js';

type Asked = Omit<EvaluateInput, 'tokens'> & { readonly tokens: TokenEvaluationInput };

/** What a model's own predictions of tokens are scored on. */
export interface ResolvedTokens {
  readonly tokens: TokenEvaluation;
  /** The column of the texts, or the first one of conversations. */
  readonly textColumn: string;
  /** All columns that a row needs. */
  readonly textColumns: readonly string[];
  readonly baseline: BaseModelRow | null;
}

/** The trainings that a model predicts tokens after. */
type TokenSpec = LanguageModellingSpec | InstructionTuningSpec;

/** The most characters of a chat template; those of public models have some thousands. */
const mostTemplateCharacters = 100_000;

const root = ['tokens'];

/**
 * Checks what is asked of a model's own predictions of tokens, and fills in what is left out.
 * @param spec of the experiment that the model came out of; null for a model from elsewhere
 * @throws ProblemsError
 */
export async function resolveTokens(
  query: Query,
  examples: Pick<ExampleReader, 'readExamples'>,
  asked: Asked,
  model: BaseModelRow,
  version: DatasetVersionRow,
  spec: RunSpec | null,
): Promise<ResolvedTokens> {
  const { tokens: input } = asked;
  const objective = requirePredicted(model, asked);
  const trained = tokenSpecOf(spec);
  const form = await formOf(asked, trained, version, objective, examples);
  const baseline = await baselineOf(query, input, model, objective);
  const textColumn =
    form === null
      ? (asked.textColumn ?? textColumnOf(trained, version) ?? textByRole(version))
      : requiredColumns(form)[0]!;
  refuse([
    ...checkNoHeads(asked),
    ...checkObjective(input, objective, form),
    ...checkOfConversations(input, form),
    ...checkNumbers(input, [model, ...(baseline === null ? [] : [baseline])]),
    ...checkSplit(version, asked.split, ['split']),
    ...(form !== null
      ? checkForm(version, form, [...root, 'conversation'])
      : textColumn === null
        ? [problem(['textColumn'], 'REQUIRED', 'The column of the texts is needed, or `tokens.conversation`.')]
        : checkTextColumn(version, textColumn, ['textColumn'])),
  ]);
  return {
    tokens: {
      objective,
      masking: objective === 'masked' ? { ...(input.masking ?? maskingOf(trained) ?? usualMasking) } : null,
      conversations: form === null ? null : conversationsOf(input, form, trained),
      maxLength: input.maxLength ?? usualLength(form, trained, baseline === null ? [model] : [model, baseline]),
      truncationSide: input.truncationSide ?? trained?.hyperparameters.truncationSide ?? model.manifest.truncationSide,
      seed: input.seed ?? trained?.hyperparameters.seed ?? 0,
      baselineDigest: baseline?.digest ?? null,
    },
    textColumn: textColumn!,
    textColumns: form === null ? [textColumn!] : requiredColumns(form),
    baseline,
  };
}

/** What the model predicts. Throws ProblemsError for one that predicts no tokens. */
function requirePredicted({ name, manifest }: BaseModelRow, { alias }: Asked): LanguageObjective {
  const objective = predictedTokensOf(manifest);
  if (objective !== null) return objective;
  const path = alias == null ? 'modelId' : 'alias';
  const hint =
    manifest.heads.length > 0
      ? 'It has heads: name them in `tasks`, and leave `tokens` out.'
      : 'Choose a decoder, or an encoder with what predicts masked tokens: `languageModelling` trains one.';
  throw new ProblemsError([problem([path], 'INVALID_VALUE', `The model “${name}” does not predict tokens.`, hint)]);
}

function tokenSpecOf(spec: RunSpec | null): TokenSpec | null {
  return spec?.method === 'languageModelling' || spec?.method === 'instructionTuning' ? spec : null;
}

function maskingOf(trained: TokenSpec | null) {
  return trained?.method === 'languageModelling' ? trained.masking : null;
}

function textColumnOf(trained: TokenSpec | null, { columns }: DatasetVersionRow): string | null {
  const column = trained?.method === 'languageModelling' ? trained.textColumn : null;
  return columns.some(({ name }) => name === column) ? column : null;
}

/** The column of texts that the roles say; null: none, or several. */
function textByRole(version: DatasetVersionRow): string | null {
  const field = { what: 'the column of the texts', path: ['textColumn'] };
  return columnByRole(version, ['TEXT', 'TOKENS'], field).chosen?.column ?? null;
}

/**
 * The form of the conversations: as the input has it, as that of the training, or, where the columns of the training
 * are not there, as the roles say it; null: texts are read.
 */
async function formOf(
  { textColumn, tokens }: Asked,
  trained: TokenSpec | null,
  version: DatasetVersionRow,
  objective: LanguageObjective,
  examples: Pick<ExampleReader, 'readExamples'>,
): Promise<ConversationForm | null> {
  if (tokens.conversation != null) {
    if (textColumn == null) return toConversationForm(tokens.conversation);
    const message = 'Give either `textColumn` or `tokens.conversation`, not both.';
    throw new ProblemsError([problem(['textColumn'], 'INVALID_VALUE', message)]);
  }
  if (textColumn != null || objective !== 'causal' || trained?.method === 'languageModelling') return null;
  const names = version.columns.map(({ name }) => name);
  if (trained !== null && requiredColumns(trained.conversation).every((name) => names.includes(name))) {
    return trained.conversation;
  }
  if (trained === null && columnsWithRole(version, ['TEXT', 'TOKENS']).length > 0) return null;
  return (await formByRoles(version, examples, [...root, 'conversation'])).form;
}

function conversationsOf(
  { learned, chatTemplate, unlearnable, templateTime }: TokenEvaluationInput,
  form: ConversationForm,
  trained: TokenSpec | null,
): NonNullable<TokenEvaluation['conversations']> {
  const tuned = trained?.method === 'instructionTuning' ? trained : null;
  return {
    form,
    learned: learned ?? tuned?.learned ?? 'completions',
    // A template that a training was given is the model's own since.
    chatTemplate: chatTemplate ?? null,
    templateTime: templateTime?.toISOString() ?? tuned?.templateTime ?? new Date().toISOString(),
    unlearnable: unlearnable ?? tuned?.unlearnable ?? 'refuse',
  };
}

function usualLength(
  form: ConversationForm | null,
  trained: TokenSpec | null,
  models: readonly BaseModelRow[],
): number {
  const usual =
    trained?.hyperparameters.maxLength ?? (form === null ? usualLengths.document : usualLengths.conversation);
  return Math.min(usual, ...models.map(({ manifest }) => manifest.contextLength));
}

/** The model to compare with; null: none is. Throws ProblemsError. */
async function baselineOf(
  query: Query,
  { baselineId, withoutBaseline }: TokenEvaluationInput,
  model: BaseModelRow,
  objective: LanguageObjective,
): Promise<BaseModelRow | null> {
  const path = [...root, 'baselineId'];
  if (baselineId != null) {
    if (withoutBaseline) {
      const message = 'A baseline is given, and `withoutBaseline` asks for none.';
      throw new ProblemsError([problem(path, 'INVALID_VALUE', message, 'Leave out one of the two.')]);
    }
    const baseline = await requireBaseModel(query, baselineId, model.projectId, path);
    if (predictedTokensOf(baseline.manifest) === objective) return baseline;
    const what = objective === 'causal' ? 'the next token' : 'masked tokens';
    const message = `The model “${baseline.name}” does not predict ${what}.`;
    throw new ProblemsError([problem(path, 'INVALID_VALUE', message, 'Choose one that does, or leave it out.')]);
  }
  if (withoutBaseline) return null;
  const [started] = await query<{ id: string }>(
    `SELECT e.base_model_id AS id FROM runs r JOIN experiments e ON e.id = r.experiment_id WHERE r.id = $1`,
    [model.producedByRunId],
  );
  const [baseline] = started === undefined ? [] : await baseModelsByIds(query, [started.id]);
  return baseline !== undefined && predictedTokensOf(baseline.manifest) === objective ? baseline : null;
}

/** The problems of fields that are of heads. */
function checkNoHeads({ tasks, textPairColumn, unknownLabels }: Asked): InputProblem[] {
  const of = (field: string, what: string) =>
    problem([field], 'INVALID_VALUE', `${what} of heads, and \`tokens\` scores the model itself.`, 'Leave it out.');
  return [
    ...((tasks ?? []).length === 0 ? [] : [of('tasks', 'Tasks are')]),
    ...(textPairColumn == null ? [] : [of('textPairColumn', 'Pairs of texts are')]),
    ...(unknownLabels == null ? [] : [of('unknownLabels', 'Labels are')]),
  ];
}

function checkObjective(
  { objective, masking }: TokenEvaluationInput,
  predicted: LanguageObjective,
  form: ConversationForm | null,
): InputProblem[] {
  const problems: InputProblem[] = [];
  if (objective != null && objective !== predicted) {
    const what = predicted === 'causal' ? 'each token from those before it' : 'masked tokens from all others';
    problems.push(
      problem([...root, 'objective'], 'INVALID_VALUE', `The model predicts ${what}.`, 'Leave `objective` out.'),
    );
  }
  if (masking != null && predicted === 'causal') {
    const message = 'No token is masked where each is predicted from those before it.';
    problems.push(problem([...root, 'masking'], 'INVALID_VALUE', message, 'Leave `masking` out.'));
  }
  if (masking != null && !(masking.share > 0 && masking.share < 1)) {
    const message = `The share of masked tokens is ${masking.share}; it has to be above 0 and below 1.`;
    problems.push(problem([...root, 'masking', 'share'], 'INVALID_VALUE', message));
  }
  if (form !== null && predicted === 'masked') {
    const message = 'Answers are written by a decoder: a model of masked tokens reads a column of texts.';
    problems.push(problem([...root, 'conversation'], 'INVALID_VALUE', message, 'Give `textColumn` in its place.'));
  }
  return problems;
}

/** The problems of settings that only conversations have. */
function checkOfConversations(input: TokenEvaluationInput, form: ConversationForm | null): InputProblem[] {
  const { chatTemplate } = input;
  const at = [...root, 'chatTemplate'];
  if (form === null) {
    return (['learned', 'chatTemplate', 'unlearnable', 'templateTime', 'truncationSide'] as const)
      .filter((field) => input[field] != null)
      .map((field) =>
        problem(
          [...root, field],
          'INVALID_VALUE',
          `\`${field}\` is of conversations, and a column of texts is read.`,
          'Leave it out, or give `conversation`.',
        ),
      );
  }
  if (chatTemplate == null) return [];
  if (chatTemplate.trim() === '') return [problem(at, 'REQUIRED', 'The chat template is empty.', 'Leave it out.')];
  if (chatTemplate.length <= mostTemplateCharacters) return [];
  const most = mostTemplateCharacters.toLocaleString('en');
  return [problem(at, 'TOO_LONG', `A chat template has at most ${most} characters.`)];
}

function checkNumbers({ maxLength, seed }: TokenEvaluationInput, models: readonly BaseModelRow[]): InputProblem[] {
  const problems: InputProblem[] = [];
  const at = [...root, 'maxLength'];
  if (maxLength != null && maxLength < 2) {
    problems.push(problem(at, 'INVALID_VALUE', 'At least 2 tokens are needed: each is predicted from others.'));
  }
  if (maxLength != null && maxLength > mostTokens) {
    problems.push(problem(at, 'INVALID_VALUE', `Must be at most ${mostTokens}.`));
  }
  for (const { name, manifest } of models) {
    if (maxLength == null || maxLength > mostTokens || maxLength <= manifest.contextLength) continue;
    const message = `The model “${name}” reads at most ${manifest.contextLength} tokens, fewer than ${maxLength}.`;
    problems.push(problem(at, 'TOO_LONG', message));
  }
  if (seed != null && !(Number.isSafeInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
    problems.push(problem([...root, 'seed'], 'INVALID_VALUE', `A seed is from 0 to ${0xffffffff}.`));
  }
  return problems;
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
