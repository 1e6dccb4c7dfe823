import { trainedTexts } from '../evaluations/trained-texts.js';
import { requireNamedModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { specOfModel } from '../models/spec-of-model.js';
import { namesHint } from '../problems/closest-name.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { RewardSource } from '../protocol/rewards/reward-spec.js';
import type { Query } from '../protocol/sql/query.js';
import type { LabelRewardInput } from './reward.input.js';
import type { RewardUse } from './reward-access.js';

/** The probability of a label as a job has it. Throws ProblemsError. */
export async function planLabel(
  query: Query,
  input: LabelRewardInput,
  project: RewardUse['project'],
  path: readonly string[],
): Promise<RewardSource> {
  const model = await requireModelOf(query, input, project, path);
  const heads = model.manifest.heads.filter(({ kind }) => kind === 'classification' || kind === 'multiLabel');
  const names = heads.map(({ task }) => task);
  if (heads.length === 0) {
    const message = `The model “${model.name}” has no head of labels.`;
    throw refused([...path, 'modelId'], 'NO_HEAD', message, 'Choose a classifier.');
  }
  const task = input.task ?? (names.length === 1 ? names[0]! : null);
  if (task === null) {
    throw refused([...path, 'task'], 'REQUIRED', 'The model has several heads of labels.', namesHint('', names));
  }
  const head = heads.find((each) => each.task === task);
  if (head === undefined) {
    const message = `The model has no head of labels “${task}”.`;
    throw refused([...path, 'task'], 'UNKNOWN_TASK', message, namesHint(task, names));
  }
  const labels = 'labels' in head ? head.labels : [];
  if (!labels.includes(input.label)) {
    const message = `The head “${task}” has no label “${input.label}”.`;
    throw refused([...path, 'label'], 'UNKNOWN_LABEL', message, namesHint(input.label, labels));
  }
  if (input.withPrompt) {
    const problems = checkReadsPairs(model.manifest.config, [...path, 'withPrompt']);
    if (problems.length > 0) throw new ProblemsError(problems);
  }
  const trained = trainedTexts(await specOfModel(query, model.id));
  if (trained !== null && (trained.pairColumn !== null) !== input.withPrompt) {
    const on = input.withPrompt ? 'single texts' : 'pairs of texts';
    const hint = input.withPrompt ? 'Leave `withPrompt` out.' : 'Set `withPrompt`: the prompt is then the first text.';
    throw refused([...path, 'withPrompt'], 'INVALID_VALUE', `The model was trained on ${on}.`, hint);
  }
  const { id: modelId, digest: modelDigest } = model;
  return { kind: 'label', modelId, modelDigest, task, label: input.label, withPrompt: input.withPrompt };
}

/** A model of the project that an input names. Throws ProblemsError. */
export async function requireModelOf(
  query: Query,
  { modelId, alias }: { readonly modelId?: string | null; readonly alias?: string | null },
  project: RewardUse['project'],
  path: readonly string[],
): Promise<BaseModelRow> {
  try {
    const model = await requireNamedModel(query, { modelId, alias, projectSlug: project.slug });
    if (model.projectId === project.id) return model;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
  }
  throw refused([...path, 'modelId'], 'NOT_FOUND', 'There is no base model with this id in the project.', null);
}

function refused(
  path: readonly string[],
  code: Parameters<typeof problem>[1],
  message: string,
  hint: string | null,
): ProblemsError {
  return new ProblemsError([problem(path, code, message, hint)]);
}
