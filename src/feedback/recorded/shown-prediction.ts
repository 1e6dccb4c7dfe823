import { isUuid } from '../../graphql/global-id.js';
import { requireNamedModel } from '../../models/aliases/named-model.js';
import { type BaseModelRow, baseModelsByIds } from '../../models/base-model.reads.js';
import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { feedbackLimits as limits } from '../../protocol/feedback/feedback-limits.js';
import { groupOf } from '../../protocol/feedback/group-of.js';
import type { ModelHead } from '../../protocol/heads.js';
import { JobResult, PredictJob, type TaskPrediction } from '../../protocol/job.js';
import type { Query } from '../../protocol/sql/query.js';
import type { PredictedTargetInput, PredictionTargetInput } from './recorded-feedback.input.js';
import { shownLabels } from './recorded-feedback.type.js';
import type { Of, ShownTarget } from './shown.js';

const predictionPath = ['target', 'prediction'];
const predictedPath = ['target', 'predicted'];

/** What a head said of a text, as people saw it: of other heads than those of labels, in words. */
interface Said {
  readonly labels: readonly string[] | null;
  readonly shown: string | null;
  readonly probability: number | null;
}

/** A prediction as the application tells it. Throws ProblemsError. */
export async function toldPrediction(query: Query, project: Of, input: PredictionTargetInput): Promise<ShownTarget> {
  const model = await requireModel(query, project, input);
  const head = headOf(model, input.task ?? null, predictionPath);
  const { text, pair = null, labels = null, shown = null, probability = null } = input;
  const at = (field: string) => [...predictionPath, field];
  const problems = [
    ...textProblems(at('text'), text),
    ...(pair === null ? [] : textProblems(at('pair'), pair)),
    ...(shown === null ? [] : textProblems(at('shown'), shown)),
    ...(labels === null ? [] : labelProblems(head, labels, at('labels'))),
    ...(labels !== null && shown !== null
      ? [problem(at('shown'), 'INVALID_VALUE', 'Give either `labels` or `shown`, not both.')]
      : []),
    ...(probability === null || (probability >= 0 && probability <= 1)
      ? []
      : [problem(at('probability'), 'INVALID_VALUE', 'A probability is from 0 to 1.')]),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  return shownPrediction(model, head, { text, pair }, { labels, shown, probability });
}

/** A prediction by its id, as long as the job that made it is kept. Throws ProblemsError. */
export async function keptPrediction(query: Query, project: Of, input: PredictedTargetInput): Promise<ShownTarget> {
  const { model, texts, pairs, predictions } = await requireKept(query, project, input.feedbackId);
  const at = (field: string) => [...predictedPath, field];
  const text = texts[input.text];
  if (text === undefined) {
    const message = `The prediction is of ${texts.length} texts, which count from 0; there is none at ${input.text}.`;
    throw new ProblemsError([problem(at('text'), 'INVALID_VALUE', message, `Give 0 to ${texts.length - 1}.`)]);
  }
  const problems = textProblems(at('text'), text);
  if (problems.length > 0) throw new ProblemsError(problems);
  const head = headOf(model, input.task ?? null, predictedPath);
  const said = predictions[input.text]!.tasks.find(({ task }) => task === head.task)!;
  return shownPrediction(model, head, { text, pair: pairs?.[input.text] ?? null }, saidBy(said, text));
}

async function requireKept(query: Query, project: Of, id: string) {
  const [job] = await query<{ payload: unknown; result: unknown }>(
    `SELECT payload, result FROM jobs
      WHERE id = $1 AND project_id = $2 AND kind = 'predict' AND state = 'succeeded'`,
    [isUuid(id) ? id : null, project.id],
  );
  const asked = job === undefined ? null : PredictJob.parse(job.payload);
  const result = job === undefined ? null : JobResult.parse(job.result);
  const [model] = asked?.modelId === undefined ? [] : await baseModelsByIds(query, [asked.modelId]);
  if (asked === null || result?.kind !== 'predict' || model === undefined) {
    const message = 'There is no prediction with this id in the project.';
    const hint = 'Predictions are kept for an hour. Later, say by `prediction` which text it was and what was shown.';
    throw new ProblemsError([problem([...predictedPath, 'feedbackId'], 'NOT_FOUND', message, hint)]);
  }
  return { model, texts: asked.texts, pairs: asked.pairs, predictions: result.predictions };
}

/** What a head said, as the graph's types have it first. */
function saidBy(said: TaskPrediction, text: string): Said {
  const inWords = (shown: string): Said => ({ labels: null, shown: shown === '' ? 'none' : shown, probability: null });
  switch (said.kind) {
    case 'classification': {
      const [{ label, probability }] = said.labels as [(typeof said.labels)[number]];
      return { labels: [label], shown: null, probability };
    }
    case 'multiLabel': {
      const labels = said.labels.filter(({ isPredicted }) => isPredicted).map(({ label }) => label);
      return { labels, shown: null, probability: null };
    }
    case 'regression': {
      const [first, second] = said.values;
      if (second === undefined) return inWords(String(first!.value));
      return inWords(said.values.map(({ name, value }) => `${name}: ${value}`).join(', '));
    }
    case 'tokenClassification':
      return inWords(said.spans.map(({ start, end, label }) => `${text.slice(start, end)} (${label})`).join(', '));
    case 'reward':
      return inWords(said.value === null ? '' : String(said.value));
    default:
      return said satisfies never;
  }
}

function shownPrediction(
  model: BaseModelRow,
  head: ModelHead,
  { text, pair }: { readonly text: string; readonly pair: string | null },
  { labels, shown, probability }: Said,
): ShownTarget {
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

function headOf({ manifest: { heads }, name }: BaseModelRow, task: string | null, at: readonly string[]): ModelHead {
  const path = [...at, 'task'];
  const names = heads.map((head) => head.task);
  if (heads.length === 0) {
    const message = `The model “${name}” has no head: it predicts nothing.`;
    const hint = 'Of what it writes, record feedback on an `answer`.';
    throw new ProblemsError([problem(at, 'NO_HEAD', message, hint)]);
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

function textProblems(path: readonly string[], text: string): InputProblem[] {
  if (text.trim() === '') return [problem(path, 'REQUIRED', 'The text is empty.')];
  if (text.length <= limits.maxTextCharacters) return [];
  return [
    problem(path, 'TOO_LONG', `It has at most ${limits.maxTextCharacters} characters; this one has ${text.length}.`),
  ];
}
