import { requireVersion } from '../datasets/require-version.js';
import { evidenceOfModel } from '../evaluations/reward-evidence.js';
import type { ExperimentService } from '../experiments/experiment.service.js';
import { checkTask, participantsOf } from '../feedback/check-task.js';
import { toFeedbackQuestion } from '../feedback/feedback-question.type.js';
import { planItems } from '../feedback/sources/plan-items.js';
import { globalId } from '../graphql/global-id.js';
import { checkAliasName } from '../models/aliases/model-alias.service.js';
import { requireTakenModel } from '../models/licences/licence-of-model.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { checkName } from '../organizing/names-and-tags.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { checkQuestion } from '../protocol/feedback/check-question.js';
import { evidenceInWords, rewardHeadOf, steers } from '../protocol/heads.js';
import type { Query } from '../protocol/sql/query.js';
import { checkMeasure, checkMeasured, checkPreferences, type LabelReader } from './check-measure.js';
import { checkAnswers, checkApart, checkPairJudge, checkPool } from './check-rounds.js';
import { checkTraining, pathOfTraining } from './check-training.js';
import type { CreateFeedbackLoopInput } from './loop.input.js';
import { type LoopGate, type LoopPeople, type LoopSettings, loopLimits } from './loop.js';
import { loopWrites } from './loop-settings.js';
import { type NamedByLoop, requireNamed } from './named-by-loop.js';
import { taskInput, variant } from './steps/ask.js';

export interface LoopModels {
  /** Row ids. */
  readonly baseModelId: string;
  readonly startModelId: string | null;
  readonly named: NamedByLoop;
}

/** What is asked of a loop beside its settings; `rounds` in all. */
export type LoopFrame = Pick<
  CreateFeedbackLoopInput,
  'name' | 'description' | 'rounds' | 'baseModelId' | 'startModelId'
>;

/** What the checks of a loop read, and are made by. */
export interface LoopChecks {
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly examples: LabelReader;
  readonly experiments: Pick<ExperimentService, 'plan' | 'checkAhead'>;
}

interface Project {
  readonly id: string;
  readonly slug: string;
}

/**
 * Checks what a loop will need, as its steps would: who creates one learns at once what could not be asked, trained or
 * measured weeks later.
 * @throws ProblemsError with all that is wrong
 */
