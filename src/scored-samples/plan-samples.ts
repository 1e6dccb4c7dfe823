import { columnByRole } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { checkGeneration } from '../generations/check-generation.js';
import { requireNextTokens } from '../generations/generation-problems.js';
import { settingsOf } from '../generations/generation-settings.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { columnsOfRewards } from '../protocol/rewards/reward-spec.js';
import { sampleLimits as limits, type ScoreSamplesJob } from '../protocol/samples/score-samples-job.js';
import { planRewards } from '../rewards/plan-rewards.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import type { ScoreSamplesInput } from './scored-samples.input.js';

interface Subject {
  readonly project: { readonly id: string; readonly slug: string };
  readonly model: BaseModelRow;
  readonly version: DatasetVersionRow;
}

/** A job to score samples, but for the id of its row. Throws ProblemsError. */
export async function planSamples(
  access: RewardAccess,
  { project, model, version }: Subject,
  input: ScoreSamplesInput,
): Promise<Omit<ScoreSamplesJob, 'samplesId'>> {
  requireNextTokens(model);
  const { sampling, maxTokens, stop, samples, weights, most } = input;
  const problems = [
    ...inRange('most', most, 1, limits.maxPrompts),
    ...inRange('samples', samples, 1, limits.maxSamples),
    ...checkSplit(version, input.split ?? null),
    ...checkSampling(input),
  ];
  if (problems.length === 0 && most * samples > limits.maxAnswers) {
    const message = `${most} prompts with ${samples} samples each are ${most * samples} answers.`;
    problems.push(problem(['samples'], 'TOO_LONG', message, `Ask for at most ${limits.maxAnswers}.`));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  // Its own limit of samples is for calls that somebody waits for.
  const request = { prompts: [{ text: 'a prompt' }], sampling, maxTokens, stop, samples: 1, weights };
  checkGeneration(request);
  const columns = version.columns.map(({ name }) => name);
  const use = { project, columns };
  const rewards = await planRewards(access, input.rewards, { ...use, path: ['rewards'] });
  const gold = input.gold == null ? null : await planRewards(access, input.gold, { ...use, path: ['gold'] });
  const prompt = promptColumnOf(version, input.promptColumn ?? null);
  const scoring = [...rewards, ...(gold ?? [])];
  const asksService = scoring.some(({ source }) => source.kind === 'service');
  return {
    kind: 'scoreSamples',
    modelId: model.id,
    modelDigest: model.digest,
    settings: { ...settingsOf(request), samples },
    versionId: version.id,
    dataDigest: version.digest,
    split: input.split ?? null,
    prompt,
    asConversation: input.asConversation,
    columns: asksService ? columns : [...columnsOfRewards(scoring)],
    most,
    seed: input.seed ?? null,
    rewards,
    gold,
  };
}

function promptColumnOf(version: DatasetVersionRow, named: string | null): ScoreSamplesJob['prompt'] {
  const path = ['promptColumn'];
  const names = version.columns.map(({ name }) => name);
  if (named !== null && !names.includes(named)) {
    const message = `The dataset version has no column “${named}”.`;
    throw new ProblemsError([problem(path, 'UNKNOWN_COLUMN', message, namesHint(named, names))]);
  }
  const what = { what: 'the column of the prompts', path };
  const { chosen, problems } = columnByRole(version, ['PROMPT', 'MESSAGES', 'TEXT'], what);
  const column = named ?? chosen?.column;
  if (column === undefined) throw new ProblemsError(problems);
  // Conversations are stored as JSON.
  const type = version.columns.find(({ name }) => name === column)?.type;
  return { column, form: type === 'JSON' ? 'messages' : 'text' };
}

function checkSplit({ splits }: DatasetVersionRow, split: string | null): InputProblem[] {
  const names = splits.map(({ name }) => name);
  if (split === null || names.includes(split)) return [];
  const message = `The dataset version has no split “${split}”.`;
  return [problem(['split'], 'UNKNOWN_SPLIT', message, namesHint(split, names))];
}

/** Without chance, all samples of a prompt are one. */
function checkSampling({ sampling, samples }: ScoreSamplesInput): InputProblem[] {
  if (samples === 1 || sampling?.temperature !== 0) return [];
  const message = 'At temperature 0, all samples of a prompt are the same.';
  return [problem(['sampling', 'temperature'], 'INVALID_VALUE', message, 'Take 1, or ask for one sample.')];
}

function inRange(field: string, value: number, least: number, most: number): InputProblem[] {
  if (value >= least && value <= most) return [];
  return [problem([field], 'INVALID_VALUE', `The value must be from ${least} to ${most}; it is ${value}.`)];
}
