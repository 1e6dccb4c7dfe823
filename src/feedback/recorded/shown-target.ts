import { saidIn } from '../../generations/answers.js';
import { generationsByIds, logsOfGenerations } from '../../generations/generation.reads.js';
import { rowId } from '../../graphql/global-id.js';
import { requireNamedModel } from '../../models/aliases/named-model.js';
import type { BaseModelRow } from '../../models/base-model.reads.js';
import { baseModelsByIds } from '../../models/base-model.reads.js';
import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { feedbackLimits as limits } from '../../protocol/feedback/feedback-limits.js';
import { groupOf } from '../../protocol/feedback/group-of.js';
import type { FeedbackItemContent } from '../../protocol/feedback.js';
import { LoggedGenerationEvent } from '../../protocol/generation.js';
import type { ModelHead } from '../../protocol/heads.js';
import type { Query } from '../../protocol/sql/query.js';
import type { AnswerTargetInput, FeedbackTargetInput, PredictionTargetInput } from './recorded-feedback.input.js';
import type { RecordedTarget } from './recorded-feedback.reads.js';
import { shownLabels } from './recorded-feedback.type.js';

/** What feedback is about, as it was shown. */
export interface ShownTarget {
  readonly model: BaseModelRow;
  /** Of a prediction: the head that made it. */
  readonly head: ModelHead | null;
  readonly generationId: string | null;
  readonly target: RecordedTarget;
  readonly content: FeedbackItemContent;
}

export interface Of {
  readonly id: string;
  readonly slug: string;
}

/** Looks up what feedback is about, in a project. Throws ProblemsError. */
export async function shownTarget(query: Query, project: Of, input: FeedbackTargetInput): Promise<ShownTarget> {
  return input.answer == null
    ? shownPrediction(query, project, input.prediction!)
    : shownAnswer(query, project, input.answer);
}

const answerPath = ['target', 'answer'];

/** The id of a completion, as clients of the OpenAI-compatible endpoint get it: the row id of the generation. */
const completionId = /^(?:chat)?cmpl-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function shownAnswer(query: Query, project: Of, input: AnswerTargetInput): Promise<ShownTarget> {
  const idPath = [...answerPath, 'generationId'];
  const id = completionId.exec(input.generationId)?.[1] ?? rowId('Generation', input.generationId, idPath);
  const [generation] = await generationsByIds(query, [id]);
  if (generation === undefined || generation.projectId !== project.id) {
    const message = 'There is no generation with this id in the project.';
    const hint = 'Generations are kept for 7 days after their end: record feedback within that time.';
    throw new ProblemsError([problem(idPath, 'NOT_FOUND', message, hint)]);
  }
  const { prompt, sample } = input;
  const { prompts, settings, status, baseModelId } = generation;
  const problems = [
    ...placeProblems('prompt', prompt, prompts.length, 'prompts'),
    ...placeProblems('sample', sample, settings.samples, 'answers to each prompt'),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const [model] = await baseModelsByIds(query, [baseModelId]);
  if (model === undefined) throw new Error(`Generation ${id} has no model.`);
  const log = await logsOfGenerations(query, [id]);
  const said = saidIn(
    log.map(({ payload }) => LoggedGenerationEvent.parse(payload)),
    prompts.length,
    settings.samples,
  );
  const { text, reason } = said.answers[prompt * settings.samples + sample]!;
  if (reason === null && (status === 'QUEUED' || status === 'RUNNING')) {
    const message = 'This answer is not written to its end yet.';
    throw new ProblemsError([problem(idPath, 'CONFLICT', message, 'Record feedback once it is.')]);
  }
  if (text === '') {
    const message = 'The model wrote nothing here, so there is nothing to judge.';
    throw new ProblemsError([problem(answerPath, 'INVALID_VALUE', message)]);
  }
  const content = {
    prompt: prompts[prompt]!,
    text: null,
    answers: [{ key: 'a', text, modelId: model.id, generationId: id, settings: { ...settings } }],
    row: null,
  };
  return {
    model,
    head: null,
    generationId: id,
    target: { kind: 'answer', modelName: model.name, prompt, sample, settings },
    content: { ...content, group: groupOf(content) },
  };
}

function placeProblems(field: string, place: number, count: number, what: string): InputProblem[] {
  if (place >= 0 && place < count) return [];
  const message = `The generation has ${count} ${what}, which count from 0; there is none at ${place}.`;
  return [problem([...answerPath, field], 'INVALID_VALUE', message, `Give 0 to ${count - 1}.`)];
}

const predictionPath = ['target', 'prediction'];

async function shownPrediction(query: Query, project: Of, input: PredictionTargetInput): Promise<ShownTarget> {
  const model = await requireModel(query, project, input);
  const head = headOf(model, input.task ?? null);
  const { text, pair = null, labels = null, shown = null, probability = null } = input;
  const problems = [
    ...textProblems('text', text),
    ...(pair === null ? [] : textProblems('pair', pair)),
    ...(shown === null ? [] : textProblems('shown', shown)),
    ...(labels === null ? [] : labelProblems(head, labels, [...predictionPath, 'labels'])),
    ...(labels !== null && shown !== null
      ? [problem([...predictionPath, 'shown'], 'INVALID_VALUE', 'Give either `labels` or `shown`, not both.')]
      : []),
    ...(probability === null || (probability >= 0 && probability <= 1)
      ? []
      : [problem([...predictionPath, 'probability'], 'INVALID_VALUE', 'A probability is from 0 to 1.')]),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const said = shown ?? shownLabels(labels);
  const settings = {
    task: head.task,
    ...(labels !== null && { labels }),
    ...(probability !== null && { probability }),
  };
  const answers = said === null ? [] : [{ key: 'a', text: said, modelId: model.id, generationId: null, settings }];
  const content = { prompt: null, text, answers, row: null };
  const group = groupOf({ ...content, text: pair === null ? text : `${text}\n${pair}` });
  return {
    model,
    head,
    generationId: null,
    target: { kind: 'prediction', modelName: model.name, task: head.task, pair, labels, shown, probability },
    content: { ...content, group },
  };
}

async function requireModel(
  query: Query,
  project: Of,
  { modelId, alias }: PredictionTargetInput,
): Promise<BaseModelRow> {
  try {
    const model = await requireNamedModel(query, { modelId, alias, projectSlug: project.slug });
    if (model.projectId === project.id) return model;
    const message = 'There is no base model with this id in the project.';
    throw new ProblemsError([problem(['modelId'], 'NOT_FOUND', message)]);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...predictionPath, ...each.path] })));
  }
}