export async function checkLoop(
  tools: LoopChecks,
  project: Project,
  input: LoopFrame,
  settings: LoopSettings,
): Promise<LoopModels> {
  const { query } = tools;
  const problems: InputProblem[] = [
    ...checkName(input.name),
    ...checkDescription(input.description),
    ...inRange(['rounds'], input.rounds, 1, loopLimits.maxRounds),
    ...inRange(['leastAnswers'], settings.leastAnswers, 1, 100),
    ...checkGate(settings.gate),
    ...checkParts(settings),
    ...checkAnswers(settings, { hasStart: input.startModelId != null }),
    ...checkMeasure(settings),
    ...(settings.alias === null ? [] : checkAliasName(settings.alias, ['alias'])),
  ];
  const collect = async <Result>(
    work: () => Promise<Result>,
    toPath: (path: readonly string[]) => readonly string[] = (path) => path,
  ): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems.map((each) => ({ ...each, path: [...toPath(each.path)] })));
      return null;
    }
  };
  const named = await collect(() => requireNamed(query, project.id, settings));
  // What follows would say again that they are not there.
  if (named === null) throw new ProblemsError(problems);
  problems.push(...checkApart(settings), ...(await checkPool(query, project.id, settings, input.rounds)));
  const base = await collect(() => requireTakenModel(query, input.baseModelId, project.id, ['baseModelId']));
  const startId = input.startModelId ?? (loopWrites(settings.ask) ? input.baseModelId : null);
  const start =
    startId === null || (base === null && startId === input.baseModelId)
      ? null
      : await collect(() => requireBaseModel(query, startId, project.id, ['startModelId']));
  const isStartKnown = startId === null || start !== null;
  const asked = isStartKnown
    ? await collect(() => checkAsking(query, project, settings, start?.id ?? null), pathOfTask(settings))
    : null;
  problems.push(...(await checkPeople(query, project, settings.people)));
  if (settings.judging !== null && start !== null) {
    await collect(
      () => checkJudging(query, project, settings, start.id),
      (path) => pathInPrompts('judging', path),
    );
  }
  if (settings.preferences !== null && start !== null && loopWrites(settings.ask)) {
    const { datasetVersionId } = settings.preferences;
    const path = ['preferences', 'datasetVersionId'];
    await collect(
      async () => {
        const version = await requireVersion(query, datasetVersionId, project.id, path);
        await checkPreferences(query, settings, version, start);
      },
      ([first]) => (first === 'split' ? ['preferences', 'split'] : first === 'modelId' ? ['startModelId'] : path),
    );
  }
  await collect(() => checkVersions(tools, project, settings));
  const { ask, judging } = settings;
  if (judging?.rewardModelId != null) {
    await collect(() => checkJudge(query, project, judging.rewardModelId!, ['judging', 'rewardModelId']));
  }
  if (ask.kind === 'pairs' && ask.judge !== null) {
    problems.push(...checkPairJudge(ask, settings));
    await collect(() => checkJudge(query, project, ask.judge!.modelId, ['ask', 'pairs', 'judge', 'modelId']));
  }
  if (base !== null && problems.length === 0) {
    const { name, baseModelId } = input;
    const areConversations = asked?.areConversations ?? false;
    const of = { projectSlug: project.slug, name, baseModelId, areConversations };
    await collect(() => checkTraining(tools.experiments, of, settings), pathOfTraining(settings));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return { baseModelId: base!.model.id, startModelId: start?.id ?? null, named };
}

export function checkDescription(description: string): InputProblem[] {
  const { maxDescriptionCharacters: most } = loopLimits;
  if (description.length <= most) return [];
  const message = `It has at most ${most} characters; this one has ${description.length}.`;
  return [problem(['description'], 'TOO_LONG', message)];
}

function checkGate({ margin, significance, maxPerplexityRatio, maxPreferenceDrop }: LoopGate): InputProblem[] {
  const at = (field: string, isFine: boolean, message: string) =>
    isFine ? [] : [problem(['gate', field], 'INVALID_VALUE', message)];
  return [
    ...at('margin', margin >= 0, 'A margin is 0 or more.'),
    ...at('significance', significance > 0 && significance < 1, 'A significance lies above 0 and below 1.'),
    ...at(
      'maxPreferenceDrop',
      maxPreferenceDrop === null || (maxPreferenceDrop >= 0 && maxPreferenceDrop <= 1),
      'A drop of an accuracy lies from 0 to 1.',
    ),
    ...at('maxPerplexityRatio', maxPerplexityRatio === null || maxPerplexityRatio > 0, 'A ratio lies above 0.'),
  ];
}

/** Whether the parts of a loop fit each other. */
function checkParts({ ask, training, measuring, preferences, judging, gate }: LoopSettings): InputProblem[] {
  const problems: InputProblem[] = [];
  const add = (path: readonly string[], message: string, hint: string) =>
    problems.push(problem(path, 'INVALID_VALUE', message, hint));
  const predictsLabels = training.method.supervised != null || training.method.multiTask != null;
  if (ask.kind === 'uncertain' && !predictsLabels) {
    add(
      ['training', 'method'],
      'People label rows, and the method learns no labels.',
      'Take `supervised` or `multiTask`.',
    );
  }
  if (ask.kind === 'pairs' && predictsLabels) {
    add(
      ['training', 'method'],
      'People compare answers, and the method learns labels.',
      'Take one that learns from pairs.',
    );
  }
  if (ask.kind === 'nobody' && training.method.policyOptimization == null) {
    add(['training', 'method'], 'Nobody is asked, and the method has no rewards.', 'Take `policyOptimization`.');
  }
  if (!loopWrites(ask) && judging !== null) {
    add(['judging'], "People judge models that write, and the loop's model does not.", 'Take `measuring`.');
  }
  if (!loopWrites(ask) && preferences !== null) {
    add(['preferences'], "The loop's model writes no answers, whose probability it could tell.", 'Take `measuring`.');
  }
  if (measuring === null && judging === null && preferences === null) {
    const hint = 'Give `measuring`, or of models that write `judging` or `preferences`.';
    problems.push(problem(['measuring'], 'REQUIRED', 'Without it no model could be compared with another.', hint));
  }
  if (gate.rule === 'BETTER' && loopWrites(ask) && judging === null) {
    add(
      ['gate', 'rule'],
      'BETTER counts what people prefer, and nobody is asked.',
      'Give `judging`, or take NOT_WORSE.',
    );
  }
  return problems;
}

