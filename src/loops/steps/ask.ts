import type { FeedbackQuestionInput } from '../../feedback/feedback-question.type.js';
import type { CreateFeedbackTaskInput } from '../../feedback/feedback-task.input.js';
import type { FeedbackOrder } from '../../feedback/feedback-task.reads.js';
import { feedbackTasksByIds } from '../../feedback/feedback-task.reads.js';
import type { AnswerVariantInput, FeedbackItemSourceInput } from '../../feedback/sources/item-source.input.js';
import { taskLimits } from '../../feedback/task-limits.js';
import { globalId } from '../../graphql/global-id.js';
import { problem } from '../../problems/problem.js';
import { itemSourceLimits } from '../../protocol/feedback/make-items-job.js';
import type { LoopPeople, LoopSettings, PeopleAsk, Writing } from '../loop.js';
import { judgePairs } from './judge-pairs.js';
import { begin, failLoop, failureOf, type LoopState, type LoopTools, moveTo } from './step.js';

const howToAskAgain = 'Mend it, then `retryFeedbackLoop`, from ASKING to ask anew; or end the loop.';

/** People answer the round's questions, for as long as that takes. */
export async function ask(tools: LoopTools, state: LoopState): Promise<void> {
  const { taskId } = state.round;
  const { ask: asks } = state.settings;
  // Where nobody is asked, a round does not come here.
  if (asks.kind === 'nobody') return moveTo(tools, state, 'TRAINING');
  if (taskId === null) return begin(tools, state, 'task_id', () => tools.feedbackTasks.create(taskOf(asks, state)));
  const [task] = await feedbackTasksByIds(tools.query, [taskId]);
  const judge = asks.kind === 'pairs' ? asks.judge : null;
  if (judge !== null && task?.status === 'PAUSED' && state.round.modelJudgedCount === null) {
    return judgePairs(tools, state, { taskId, judge });
  }
  if (task === undefined || (task.status !== 'CLOSED' && task.status !== 'FAILED')) return;
  if (task.status === 'FAILED') {
    return failLoop(tools, state, failureOf('The making of its items', task.problem, howToAskAgain));
  }
  if (task.answerCount > 0 || (state.round.modelJudgedCount ?? 0) > 0) return moveTo(tools, state, 'PREPARING');
  const message = `The feedback task “${task.name}” was closed before anybody answered.`;
  const hint = '`retryFeedbackLoop`, from ASKING, asks anew; or end the loop.';
  return failLoop(tools, state, problem([], 'NO_ROWS_LEFT', message, hint));
}

/** The task of the present round. */
function taskOf(asks: PeopleAsk, { loop, projectSlug, settings, rounds, round }: LoopState): CreateFeedbackTaskInput {
  const asked = rounds.flatMap(({ taskId }) => (taskId === null ? [] : [globalId('FeedbackTask', taskId)]));
  return taskInput(
    asks,
    settings,
    { projectSlug, name: `${loop.name}, round ${round.number}`, number: round.number, asked },
    loop.currentModelId === null ? null : globalId('BaseModel', loop.currentModelId),
  );
}

/**
 * A round's task as CreateFeedbackTaskInput has it.
 * @param round `asked`: the tasks whose rows are not asked about again; ids of the graph
 * @param modelId of the graph; null: the loop has no model yet
 */
export function taskInput(
  asks: PeopleAsk,
  { people, seed }: Pick<LoopSettings, 'people' | 'seed'>,
  round: { readonly projectSlug: string; readonly name: string; readonly number: number; readonly asked: string[] },
  modelId: string | null,
): CreateFeedbackTaskInput {
  const drawn = seedOf(seed, round.number);
  return {
    ...asking(people, round),
    // Before people are asked, a reward model takes what it is sure of.
    paused: asks.kind === 'pairs' && asks.judge !== null,
    question: questionOf(asks),
    order: orderOf(asks, modelId),
    seed: drawn,
    source: asks.kind === 'uncertain' ? uncertain(asks, round.asked, modelId, drawn) : pairs(asks, modelId, drawn),
  };
}

/** How people are asked, whatever it is about. */
export function asking(
  people: LoopPeople,
  { projectSlug, name }: { readonly projectSlug: string; readonly name: string },
) {
  const { instructions, overlap, participants, claimSeconds, repeatShare, answers } = people;
  return {
    projectSlug,
    name: name.slice(0, 200),
    description: '',
    instructions,
    overlap,
    participants,
    claimSeconds,
    repeatShare,
    goldShare: 0,
    randomShare: taskLimits.minRandomShare,
    blind: true,
    ends: { itemsSettled: true, answers, agreement: null },
    paused: false,
  };
}

/** What people are asked of each item. */
export function questionOf(asks: PeopleAsk): FeedbackQuestionInput {
  return asks.kind === 'uncertain'
    ? { labels: { classes: asks.classes, several: asks.several } }
    : { pairwise: { strengths: asks.strengths } };
}

function orderOf(asks: PeopleAsk, modelId: string | null): FeedbackOrder {
  if (asks.kind === 'pairs' || modelId === null) return 'AS_GIVEN';
  return asks.by === 'DIVERSITY' ? 'DIVERSITY' : 'UNCERTAINTY';
}

/** Without a model no row is less sure than another: they are drawn at random. */
function uncertain(
  asks: PeopleAsk & { readonly kind: 'uncertain' },
  exceptTaskIds: string[],
  modelId: string | null,
  seed: number,
): FeedbackItemSourceInput {
  const { datasetVersionId, split, textColumn, most, by, pool } = asks;
  const rows = { datasetVersionId, split, textColumn, most, seed, exceptTaskIds };
  if (modelId === null) return { rows };
  return { predictions: { ...rows, modelId, by, pool: Math.max(most, pool ?? itemSourceLimits.maxPool) } };
}

function pairs(
  {
    datasetVersionId,
    split,
    promptColumn,
    asConversation,
    most,
    writing,
    writerId,
  }: PeopleAsk & { readonly kind: 'pairs' },
  modelId: string | null,
  seed: number,
): FeedbackItemSourceInput {
  const variants = [{ ...variant(writing, writerId ?? modelId, seed), samples: 2 }];
  return { generations: { datasetVersionId, split, promptColumn, asConversation, most, seed, variants } };
}

/** As a model gives the probabilities. */
const plainSampling = {
  temperature: 1,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
};

/** A model that writes. Its seed is that of the round, unless the settings name one. */
export function variant(
  { sampling, maxTokens, stop }: Writing,
  modelId: string | null,
  seed: number,
): AnswerVariantInput {
  const chosen: Partial<NonNullable<AnswerVariantInput['sampling']>> = sampling ?? {};
  return {
    modelId,
    sampling: { ...plainSampling, ...chosen, seed: chosen.seed ?? seed },
    maxTokens,
    stop,
    samples: 1,
    weights: 'float32',
  };
}

/** Another one in each round, so that each has its own draw: the golden ratio's multiples spread over 32 bits. */
export function seedOf(seed: number, round: number): number {
  return (seed + Math.imul(round, 0x9e3779b9)) >>> 0;
}