function headOf({ manifest: { heads }, name }: BaseModelRow, task: string | null): ModelHead {
  const path = [...predictionPath, 'task'];
  const names = heads.map((head) => head.task);
  if (heads.length === 0) {
    const message = `The model “${name}” has no head: it predicts nothing.`;
    const hint = 'Of what it writes, record feedback on an `answer`.';
    throw new ProblemsError([problem(predictionPath, 'NO_HEAD', message, hint)]);
  }
  if (task === null) {
    const [head, another] = heads;
    if (head !== undefined && another === undefined) return head;
    const message = 'The model has several heads, and feedback is about what one of them predicted.';
    throw new ProblemsError([problem(path, 'REQUIRED', message, namesHint('', names))]);
  }
  const head = heads.find((each) => each.task === task);
  if (head !== undefined) return head;
  throw new ProblemsError([problem(path, 'UNKNOWN_TASK', `The model has no head “${task}”.`, namesHint(task, names))]);
}

/** What is wrong with labels of a head. */
export function labelProblems(head: ModelHead, labels: readonly string[], path: readonly string[]): InputProblem[] {
  if (head.kind !== 'classification' && head.kind !== 'multiLabel') {
    const message = `The head “${head.task}” gives a text no labels: it predicts ${head.kind === 'regression' ? 'numbers' : 'a tag for each word'}.`;
    return [problem(path, 'INVALID_VALUE', message)];
  }
  if (head.kind === 'classification' && labels.length !== 1) {
    return [
      problem(path, 'INVALID_VALUE', `The head “${head.task}” gives a text exactly one label, not ${labels.length}.`),
    ];
  }
  return labels.flatMap((label, i) => {
    const at = [...path, String(i)];
    if (!head.labels.includes(label)) {
      const message = `The head “${head.task}” knows no label “${label}”.`;
      return [problem(at, 'UNKNOWN_LABEL', message, namesHint(label, head.labels))];
    }
    return labels.indexOf(label) < i ? [problem(at, 'INVALID_VALUE', `“${label}” is there more than once.`)] : [];
  });
}

function textProblems(field: string, text: string): InputProblem[] {
  const path = [...predictionPath, field];
  if (text.trim() === '') return [problem(path, 'REQUIRED', 'The text is empty.')];
  if (text.length <= limits.maxTextCharacters) return [];
  return [
    problem(path, 'TOO_LONG', `It has at most ${limits.maxTextCharacters} characters; this one has ${text.length}.`),
  ];
}