/** @returns whether the prompts, and so the answers that people compare, are lists of chat turns */
async function checkAsking(
  query: Query,
  project: Project,
  settings: LoopSettings,
  startId: string | null,
): Promise<{ readonly areConversations: boolean }> {
  const { ask } = settings;
  if (ask.kind === 'nobody') return { areConversations: false };
  const modelId = startId === null ? null : globalId('BaseModel', startId);
  const round = { projectSlug: project.slug, name: 'a round', number: 1, asked: [] };
  const task = taskInput(ask, settings, round, modelId);
  const question = toFeedbackQuestion(task.question);
  const problems: InputProblem[] = [
    ...checkQuestion(question).map((each) => ({ ...each, path: ['question', ...each.path] })),
    ...inRange(['source', 'rows', 'most'], ask.most, 1, loopLimits.maxItems),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const { columns } = await planItems(query, project, question, task.source!);
  const isConversation = ask.kind === 'pairs' && ask.asConversation;
  return { areConversations: isConversation || columns.prompt?.form === 'messages' };
}

async function checkPeople(query: Query, project: Pick<Project, 'id'>, people: LoopPeople): Promise<InputProblem[]> {
  const { overlap, participants, answers, ...settings } = people;
  const { problems } = await participantsOf(query, project.id, participants);
  const ends = { itemsSettled: true, answers, agreement: null };
  const found = [...checkTask({ ...settings, overlap, ends }), ...problems];
  return found.map((each) => ({ ...each, path: ['people', ...each.path.filter((part) => part !== 'ends')] }));
}

async function checkJudging(query: Query, project: Project, settings: LoopSettings, startId: string): Promise<void> {
  const { datasetVersionId, split, promptColumn, asConversation, most, writing } = settings.judging!;
  const variants = [1, 2].map((seed) => variant(writing, globalId('BaseModel', startId), seed));
  await planItems(query, project, toFeedbackQuestion({ pairwise: { strengths: 1 } }), {
    generations: { datasetVersionId, split, promptColumn, asConversation, most, variants, pairsPerPrompt: 1 },
  });
}

/** A reward model that judges in place of people: one that is not above chance tells nothing of other models. */
async function checkJudge(query: Query, project: Project, id: string, path: readonly string[]): Promise<void> {
  const model = await requireBaseModel(query, id, project.id, path);
  const head = rewardHeadOf(model.manifest);
  if (head === null) {
    const hint = 'Train one with the method `rewardModelling`.';
    throw new ProblemsError([problem(path, 'NO_HEAD', `The model “${model.name}” is no reward model.`, hint)]);
  }
  const { evidence } = await evidenceOfModel(query, model);
  if (!steers({ evidence })) {
    const message = `“${model.name}” can not judge, as it may be no better than chance: ${evidenceInWords({ evidence })}.`;
    const hint =
      '`evaluate` it on more pairs that it did not learn, train it on more or clearer ones, or let people judge.';
    throw new ProblemsError([problem(path, 'UNSUPPORTED_MODEL', message, hint)]);
  }
}

/** The columns that rows of answers have, which rows before them need too. */
function columnsOfAnswers({ ask }: LoopSettings): readonly string[] {
  if (ask.kind !== 'uncertain') return ['prompt', 'chosen', 'rejected'];
  return ['text', ask.several ? 'labels' : 'label'];
}

async function checkVersions(
  { query, examples }: Pick<LoopChecks, 'query' | 'examples'>,
  project: Project,
  settings: LoopSettings,
): Promise<void> {
  const { ask, measuring, startDataId } = settings;
  const problems: InputProblem[] = [];
  if (ask.kind === 'nobody') {
    const { splits } = await requireVersion(query, ask.datasetVersionId, project.id, [
      'ask',
      'nobody',
      'datasetVersionId',
    ]);
    const names = splits.map(({ name }) => name);
    if (!names.includes(ask.split)) {
      const message = `The dataset version has no split “${ask.split}”.`;
      problems.push(problem(['ask', 'nobody', 'split'], 'UNKNOWN_SPLIT', message, namesHint(ask.split, names)));
    }
    if (startDataId !== null) {
      const hint = 'Leave it out: rounds learn from the prompts.';
      problems.push(problem(['startDataId'], 'INVALID_VALUE', 'Nobody is asked, so that there are no answers.', hint));
    }
  }
  if (measuring !== null) {
    const path = ['measuring', 'datasetVersionId'];
    const version = await requireVersion(query, measuring.datasetVersionId, project.id, path);
    const { splits, columns } = version;
    const names = splits.map(({ name }) => name);
    if (!names.includes(measuring.split)) {
      const message = `The dataset version has no split “${measuring.split}”.`;
      problems.push(problem(['measuring', 'split'], 'UNKNOWN_SPLIT', message, namesHint(measuring.split, names)));
    }
    const known = columns.map(({ name }) => name);
    if (measuring.textColumn !== null && !known.includes(measuring.textColumn)) {
      const message = `The dataset version has no column “${measuring.textColumn}”.`;
      const hint = namesHint(measuring.textColumn, known);
      problems.push(problem(['measuring', 'textColumn'], 'UNKNOWN_COLUMN', message, hint));
    }
    if (problems.length === 0) {
      const start = startDataId === null ? null : await requireVersion(query, startDataId, project.id, ['startDataId']);
      problems.push(...(await checkMeasured(examples, settings, version, start)));
    }
  }
  if (startDataId !== null) {
    const { columns } = await requireVersion(query, startDataId, project.id, ['startDataId']);
    const missing = columnsOfAnswers(settings).filter((name) => columns.every((column) => column.name !== name));
    if (missing.length > 0) {
      const message = `Versions of answers have columns that this one lacks: ${missing.map((name) => `“${name}”`).join(', ')}.`;
      const hint = '`prepareDataset` with the step `renameColumns` makes a version with these names.';
      problems.push(problem(['startDataId'], 'UNKNOWN_COLUMN', message, hint));
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** What the source and the question of a task are in the input of a loop. */
function pathOfTask({ ask }: LoopSettings): (path: readonly string[]) => readonly string[] {
  return (path) => {
    const [first, , ...rest] = path;
    if (first === 'source' && rest[0] === 'modelId') return ['startModelId'];
    if (ask.kind !== 'pairs') return ['ask', 'uncertain', ...rest];
    const named = pathInPrompts('ask', path);
    return named[0] === 'startModelId' && ask.writerId !== null ? ['ask', 'pairs', 'writerId'] : named;
  };
}

function pathInPrompts(field: 'ask' | 'judging', [first, , ...rest]: readonly string[]): readonly string[] {
  const at = field === 'ask' ? ['ask', 'pairs'] : ['judging'];
  const [name, , ...ofVariant] = rest;
  if (first === 'question') return [...at, ...rest];
  if (name !== 'variants') return [...at, ...rest];
  return ofVariant[0] === 'modelId' ? ['startModelId'] : [...at, 'writing', ...ofVariant];
}

export function inRange(path: readonly string[], value: number, least: number, most: number): InputProblem[] {
  if (value >= least && value <= most) return [];
  return [problem(path, 'INVALID_VALUE', `It must be from ${least} to ${most}, not ${value}.`)];
}
