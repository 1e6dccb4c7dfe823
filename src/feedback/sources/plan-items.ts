import { columnByRole, columnsWithRole } from '../../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../../datasets/dataset.reads.js';
import { requireVersion } from '../../datasets/require-version.js';
import { trainedTexts } from '../../evaluations/trained-texts.js';
import { checkGeneration } from '../../generations/check-generation.js';
import { requireNextTokens } from '../../generations/generation-problems.js';
import { settingsOf } from '../../generations/generation-settings.js';
import { rowId } from '../../graphql/global-id.js';
import { requireNamedModel } from '../../models/aliases/named-model.js';
import type { BaseModelRow } from '../../models/base-model.reads.js';
import { specOfModel } from '../../models/spec-of-model.js';
import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { feedbackLimits } from '../../protocol/feedback/feedback-limits.js';
import {
  type AnswerVariant,
  type ItemColumns,
  type ItemsFrom,
  itemSourceLimits as limits,
  type MakeItemsJob,
} from '../../protocol/feedback/make-items-job.js';
import type { FeedbackKind, FeedbackQuestion } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import { feedbackTasksByIds } from '../feedback-task.reads.js';
import type {
  AnswerVariantInput,
  FeedbackItemSourceInput,
  GenerationItemsInput,
  PredictionItemsInput,
  RowItemsInput,
} from './item-source.input.js';
import { planRanking } from './plan-ranking.js';

interface Project {
  readonly id: string;
  readonly slug: string;
}

/** A job to make items, but for the id of its source. */
export type PlannedItems = Omit<MakeItemsJob, 'itemSourceId'>;

/** Questions about one text. */
const aboutText: readonly FeedbackKind[] = ['rating', 'labels', 'spans', 'correction', 'thumbs'];

/** Checks what items are to be made of. Throws ProblemsError, whose paths lead into the input's `source`. */
export async function planItems(
  query: Query,
  project: Project,
  question: FeedbackQuestion,
  { rows, predictions, generations }: FeedbackItemSourceInput,
): Promise<PlannedItems> {
  const [field, input] =
    rows != null
      ? (['rows', rows] as const)
      : predictions != null
        ? (['predictions', predictions] as const)
        : (['generations', generations!] as const);
  return within(['source', field], async () => {
    const version = await requireVersion(query, input.datasetVersionId, project.id, ['datasetVersionId']);
    const problems = [...checkSplit(version, input.split ?? null), ...inRange('most', input.most, 1, limits.maxRows)];
    if (problems.length > 0) throw new ProblemsError(problems);
    const columns = columnsOf(version, question.kind, field, input);
    const from =
      rows != null
        ? ({ kind: 'rows' } as const)
        : predictions != null
          ? await fromPredictions(query, project, question, predictions)
          : await fromGenerations(query, project, question, generations!);
    return {
      kind: 'makeItems',
      question,
      versionId: version.id,
      dataDigest: version.digest,
      split: input.split ?? null,
      columns,
      most: input.most,
      seed: input.seed ?? null,
      except: await rowsOfTasks(query, project, version, input.exceptTaskIds ?? []),
      from,
      ranking: await planRanking(query, project, question, rows?.rankedBy ?? generations?.rankedBy),
    };
  });
}

async function within<Result>(path: readonly string[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
  }
}

/** The rows of a version that items of these tasks were made of. */
async function rowsOfTasks(
  query: Query,
  project: Project,
  version: DatasetVersionRow,
  taskIds: readonly string[],
): Promise<number[]> {
  const path = ['exceptTaskIds'];
  if (taskIds.length === 0) return [];
  if (taskIds.length > limits.maxExceptTasks) {
    throw new ProblemsError([problem(path, 'TOO_LONG', `At most ${limits.maxExceptTasks} tasks can be named.`)]);
  }
  const ids = taskIds.map((id, i) => rowId('FeedbackTask', id, [...path, String(i)]));
  const known = new Set(
    (await feedbackTasksByIds(query, ids)).flatMap((t) => (t.projectId === project.id ? [t.id] : [])),
  );
  const unknown = ids.flatMap((id, i) => (known.has(id) ? [] : [[...path, String(i)]]));
  if (unknown.length > 0) {
    const message = 'The project has no feedback task with this id.';
    throw new ProblemsError(unknown.map((at) => problem(at, 'NOT_FOUND', message)));
  }
  const rows = await query<{ row: number }>(
    `SELECT DISTINCT (content #>> '{row,row}')::float8 AS row FROM feedback_items
      WHERE task_id = ANY($1::uuid[]) AND content #>> '{row,versionId}' = $2 ORDER BY 1`,
    [ids, version.id],
  );
  return rows.map(({ row }) => row);
}

function checkSplit({ splits }: DatasetVersionRow, split: string | null): InputProblem[] {
  const names = splits.map(({ name }) => name);
  if (split === null || names.includes(split)) return [];
  const message = `The dataset version has no split “${split}”.`;
  return [problem(['split'], 'UNKNOWN_SPLIT', message, namesHint(split, names))];
}

function columnsOf(
  version: DatasetVersionRow,
  kind: FeedbackKind,
  field: 'rows' | 'predictions' | 'generations',
  input: RowItemsInput | PredictionItemsInput | GenerationItemsInput,
): ItemColumns {
  const named = {
    text: 'textColumn' in input ? (input.textColumn ?? null) : null,
    prompt: 'promptColumn' in input ? (input.promptColumn ?? null) : null,
    answers: 'answerColumns' in input ? (input.answerColumns ?? null) : null,
  };
  const problems = [
    ...unknownColumn(version, named.text, ['textColumn']),
    ...unknownColumn(version, named.prompt, ['promptColumn']),
    ...(named.answers ?? []).flatMap((name, i) => unknownColumn(version, name, ['answerColumns', String(i)])),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  switch (field) {
    case 'predictions':
      return { text: named.text ?? roleOf(version, ['TEXT', 'TOKENS'], 'textColumn'), prompt: null, answers: [] };
    case 'generations': {
      const prompt = named.prompt ?? roleOf(version, ['PROMPT', 'MESSAGES', 'TEXT'], 'promptColumn');
      return { text: null, prompt: promptOf(version, prompt), answers: [] };
    }
    case 'rows':
      return columnsOfRows(version, kind, named);
    default:
      return field satisfies never;
  }
}

function columnsOfRows(
  version: DatasetVersionRow,
  kind: FeedbackKind,
  named: { readonly text: string | null; readonly prompt: string | null; readonly answers: readonly string[] | null },
): ItemColumns {
  const paired = columnsWithRole(version, ['CHOSEN', 'REJECTED']).map(({ column }) => column);
  const answers = [...(named.answers ?? (kind === 'pairwise' && named.text === null ? paired : []))];
  const isAboutText = aboutText.includes(kind);
  const problems = [
    ...checkAnswers(kind, answers, named.text),
    ...(named.text !== null && !isAboutText
      ? [problem(['textColumn'], 'INVALID_VALUE', 'The question is about no text of its own.', 'Leave it out.')]
      : []),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const needsText = isAboutText && answers.length === 0;
  const text = needsText ? (named.text ?? roleOf(version, ['TEXT', 'TOKENS'], 'textColumn')) : null;
  const [prompts] = [columnsWithRole(version, ['PROMPT', 'MESSAGES'])];
  const prompt =
    named.prompt ??
    (kind === 'demonstration'
      ? roleOf(version, ['PROMPT', 'MESSAGES', 'TEXT'], 'promptColumn')
      : prompts.length === 1
        ? prompts[0]!.column
        : null);
  return { text, prompt: prompt === null ? null : promptOf(version, prompt), answers };
}

function checkAnswers(kind: FeedbackKind, answers: readonly string[], text: string | null): InputProblem[] {
  const path = ['answerColumns'];
  const { length } = answers;
  if (kind === 'pairwise' && length !== 2) {
    const hint = 'Name two columns; without names, those with the roles CHOSEN and REJECTED are taken.';
    return [problem(path, 'REQUIRED', `A comparison needs two columns of answers, and there are ${length}.`, hint)];
  }
  if (kind === 'ranking' && (length < 2 || length > feedbackLimits.maxAnswers)) {
    const message = `A ranking needs 2 to ${feedbackLimits.maxAnswers} columns of answers, and there are ${length}.`;
    return [problem(path, length < 2 ? 'REQUIRED' : 'TOO_LONG', message)];
  }
  if (kind === 'demonstration' && length > 0) {
    return [problem(path, 'INVALID_VALUE', 'People write the answers themselves.', 'Leave it out.')];
  }
  if (aboutText.includes(kind) && (length > 1 || (length === 1 && text !== null))) {
    const message = 'The question is about one text.';
    return [problem(path, 'INVALID_VALUE', message, 'Give `textColumn`, or one of `answerColumns`.')];
  }
  const twice = answers.find((name, i) => answers.indexOf(name) < i);
  return twice === undefined ? [] : [problem(path, 'INVALID_VALUE', `The column “${twice}” is there twice.`)];
}

function roleOf(version: DatasetVersionRow, roles: Parameters<typeof columnByRole>[1], field: string): string {
  const what = field === 'textColumn' ? 'the column of the texts' : 'the column of the prompts';
  const { chosen, problems } = columnByRole(version, roles, { what, path: [field] });
  if (chosen === null) throw new ProblemsError(problems);
  return chosen.column;
}

function unknownColumn({ columns }: DatasetVersionRow, name: string | null, path: readonly string[]): InputProblem[] {
  const names = columns.map((column) => column.name);
  if (name === null || names.includes(name)) return [];
  return [problem(path, 'UNKNOWN_COLUMN', `The dataset version has no column “${name}”.`, namesHint(name, names))];
}

/** Conversations are stored as JSON. */
function promptOf({ columns }: DatasetVersionRow, column: string): NonNullable<ItemColumns['prompt']> {
  return { column, form: columns.find(({ name }) => name === column)?.type === 'JSON' ? 'messages' : 'text' };
}

async function fromPredictions(
  query: Query,
  project: Project,
  question: FeedbackQuestion,
  input: PredictionItemsInput,
): Promise<ItemsFrom> {
  if (question.kind !== 'labels') {
    const message = 'Predictions tell which rows a model is unsure of, for questions of labels.';
    throw new ProblemsError([problem([], 'INVALID_VALUE', message, 'Take `rows`, or a question of `labels`.')]);
  }
  const model = await requireModel(query, project, input);
  const heads = model.manifest.heads.filter(({ kind }) => kind === 'classification' || kind === 'multiLabel');
  const names = heads.map(({ task }) => task);
  if (heads.length === 0) {
    const message = `The model “${model.name}” has no head of labels.`;
    throw new ProblemsError([problem(['modelId'], 'NO_HEAD', message, 'Choose a classifier.')]);
  }
  const task = input.task ?? (names.length === 1 ? names[0]! : null);
  if (task === null) {
    const message = 'The model has several heads of labels.';
    throw new ProblemsError([problem(['task'], 'REQUIRED', message, namesHint('', names))]);
  }
  if (!names.includes(task)) {
    const message = `The model has no head of labels “${task}”.`;
    throw new ProblemsError([problem(['task'], 'UNKNOWN_TASK', message, namesHint(task, names))]);
  }
  if (trainedTexts(await specOfModel(query, model.id))?.pairColumn != null) {
    const message = 'The model was trained on pairs of texts, and items have one text.';
    throw new ProblemsError([problem(['modelId'], 'UNSUPPORTED_MODEL', message)]);
  }
  const pool = input.pool ?? input.most;
  const problems = inRange('pool', pool, input.most, limits.maxPool);
  if (problems.length > 0) throw new ProblemsError(problems);
  return { kind: 'predictions', modelId: model.id, modelDigest: model.digest, task, pool, by: input.by };
}

async function fromGenerations(
  query: Query,
  project: Project,
  question: FeedbackQuestion,
  input: GenerationItemsInput,
): Promise<ItemsFrom> {
  if (question.kind === 'demonstration') {
    const message = 'People write the answers themselves.';
    throw new ProblemsError([problem([], 'INVALID_VALUE', message, 'Take `rows` with a column of prompts.')]);
  }
  const { variants, pairsPerPrompt, asConversation } = input;
  const problems = [
    ...(variants.length === 0 ? [problem(['variants'], 'REQUIRED', 'A model has to write.')] : []),
    ...(variants.length > limits.maxVariants
      ? [problem(['variants'], 'TOO_LONG', `At most ${limits.maxVariants} models or settings can write.`)]
      : []),
    ...(pairsPerPrompt == null ? [] : inRange('pairsPerPrompt', pairsPerPrompt, 1, 190)),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const planned: AnswerVariant[] = [];
  for (const [i, variant] of variants.entries()) {
    planned.push(await within(['variants', String(i)], () => plannedVariant(query, project, variant)));
  }
  const answers = planned.reduce((sum, { settings }) => sum + settings.samples, 0);
  const least = question.kind === 'pairwise' || question.kind === 'ranking' ? 2 : 1;
  if (answers < least || answers > feedbackLimits.maxAnswers) {
    const message = `Each prompt gets ${least} to ${feedbackLimits.maxAnswers} answers, and these are ${answers}.`;
    const hint = 'Change `variants`, or their `samples`.';
    throw new ProblemsError([problem(['variants'], answers < least ? 'REQUIRED' : 'TOO_LONG', message, hint)]);
  }
  return { kind: 'generations', variants: planned, asConversation, pairsPerPrompt: pairsPerPrompt ?? null };
}

async function plannedVariant(query: Query, project: Project, variant: AnswerVariantInput): Promise<AnswerVariant> {
  const { sampling, maxTokens, stop, samples, weights } = variant;
  const model = await requireModel(query, project, variant);
  requireNextTokens(model);
  const request = { prompts: [{ text: 'a prompt' }], sampling, maxTokens, stop, samples, weights };
  checkGeneration(request);
  return { modelId: model.id, modelDigest: model.digest, settings: settingsOf(request) };
}

async function requireModel(
  query: Query,
  project: Project,
  { modelId, alias }: { readonly modelId?: string | null; readonly alias?: string | null },
): Promise<BaseModelRow> {
  const model = await requireNamedModel(query, { modelId, alias, projectSlug: project.slug });
  if (model.projectId === project.id) return model;
  throw new ProblemsError([problem(['modelId'], 'NOT_FOUND', 'There is no base model with this id in the project.')]);
}

function inRange(field: string, value: number, least: number, most: number): InputProblem[] {
  if (value >= least && value <= most) return [];
  return [problem([field], 'INVALID_VALUE', `The value must be from ${least} to ${most}; it is ${value}.`)];
}
